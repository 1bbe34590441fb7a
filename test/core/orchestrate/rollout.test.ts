import { describe, expect, test } from "vitest";
import { seconds } from "../../../core/base/time.ts";
import type { Node } from "../../../core/model/node.ts";
import type { Task } from "../../../core/model/task.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { reconcile } from "../../../core/orchestrate/orchestrate.ts";
import { moment, noDelay, node, type ServiceTraits, service, task } from "../../support/model.ts";
import { Planning } from "../../support/planning.ts";
import { transact, update } from "../../support/store.ts";
import {
  bad,
  deployed,
  images,
  nextSpec,
  standing,
  until,
  updating,
} from "../../support/updating.ts";

// Goal: a changed spec reaches all slots, a few at a time, and never takes a service down with it.

/** Plans once: the slots that are begun now. */
function begun(planning: Planning): number[] {
  const { transactions } = reconcile(planning.context, "web");
  return transactions.flatMap(({ changes }) =>
    changes.flatMap((change) => {
      const isNew = change.kind === "create" && change.object.kind === "task";
      return isNew ? [(change.object as Task).slot] : [];
    }),
  );
}

/** The update is taken up, and nothing is begun yet. */
function takenUp(traits: ServiceTraits): Planning {
  const planning = updating(traits);
  planning.commit(reconcile(planning.context, "web").transactions);
  return planning;
}

/** A start-first update whose first task is lost with its node before it runs. */
function lostBesideOld(): { planning: Planning; lost: Task } {
  const planning = takenUp({ replicas: 2, update: { order: "start-first", parallelism: 1 } });
  planning.holds = ({ specVersion }) => specVersion === 2;
  planning.settle();
  const [lost] = planning.tasks().filter(({ isUpdate }) => isUpdate) as [Task];
  const home = planning.store.nodes.get(lost.nodeId as string) as Node;
  const isDown = { state: "down", message: "", downSince: moment(0) } as const;
  planning.commit([transact(update({ ...home, status: isDown }))]);
  return { planning, lost };
}

function wanted(planning: Planning): Task[] {
  return planning.tasks().filter((task) => task.desiredState <= TaskState.RUNNING);
}

describe("an update", () => {
  test.each(["stop-first", "start-first"] as const)(
    "brings every slot to the new spec, %s",
    (order) => {
      const planning = updating({ replicas: 5, update: { order } }).settle();
      expect(images(planning)).toEqual([0, 5, 0]);
      expect(new Set(planning.running().map(({ slot }) => slot)).size).toBe(5);
      expect(planning.running().every(({ isUpdate }) => isUpdate)).toBe(true);
    },
  );

  test("begins no more slots at once than its parallelism", () => {
    expect(begun(takenUp({ replicas: 5, update: { parallelism: 1 } }))).toEqual([1]);
    expect(begun(takenUp({ replicas: 5, update: { parallelism: 2 } }))).toEqual([1, 2]);
    expect(begun(takenUp({ replicas: 3, update: { parallelism: 9 } }))).toEqual([1, 2, 3]);
  });

  test("of parallelism 0 begins all slots at once", () => {
    expect(begun(takenUp({ replicas: 5, update: { parallelism: 0 } }))).toEqual([1, 2, 3, 4, 5]);
  });

  test("has no more slots in flight than its parallelism while tasks do not stop", () => {
    const planning = updating({ replicas: 5, update: { parallelism: 2 } });
    planning.stops = () => false;
    planning.settle();
    const parked = planning.tasks().filter((t) => t.desiredState === TaskState.READY);
    expect(parked.map(({ slot }) => slot)).toEqual([1, 2]);
  });

  test("begins with the slots that do not run", () => {
    const planning = deployed({ replicas: 3, restart: { delay: seconds(60) } });
    planning.report(planning.running()[2] as Task, "FAILED").settle();
    planning.change("web", nextSpec);
    planning.commit(reconcile(planning.context, "web").transactions);
    expect(begun(planning)).toEqual([3]);
  });

  test("lets each slot rest for its delay before the next takes its turn", () => {
    const planning = updating({ replicas: 3, update: { parallelism: 1, delay: seconds(10) } });
    expect(images(planning.at(100))).toEqual([2, 1, 0]);
    expect(reconcile(planning.context, "web").wakeAt).toBe(seconds(110));
    expect(images(planning.at(109))).toEqual([2, 1, 0]);
    expect(images(planning.at(110))).toEqual([1, 2, 0]);
    expect(images(planning.at(120))).toEqual([0, 3, 0]);
    expect(reconcile(planning.context, "web").wakeAt).toBe(seconds(125));
    expect(reconcile(planning.at(125).context, "web").wakeAt).toBeNull();
  });

  test("counts the delay from when the slot ran, each slot by itself", () => {
    const planning = updating({ replicas: 4, update: { parallelism: 2, delay: seconds(10) } });
    let slow = true;
    planning.stops = ({ slot }) => slot !== 2 || !slow;
    expect(images(planning.at(100))).toEqual([3, 1, 0]);
    slow = false;
    expect(images(planning.at(105))).toEqual([2, 2, 0]);
    expect(images(planning.at(110))).toEqual([1, 3, 0]);
    expect(images(planning.at(114))).toEqual([1, 3, 0]);
    expect(images(planning.at(115))).toEqual([0, 4, 0]);
  });

  test("that is overtaken by another goes to the newest spec", () => {
    const planning = updating({ replicas: 4, update: { parallelism: 1, delay: seconds(10) } });
    until(planning.at(100).change("web", nextSpec), 150);
    expect(images(planning)).toEqual([0, 0, 4]);
  });

  test("of nothing but the replicas or the update itself replaces no task", () => {
    const planning = deployed({ replicas: 3 });
    const before = planning.running().map(({ id }) => id);
    planning.change("web", (web) => ({
      ...web,
      spec: { ...web.spec, update: { ...web.spec.update, parallelism: 3 } },
    }));
    const after = planning.settle().running();
    expect(after.map(({ id }) => id)).toEqual(before);
  });

  test("goes on with the other slots while one restarts", () => {
    const planning = updating({
      replicas: 3,
      restart: { delay: seconds(60) },
      update: { failureAction: "continue" },
    });
    planning.starts = ({ slot, spec }) => slot !== 1 || spec.container.image === "web:1";
    expect(images(planning.settle())).toEqual([0, 2, 0]);
    expect(wanted(planning).find(({ slot }) => slot === 1)?.desiredState).toBe(TaskState.READY);
  });

  test("leaves slots alone that it finds on the new spec", () => {
    const planning = deployed({ replicas: 3 });
    const [first] = planning.running();
    planning.change("web", nextSpec).change("web", (web) => ({
      ...web,
      spec: web.previousSpec ?? web.spec,
      specVersion: web.specVersion + 1,
    }));
    expect(planning.settle().running()[0]?.id).toBe(first?.id);
    expect(planning.store.services.get("web")?.updateStatus).toBeNull();
  });
});

describe("stop-first", () => {
  test("starts the new task only when the old one has stopped", () => {
    const planning = updating({ replicas: 1 });
    planning.stops = () => false;
    planning.settle();
    expect(planning.tasks().map((t) => t.desiredState)).toEqual([
      TaskState.SHUTDOWN,
      TaskState.READY,
    ]);
    expect(images(planning)).toEqual([1, 0, 0]);
    planning.stops = () => true;
    expect(images(planning.settle())).toEqual([0, 1, 0]);
  });
});

describe("start-first", () => {
  test("stops the old task only when the new one runs", () => {
    const planning = updating({
      replicas: 2,
      update: { order: "start-first", failureAction: "continue" },
    });
    bad(planning).settle();
    expect(images(planning)).toEqual([2, 0, 0]);
    planning.starts = () => true;
    planning.at(5).at(10);
    expect(images(planning)).toEqual([0, 2, 0]);
  });

  test("holds its place in the update while what its node has lost is tried again", () => {
    const { planning, lost } = lostBesideOld();
    until(planning, 20);
    const tried = planning.tasks().filter(({ specVersion }) => specVersion === 2);
    expect(new Set(tried.map(({ slot }) => slot))).toEqual(new Set([lost.slot]));
    planning.holds = () => false;
    const versions = wanted(until(planning, 60)).map(({ specVersion }) => specVersion);
    expect(versions).toEqual([2, 2]);
  });

  test("is judged by what takes the place of a task that its node has lost", () => {
    const { planning } = lostBesideOld();
    planning.holds = () => false;
    until(bad(planning), 30);
    expect(standing(planning)).toBe(
      "paused: update paused due to failure or early termination of task X",
    );
    expect(planning.tasks().filter(({ isUpdate }) => isUpdate)).toHaveLength(2);
  });

  test("keeps the old task wanted until then", () => {
    const planning = takenUp({ replicas: 1, update: { order: "start-first" } });
    const [old] = planning.running();
    planning.commit(reconcile(planning.context, "web").transactions);
    expect(planning.store.tasks.get(old?.id ?? "")?.desiredState).toBe(TaskState.RUNNING);
    expect(planning.tasks()).toHaveLength(2);
  });
});

describe("a restart during an update", () => {
  test("of an old task brings the new spec to its slot", () => {
    const planning = updating({ replicas: 3, update: { delay: seconds(100) }, restart: noDelay });
    planning.at(10);
    expect(images(planning)).toEqual([2, 1, 0]);
    const old = planning.running().find(({ specVersion }) => specVersion === 1) as Task;
    planning.report(old, "FAILED").at(11);
    expect(images(planning)).toEqual([1, 2, 0]);
    expect(planning.running().map(({ slot }) => slot)).toEqual([1, 2, 3]);
  });

  test("never leaves two wanted tasks in a slot for good", () => {
    for (const order of ["stop-first", "start-first"] as const) {
      const planning = updating({
        replicas: 3,
        update: { order, parallelism: 2, failureAction: "continue" },
        restart: { delay: seconds(1) },
      });
      planning.starts = ({ slot }) => slot !== 2;
      planning.at(1).at(2);
      planning.starts = () => true;
      planning.at(3).at(4).at(5);
      expect(wanted(planning).map(({ slot }) => slot)).toEqual([1, 2, 3]);
      expect(images(planning)).toEqual([0, 3, 0]);
    }
  });
});

describe("a paused update in a slot with two tasks", () => {
  const paused = (): Planning => {
    const planning = updating({
      replicas: 2,
      restart: { delay: seconds(60) },
      update: { order: "start-first", parallelism: 2 },
    });
    planning.starts = ({ slot, spec }) => slot !== 1 || spec.container.image === "web:1";
    return planning;
  };

  test("does not start another new one beside the old one", () => {
    const planning = until(paused(), 300);
    expect(images(planning)).toEqual([1, 1, 0]);
    expect(wanted(planning).map(({ slot }) => slot)).toEqual([1, 2]);
    // One came with the failure itself, before the update was paused for it.
    const tried = planning
      .tasks()
      .filter(({ slot, specVersion }) => slot === 1 && specVersion === 2);
    expect(tried).toHaveLength(2);
  });

  test("hands over to a new one that outlives the monitor period, and to no other", () => {
    const planning = paused();
    planning.commit(reconcile(planning.context, "web").transactions);
    planning.settle();
    expect(planning.store.services.get("web")?.updateStatus?.state).toBe("paused");
    const two = (): Task[] => planning.running().filter(({ slot }) => slot === 2);
    expect(two()).toHaveLength(2);
    expect(reconcile(planning.context, "web").wakeAt).toBe(seconds(5));
    until(planning, 4);
    expect(two()).toHaveLength(2);
    planning.at(5);
    expect(two().map(({ spec }) => spec.container.image)).toEqual(["web:2"]);
  });

  test("keeps the newer of two that neither is as the spec asks for", () => {
    const update = { order: "start-first" } as const;
    const web = service("web", { image: "web:3", specVersion: 3, update });
    const paused = { state: "paused", startedAt: moment(0), completedAt: null } as const;
    const planning = new Planning(
      { ...web, updateStatus: { ...paused, message: "update paused", slots: 1 } },
      node("n1"),
      node("n2"),
      task("t1", { node: "n1", image: "web:1", specVersion: 1, createdAt: 1, update }),
      task("t2", { node: "n2", image: "web:2", specVersion: 2, createdAt: 2, update }),
    );
    expect(
      planning
        .at(1)
        .running()
        .map(({ id }) => id),
    ).toEqual(["t2"]);
  });
});
