import { describe, expect, test } from "vitest";
import { seconds } from "../../../core/base/time.ts";
import type { StoreObject } from "../../../core/model/change.ts";
import type { Service } from "../../../core/model/service.ts";
import type { Task } from "../../../core/model/task.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { reconcile } from "../../../core/orchestrate/orchestrate.ts";
import { noDelay, node, type ServiceTraits, service } from "../../support/model.ts";
import { Planning } from "../../support/planning.ts";

// Goal: a changed spec reaches all slots, a few at a time, and never takes a service down with it.

const nodes: StoreObject[] = ["n1", "n2", "n3"].map((id) => node(id));

/** A service that runs its first spec, and a second one that is just wanted. */
function updating(traits: ServiceTraits): Planning {
  const planning = new Planning(...nodes, service("web", traits)).settle();
  return planning.change("web", nextSpec);
}

function nextSpec(web: Service): Service {
  const specVersion = web.specVersion + 1;
  const { task } = web.spec;
  const container = { ...task.container, image: `web:${specVersion}` };
  return { ...web, specVersion, spec: { ...web.spec, task: { ...task, container } } };
}

/** How many tasks of each version run. */
function versions(planning: Planning): number[] {
  const running = planning.running();
  return [1, 2, 3].map((version) => running.filter((t) => t.specVersion === version).length);
}

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

describe("an update", () => {
  test.each(["stop-first", "start-first"] as const)(
    "brings every slot to the new spec, %s",
    (order) => {
      const planning = updating({ replicas: 5, update: { order } }).settle();
      expect(versions(planning)).toEqual([0, 5, 0]);
      expect(new Set(planning.running().map(({ slot }) => slot)).size).toBe(5);
    },
  );

  test("begins no more slots at once than its parallelism", () => {
    expect(begun(updating({ replicas: 5, update: { parallelism: 1 } }))).toEqual([1]);
    expect(begun(updating({ replicas: 5, update: { parallelism: 2 } }))).toEqual([1, 2]);
    expect(begun(updating({ replicas: 3, update: { parallelism: 9 } }))).toEqual([1, 2, 3]);
  });

  test("of parallelism 0 begins all slots at once", () => {
    expect(begun(updating({ replicas: 5, update: { parallelism: 0 } }))).toEqual([1, 2, 3, 4, 5]);
  });

  test("has no more slots in flight than its parallelism while tasks do not stop", () => {
    const planning = updating({ replicas: 5, update: { parallelism: 2 } });
    planning.stops = () => false;
    planning.settle();
    const parked = planning.tasks().filter((t) => t.desiredState === TaskState.READY);
    expect(parked.map(({ slot }) => slot)).toEqual([1, 2]);
  });

  test("begins with the slots that do not run", () => {
    const planning = updating({ replicas: 3, update: { parallelism: 1 }, restart: noDelay });
    const broken = planning.running()[2] as Task;
    planning.report(broken, "FAILED");
    expect(begun(planning)).toContain(3);
  });

  test("pauses for its delay after each slot that is done", () => {
    const planning = updating({ replicas: 3, update: { parallelism: 1, delay: seconds(10) } });
    expect(versions(planning.at(100))).toEqual([2, 1, 0]);
    expect(reconcile(planning.context, "web").wakeAt).toBe(seconds(110));
    expect(versions(planning.at(109))).toEqual([2, 1, 0]);
    expect(versions(planning.at(110))).toEqual([1, 2, 0]);
    expect(versions(planning.at(120))).toEqual([0, 3, 0]);
    expect(reconcile(planning.context, "web").wakeAt).toBeNull();
  });

  test("that is overtaken by another goes to the newest spec", () => {
    const planning = updating({ replicas: 4, update: { parallelism: 1, delay: seconds(10) } });
    planning.at(100).change("web", nextSpec);
    for (const second of [110, 120, 130, 140, 150]) planning.at(second);
    expect(versions(planning)).toEqual([0, 0, 4]);
  });

  test("of nothing but the replicas or the update itself replaces no task", () => {
    const planning = new Planning(...nodes, service("web", { replicas: 3 })).settle();
    const before = planning.running().map(({ id }) => id);
    planning.change("web", (web) => ({
      ...web,
      spec: { ...web.spec, update: { ...web.spec.update, parallelism: 3 } },
    }));
    expect(
      planning
        .settle()
        .running()
        .map(({ id }) => id),
    ).toEqual(before);
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
    expect(versions(planning)).toEqual([1, 0, 0]);
    planning.stops = () => true;
    expect(versions(planning.settle())).toEqual([0, 1, 0]);
  });
});

describe("start-first", () => {
  test("stops the old task only when the new one runs", () => {
    const planning = updating({ replicas: 2, update: { order: "start-first" } });
    planning.starts = () => false;
    planning.settle();
    expect(versions(planning)).toEqual([2, 0, 0]);
    planning.starts = () => true;
    planning.at(5).at(10);
    expect(versions(planning)).toEqual([0, 2, 0]);
  });

  test("keeps the old task wanted until then", () => {
    const planning = updating({ replicas: 1, update: { order: "start-first" } });
    const [old] = planning.running();
    planning.commit(reconcile(planning.context, "web").transactions);
    expect(planning.store.tasks.get(old?.id ?? "")?.desiredState).toBe(TaskState.RUNNING);
    expect(planning.tasks()).toHaveLength(2);
  });
});

describe("an update that fails", () => {
  const failing = (traits: ServiceTraits): Planning => {
    const planning = updating({ replicas: 4, ...traits });
    planning.starts = ({ specVersion }) => specVersion !== 2;
    for (let second = 1; second <= 40; second += 1) planning.at(second);
    return planning;
  };

  test.each(["stop-first", "start-first"] as const)(
    "stops by itself, and the other slots go on serving, %s",
    (order) => {
      const planning = failing({ update: { order } });
      expect(versions(planning)).toEqual([order === "stop-first" ? 3 : 4, 0, 0]);
      const tried = planning.tasks().filter(({ specVersion }) => specVersion === 2);
      expect(new Set(tried.map(({ slot }) => slot))).toEqual(new Set([1]));
    },
  );

  test.each([{ maxAttempts: 2, delay: seconds(1) }, { condition: "none" as const }])(
    "stops by itself also when its tasks are given up: %j",
    (restart) => {
      expect(versions(failing({ restart }))).toEqual([3, 0, 0]);
      expect(versions(failing({ restart, update: { order: "start-first" } }))).toEqual([4, 0, 0]);
    },
  );

  test("is mended by the next one", () => {
    for (const restart of [
      { delay: seconds(1) },
      { condition: "none" as const },
      { maxAttempts: 1 },
    ]) {
      const planning = failing({ restart }).change("web", nextSpec);
      for (let second = 41; second <= 80; second += 1) planning.at(second);
      expect(versions(planning)).toEqual([0, 0, 4]);
    }
  });
});

describe("a restart during an update", () => {
  test("of an old task brings the new spec to its slot", () => {
    const planning = updating({ replicas: 3, update: { delay: seconds(100) }, restart: noDelay });
    planning.at(10);
    expect(versions(planning)).toEqual([2, 1, 0]);
    const old = planning.running().find(({ specVersion }) => specVersion === 1) as Task;
    planning.report(old, "FAILED").at(11);
    expect(versions(planning)).toEqual([1, 2, 0]);
    expect(planning.running().map(({ slot }) => slot)).toEqual([1, 2, 3]);
  });

  test("never leaves two wanted tasks in a slot for good", () => {
    for (const order of ["stop-first", "start-first"] as const) {
      const planning = updating({
        replicas: 3,
        update: { order, parallelism: 2 },
        restart: { delay: seconds(1) },
      });
      planning.starts = ({ slot }) => slot !== 2;
      planning.at(1).at(2);
      planning.starts = () => true;
      planning.at(3).at(4).at(5);
      const wanted = planning.tasks().filter((t) => t.desiredState <= TaskState.RUNNING);
      expect(wanted.map(({ slot }) => slot)).toEqual([1, 2, 3]);
      expect(versions(planning)).toEqual([0, 3, 0]);
    }
  });
});
