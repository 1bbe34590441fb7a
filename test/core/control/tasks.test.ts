import { describe, expect, test } from "vitest";
import { removeTask } from "../../../core/control/tasks.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { noDelay, node, service, type TaskTraits, task } from "../../support/model.ts";
import { Planning } from "../../support/planning.ts";
import { storeOf } from "../../support/store.ts";

// Goal: a task that a user removes is forgotten, and its service has all that it wants again.

/** What is asked to be removed with `id`, of one slot of a service or of a job; or the refusal. */
function removed(id: string, slot: Readonly<Record<string, TaskTraits>>, isJob = false) {
  const tasks = Object.entries(slot).map(([name, traits]) => task(name, traits));
  const mode = { kind: "replicated-job", totalCompletions: 2, maxConcurrent: 1 } as const;
  const web = service("web", isJob ? { mode } : { replicas: 1 });
  const decided = removeTask(storeOf(web, ...tasks), id);
  if ("code" in decided) return `${decided.code}: ${decided.message}`;
  return decided.changes.map((change) => change.kind === "update" && change.object.id);
}

const ended = (createdAt: number): TaskTraits => ({
  state: "FAILED",
  desired: "SHUTDOWN",
  createdAt,
});

describe("removeTask()", () => {
  test("has the whole slot go with its last task, and what has ended before alone", () => {
    const slot = { t1: ended(1), t2: ended(2), t3: { createdAt: 3 } };
    expect(removed("t3", slot)).toEqual(["t1", "t2", "t3"]);
    expect(removed("t2", slot)).toEqual(["t2"]);
    expect(removed("t2", { t1: ended(1), t2: ended(2) })).toEqual(["t1", "t2"]);
    expect(removed("t1", { t1: ended(1), t2: ended(2) })).toEqual(["t1"]);
    expect(removed("t2", { t1: ended(1), t2: ended(2), t3: ended(3) })).toEqual(["t2"]);
  });

  test("leaves alone what an update has beside the task", () => {
    const slot = { old: { createdAt: 1 }, next: { createdAt: 2, state: "STARTING" as const } };
    expect(removed("next", slot)).toEqual(["next"]);
    expect(removed("old", slot)).toEqual(["old"]);
  });

  test("is refused of what says that a job's slot is done", () => {
    const done: TaskTraits = { state: "COMPLETE", desired: "COMPLETE", job: 0 };
    expect(removed("t1", { t1: done }, true)).toBe(
      "FailedPrecondition: task web.1 has completed, which the cluster must know: " +
        "remove its job, or have it run anew",
    );
    const slot = { t1: { ...done, createdAt: 1 }, t2: { ...ended(2), job: 0 } };
    expect(removed("t2", slot, true)).toEqual(["t2"]);
    const late = { ...slot, t1: { ...slot.t1, desired: "SHUTDOWN" } } as const;
    expect(removed("t2", late, true)).toEqual(["t2"]);
    expect(removed("t1", { t1: { ...ended(1), job: 0 } }, true)).toEqual(["t1"]);
  });
});

/** A slot whose first task has failed, and whose second is removed while it runs. */
function refilled(restart = noDelay): Planning {
  const nodes = ["n1", "n2"].map((id) => node(id));
  const planning = new Planning(...nodes, service("web", { replicas: 2, restart })).settle();
  planning.report(planning.running()[0] as ReturnType<typeof task>, "FAILED", 1).settle();
  const second = planning.running().find(({ slot }) => slot === 1) as ReturnType<typeof task>;
  const decided = removeTask(planning.store, second.id);
  if ("code" in decided) throw new Error(decided.message);
  planning.commit([{ actor: "control", changes: decided.changes, request: null, result: "" }]);
  return planning;
}

test("a service fills the slot of a task that was removed, whatever was tried there before", () => {
  const planning = refilled();
  expect(
    planning.tasks().filter(({ desiredState }) => desiredState >= TaskState.REMOVE),
  ).toHaveLength(2);
  planning.settle();
  expect(planning.running()).toHaveLength(2);
  expect(planning.tasks()).toHaveLength(2);
});

test("the slot of a removed task that does not stop is filled all the same, after a minute", () => {
  const planning = refilled();
  planning.stops = () => false;
  planning.settle();
  expect(planning.running()).toHaveLength(2);
  planning.at(60);
  expect(planning.running().map(({ slot }) => slot)).toEqual([1, 1, 2]);
});
