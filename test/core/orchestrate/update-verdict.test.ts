import { describe, expect, test } from "vitest";
import { ms, seconds } from "../../../core/base/time.ts";
import type { Node } from "../../../core/model/node.ts";
import type { Service } from "../../../core/model/service.ts";
import type { Task } from "../../../core/model/task.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import type { UpdateConfig } from "../../../core/model/update-config.ts";
import { reconcile } from "../../../core/orchestrate/orchestrate.ts";
import { moment, resources, service } from "../../support/model.ts";
import type { Planning } from "../../support/planning.ts";
import { create, transact, update } from "../../support/store.ts";
import {
  bad,
  deployed,
  images,
  nextSpec,
  standing,
  until,
  updating,
} from "../../support/updating.ts";

// Goal: an update says how it stands in SwarmKit's words, and ends, pauses or goes back as asked.

const web = (planning: Planning): Service => planning.store.services.get("web") as Service;

function failing(config: Partial<UpdateConfig>, replicas = 4): Planning {
  const planning = updating({ replicas, update: config, restart: { delay: seconds(60) } });
  return until(bad(planning), 30);
}

describe("an update that goes well", () => {
  test("is in progress, and completed one monitor period after its last slot", () => {
    const planning = updating({ replicas: 3, update: { monitor: seconds(7) } }).at(10);
    expect(standing(planning)).toBe("updating: update in progress");
    expect(web(planning).updateStatus).toMatchObject({ startedAt: moment(10), slots: 3 });
    expect(standing(planning.at(16))).toBe("updating: update in progress");
    expect(standing(planning.at(17))).toBe("completed: update completed");
    expect(web(planning).updateStatus?.completedAt).toBe(moment(17));
    expect(web(planning).previousSpec).not.toBeNull();
  });

  test("waits for its monitor period also when the delay is longer", () => {
    const config = { delay: seconds(20), monitor: seconds(5) };
    const planning = updating({ replicas: 1, update: config }).at(10);
    expect(standing(planning.at(14))).toBe("updating: update in progress");
    expect(standing(planning.at(15))).toBe("completed: update completed");
  });

  test("says nothing where no task is to be replaced", () => {
    expect(standing(deployed({ replicas: 3 }))).toBe("none");
  });
});

describe("a task that fails", () => {
  test("pauses the update, which begins nothing more", () => {
    const planning = failing({ failureAction: "pause" });
    expect(standing(planning)).toBe(
      "paused: update paused due to failure or early termination of task X",
    );
    expect(images(until(planning, 50))).toEqual([3, 0, 0]);
    const failed = planning.tasks().find(({ status }) => status.state === TaskState.FAILED);
    expect(web(planning).updateStatus?.message).toContain(failed?.id);
  });

  test("has no consequence with failure action continue", () => {
    const planning = failing({ failureAction: "continue" });
    expect(images(planning)).toEqual([0, 0, 0]);
    expect(standing(planning)).toBe("completed: update completed");
  });

  test("counts while it ends within the monitor period, and not after", () => {
    for (const [second, state] of [
      [14, "paused"],
      [15, "completed"],
    ] as const) {
      const planning = updating({ replicas: 1 }).at(10);
      until(planning, second);
      planning.report(planning.running()[0] as Task, "FAILED").settle();
      expect(web(planning).updateStatus?.state).toBe(state);
    }
  });

  test.each(["COMPLETE", "REJECTED", "FAILED"] as const)("counts when it is %s", (state) => {
    const planning = updating({ replicas: 1 }).at(10);
    planning.report(planning.running()[0] as Task, state).settle();
    expect(web(planning).updateStatus?.state).toBe("paused");
  });

  test("does not count when it was lost with its node, or asked to stop", () => {
    for (const state of ["ORPHANED", "SHUTDOWN"] as const) {
      const planning = updating({ replicas: 1 }).at(10);
      planning.report(planning.running()[0] as Task, state).settle();
      expect(standing(until(planning, 60))).toBe("completed: update completed");
    }
    const planning = updating({ replicas: 1 }).at(10);
    const task = planning.running()[0] as Task;
    const failed = { ...task.status, state: TaskState.FAILED, appliedAt: moment(11) };
    planning.commit([transact(update({ ...task, status: { ...failed, isLost: true } }))]);
    expect(standing(until(planning, 60))).toBe("completed: update completed");
  });

  test("does not count when its node goes down before it ran", () => {
    const planning = updating({ replicas: 1 });
    planning.starts = () => true;
    planning.stops = () => false;
    planning.settle();
    const parked = planning.tasks().find(({ isUpdate }) => isUpdate) as Task;
    const node = planning.store.nodes.get(parked.nodeId ?? "") as Node;
    const down: Node = { ...node, status: { state: "down", message: "", downSince: moment(0) } };
    planning.commit([transact(update(down))]);
    planning.stops = () => true;
    expect(standing(until(planning, 90))).toBe("completed: update completed");
    expect(images(planning)[1]).toBe(1);
  });

  test("counts against the share of the slots that may fail", () => {
    const ratio = { parallelism: 1, monitor: seconds(1), failureAction: "pause" } as const;
    const bySlot = (last: number, ppm: number): string => {
      const planning = updating({
        replicas: 4,
        restart: { delay: seconds(60) },
        update: { ...ratio, maxFailureRatioPpm: ppm },
      });
      planning.starts = ({ slot, spec }) => slot > last || spec.container.image !== "web:2";
      return web(until(planning, 30)).updateStatus?.state ?? "none";
    };
    expect(bySlot(1, 250_000)).toBe("completed");
    expect(bySlot(2, 250_000)).toBe("paused");
    expect(bySlot(2, 500_000)).toBe("completed");
    expect(bySlot(4, 1_000_000)).toBe("completed");
    expect(bySlot(1, 249_999)).toBe("paused");
  });

  test("counts once, however often its slot is tried again", () => {
    const planning = updating({
      replicas: 4,
      restart: { delay: ms(500) },
      update: { maxFailureRatioPpm: 300_000, delay: seconds(9) },
    });
    planning.starts = ({ slot, spec }) => slot !== 1 || spec.container.image !== "web:2";
    until(planning, 60);
    expect(standing(planning)).toBe("completed: update completed");
    expect(planning.tasks().filter(({ slot }) => slot === 1).length).toBeGreaterThan(3);
  });

  test("is still counted when the history is too short for it", () => {
    const planning = updating({
      replicas: 4,
      restart: { delay: seconds(1) },
      update: { maxFailureRatioPpm: 300_000, delay: seconds(30) },
    });
    planning.starts = ({ slot, spec }) =>
      (slot !== 1 && slot !== 4) || spec.container.image !== "web:2";
    until(planning, 80);
    expect(web(planning).updateStatus?.state).toBe("updating");
    until(planning, 100);
    expect(web(planning).updateStatus?.state).toBe("paused");
  });
});

describe("a paused update", () => {
  test("is taken up by the next change of the service", () => {
    const planning = failing({ failureAction: "pause" }).change("web", nextSpec);
    expect(standing(planning)).toBe("none");
    until(planning, 60);
    expect(standing(planning)).toBe("completed: update completed");
    expect(images(planning)).toEqual([0, 0, 4]);
  });

  test("that is taken up with the same spec does not count the old failures", () => {
    const planning = failing({ failureAction: "pause" });
    planning.starts = () => true;
    planning.change("web", (service) => ({ ...service, updateStatus: null }));
    until(planning, 130);
    expect(images(planning)).toEqual([0, 4, 0]);
    expect(standing(planning)).toBe("completed: update completed");
  });
});

describe("failure action rollback", () => {
  test("brings the previous spec back, says why, and uses it up", () => {
    const planning = failing({ failureAction: "rollback" });
    expect(images(planning)).toEqual([4, 0, 0]);
    expect(standing(planning)).toBe("rollback_completed: rollback completed");
    expect(web(planning)).toMatchObject({ previousSpec: null, specVersion: 3 });
    expect(web(planning).spec.task.container.image).toBe("web:1");
  });

  test("says in between what it goes back for", () => {
    const planning = updating({ replicas: 4, update: { failureAction: "rollback" } });
    bad(planning).at(1);
    expect(standing(planning)).toBe(
      "rollback_started: update rolled back due to failure or early termination of task X",
    );
    expect(web(planning).updateStatus).toMatchObject({ slots: 1 });
  });

  test.each(["stop-first", "start-first"] as const)(
    "touches no task that runs what it goes back to, %s",
    (order) => {
      const planning = updating({ replicas: 4, update: { failureAction: "rollback", order } });
      const before = planning.running().map(({ id }) => id);
      until(bad(planning), 30);
      const kept = planning.running().filter(({ id }) => before.includes(id));
      expect(images(planning)).toEqual([4, 0, 0]);
      expect(kept).toHaveLength(order === "stop-first" ? 3 : 4);
    },
  );

  test("stops the new task and keeps the old one where both run", () => {
    const planning = updating({
      replicas: 2,
      update: { failureAction: "rollback", order: "start-first", parallelism: 2 },
    });
    planning.starts = ({ slot, spec }) => slot !== 1 || spec.container.image === "web:1";
    const before = planning.running().map(({ id }) => id);
    until(planning, 30);
    expect(planning.running().map(({ id }) => id)).toEqual(before);
  });

  test("follows the configuration for rollbacks", () => {
    const planning = updating({
      replicas: 3,
      restart: { delay: seconds(60) },
      update: { failureAction: "rollback", parallelism: 0 },
      rollback: { parallelism: 1, delay: seconds(10), monitor: seconds(2) },
    });
    until(bad(planning), 9);
    expect(images(planning)).toEqual([1, 0, 0]);
    expect(images(until(planning, 11))).toEqual([2, 0, 0]);
    expect(images(until(planning, 21))).toEqual([3, 0, 0]);
    expect(standing(planning)).toMatch(/^rollback_started/);
    expect(standing(until(planning, 23))).toBe("rollback_completed: rollback completed");
  });

  test("never rolls a rollback back: it pauses, and stays so", () => {
    const planning = updating({
      replicas: 3,
      restart: { delay: seconds(90) },
      update: { failureAction: "rollback" },
      rollback: { failureAction: "rollback" },
    });
    planning.starts = () => false;
    until(planning, 40);
    const message = "rollback paused due to failure or early termination of task X";
    expect(standing(planning)).toBe(`rollback_paused: ${message}`);
    expect(standing(until(planning, 80))).toBe(`rollback_paused: ${message}`);
    expect(images(planning)).toEqual([2, 0, 0]);
  });

  test("pauses where there is nothing to go back to", () => {
    const planning = updating({ replicas: 2, update: { failureAction: "rollback" } });
    planning.change("web", (service) => ({ ...service, previousSpec: null }));
    until(bad(planning), 20);
    expect(standing(planning)).toBe(
      "paused: update paused due to failure or early termination of task X; " +
        "there is no previous spec to roll back to",
    );
  });

  test("pauses where a network of the earlier spec is gone by now", () => {
    const planning = updating({ replicas: 2, update: { failureAction: "rollback" } });
    const networks = [{ target: "back", aliases: [] }];
    planning.change("web", (web) => ({
      ...web,
      previousSpec: { ...web.spec, task: { ...web.spec.task, networks } },
    }));
    until(bad(planning), 20);
    expect(standing(planning)).toContain("; network back is gone by now");
  });

  test("pauses where a volume of the earlier spec is gone by now", () => {
    const mounts = [{ kind: "cluster", source: "data", target: "/data", readOnly: false }] as const;
    const planning = updating({ replicas: 2, update: { failureAction: "rollback" } });
    planning.change("web", (web) => {
      const { task } = web.spec;
      const container = { ...task.container, mounts };
      return { ...web, previousSpec: { ...web.spec, task: { ...task, container } } };
    });
    until(bad(planning), 20);
    expect(standing(planning)).toContain("; volume data is gone by now");
  });

  test("pauses where another service has a port of the earlier spec by now", () => {
    const port = { name: "", protocol: "tcp", targetPort: 80, publishMode: "ingress" } as const;
    const ports = [{ ...port, publishedPort: 8080 }];
    const planning = updating({ replicas: 2, update: { failureAction: "rollback" } });
    planning.change("web", (web) => ({
      ...web,
      previousSpec: { ...web.spec, endpoint: { mode: "vip", ports } },
    }));
    planning.commit([transact(create(service("other", { ports })))]);
    until(bad(planning), 20);
    expect(standing(planning)).toBe(
      "paused: update paused due to failure or early termination of task X; " +
        "port 8080 of the previous spec is in use by now",
    );
  });
});

describe("the progress deadline", () => {
  const unplaceable = (progressDeadline: number): Planning =>
    deployed({
      replicas: 2,
      update: { progressDeadline: seconds(progressDeadline), order: "start-first" },
    }).change("web", (service) => {
      const next = nextSpec(service);
      const task = { ...next.spec.task, reservations: resources(64, 64) };
      return { ...next, spec: { ...next.spec, task } };
    });

  test("pauses an update that can't get on, and says what it hangs on", () => {
    const planning = until(unplaceable(30), 30);
    expect(standing(planning)).toBe("updating: update in progress");
    expect(reconcile(planning.context, "web").wakeAt).toBe(moment(31));
    until(planning, 31);
    expect(standing(planning)).toBe(
      "paused: update paused since no slot got on for 30 s; " +
        "task X: no suitable node (insufficient resources on 3 nodes)",
    );
    expect(images(planning)).toEqual([2, 0, 0]);
  });

  test("of a rollback is counted from when it begins, which may be late", () => {
    const planning = deployed({ replicas: 2, rollback: { progressDeadline: seconds(30) } });
    const message = "manually requested rollback";
    const startedAt = moment(0);
    const asked = { state: "rollback_started", startedAt, completedAt: null, message } as const;
    planning
      .at(100)
      .change("web", (now) => ({ ...nextSpec(now), updateStatus: { ...asked, slots: null } }));
    planning.starts = () => false;
    planning.holds = () => true;
    planning.settle();
    expect(web(planning).updateStatus).toMatchObject({ startedAt: moment(100), slots: 2 });
    expect(standing(until(planning, 129))).toMatch(/^rollback_started/);
    expect(standing(until(planning, 130))).toMatch(/^rollback_paused/);
  });

  test("of 0 never comes", () => {
    expect(standing(until(unplaceable(0), 100))).toBe("updating: update in progress");
  });

  test("does not count the rest between two slots", () => {
    const config = { progressDeadline: seconds(20), delay: seconds(50), parallelism: 1 };
    const planning = updating({ replicas: 2, update: config });
    expect(standing(until(planning, 60))).toBe("completed: update completed");
  });
});
