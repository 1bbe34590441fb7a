import { describe, expect, test } from "vitest";
import type { Node } from "../../../core/model/node.ts";
import type { Task } from "../../../core/model/task.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { noDelay, node, type ServiceTraits, service } from "../../support/model.ts";
import { Planning, setTo, turned } from "../../support/planning.ts";
import { remove, transact, update } from "../../support/store.ts";

// Goal: a job's tasks are run to their end, each slot once in an iteration, so many at a time.

const nodes = ["n1", "n2", "n3"].map((id) => node(id));

function replicated(total: number, atATime: number, traits: ServiceTraits = {}): Planning {
  const mode = { kind: "replicated-job", totalCompletions: total, maxConcurrent: atATime } as const;
  return new Planning(...nodes, service("web", { mode, restart: noDelay, ...traits })).settle();
}

function global(traits: ServiceTraits = {}): Planning {
  const mode = { kind: "global-job" } as const;
  return new Planning(...nodes, service("web", { mode, restart: noDelay, ...traits })).settle();
}

function slots(tasks: readonly Task[]): number[] {
  return tasks.map(({ slot }) => slot).sort((left, right) => left - right);
}

function done(planning: Planning): Task[] {
  return planning.tasks().filter(({ status }) => status.state === TaskState.COMPLETE);
}

/** What has completed is what it was to be: nobody asks it to stop. */
function isLeftAlone({ desiredState }: Task): boolean {
  return desiredState === TaskState.COMPLETE;
}

function finish(planning: Planning, task: Task | undefined): Planning {
  return planning.report(task as Task, "COMPLETE", 0).settle();
}

function again(planning: Planning): Planning {
  return planning
    .change("web", (web) => {
      const iteration = (web.job?.iteration ?? 0) + 1;
      return { ...web, specVersion: web.specVersion + 1, job: { ...web.job, iteration } as never };
    })
    .settle();
}

describe("a replicated job", () => {
  test("runs so many at a time until all have completed, each slot once", () => {
    const planning = replicated(5, 2);
    expect(slots(planning.running())).toEqual([1, 2]);
    expect(planning.running().map(({ desiredState }) => desiredState)).toEqual([
      TaskState.COMPLETE,
      TaskState.COMPLETE,
    ]);
    while (planning.running().length > 0) {
      expect(planning.running().length).toBeLessThanOrEqual(2);
      finish(planning, planning.running()[0]);
    }
    expect(slots(done(planning))).toEqual([1, 2, 3, 4, 5]);
    expect(planning.tasks()).toHaveLength(5);
    expect(planning.tasks().every(isLeftAlone)).toBe(true);
  });

  test("runs a task that failed again, though its policy says any", () => {
    const planning = replicated(1, 1);
    planning.report(planning.running()[0] as Task, "FAILED", 1).settle();
    expect(slots(planning.running())).toEqual([1]);
    finish(planning, planning.running()[0]);
    expect(planning.running()).toEqual([]);
    expect(planning.at(100).tasks()).toHaveLength(2);
  });

  test("gives a slot up after its attempts and goes on with the others", () => {
    const planning = replicated(2, 1, { restart: { ...noDelay, maxAttempts: 1 } });
    planning.starts = ({ slot }) => slot !== 1;
    planning.report(planning.running()[0] as Task, "FAILED", 1).settle();
    expect(slots(planning.running())).toEqual([2]);
    finish(planning, planning.running()[0]);
    expect([slots(done(planning)), planning.running()]).toEqual([[2], []]);
  });

  test("bounds the failed attempts of a slot by the history limit", () => {
    const planning = replicated(1, 1);
    for (let round = 0; round < 20; round += 1) {
      planning.report(planning.running()[0] as Task, "FAILED", 1).at(round + 1);
    }
    expect(planning.tasks()).toHaveLength(5);
  });

  test("runs again after an update, and keeps what was before up to the history limit", () => {
    const planning = replicated(2, 2);
    for (let run = 0; run < 7; run += 1) {
      expect(slots(planning.running())).toEqual([1, 2]);
      for (const task of planning.running()) finish(planning, task);
      expect(planning.at(run).running()).toEqual([]);
      again(planning);
    }
    const runs = planning.tasks().map(({ slot, jobIteration }) => `${slot}/${jobIteration}`);
    const kept = [3, 4, 5, 6, 7];
    const all = [...kept.map((run) => `1/${run}`), ...kept.map((run) => `2/${run}`)];
    expect(runs.sort()).toEqual(all);
    expect(slots(done(planning))).toEqual([1, 1, 1, 1, 2, 2, 2, 2]);
  });

  test("keeps what failed before an update, and does not run it again", () => {
    const planning = replicated(1, 1, { restart: { ...noDelay, delay: 5_000_000 as never } });
    planning.report(planning.running()[0] as Task, "FAILED", 1);
    again(planning);
    finish(planning.at(10), planning.running()[0]);
    const all = planning.tasks().map(({ jobIteration, status }) => [jobIteration, status.state]);
    expect(all.sort()).toEqual([
      [0, TaskState.FAILED],
      [1, TaskState.COMPLETE],
    ]);
    expect(planning.at(300).running()).toEqual([]);
  });

  test("starts nothing of a new iteration while as many of the last still run", () => {
    const planning = replicated(3, 2);
    planning.stops = ({ slot }) => slot !== 2;
    again(planning);
    const running = planning.running().map(({ slot, jobIteration }) => `${slot}/${jobIteration}`);
    expect(running).toEqual(["1/1", "2/0"]);
    planning.stops = () => true;
    expect(slots(planning.settle().running())).toEqual([1, 2]);
    expect(planning.running().map(({ jobIteration }) => jobIteration)).toEqual([1, 1]);
  });

  test("stops a task on a drained node before the slot is run elsewhere", () => {
    const planning = replicated(1, 1);
    planning.stops = () => false;
    const [first] = planning.running();
    const current = planning.store.nodes.get((first as Task).nodeId as string) as Node;
    const spec = { ...current.spec, availability: "drain" as const };
    planning.commit([transact(update({ ...current, spec }))]);
    expect(planning.settle().running()).toHaveLength(1);
    planning.stops = () => true;
    expect(slots(planning.settle().running())).toEqual([1]);
    expect(planning.running()[0]?.nodeId).not.toBe(current.id);
  });

  test("does not run a slot again whose task completed on a node that was down", () => {
    const planning = replicated(1, 1);
    const [first] = planning.running();
    turned(planning, (first as Task).nodeId as string, "down");
    expect(slots(planning.running().filter(({ id }) => id !== first?.id))).toEqual([1]);
    finish(planning, first);
    expect(planning.running()).toEqual([]);
    turned(planning, (first as Task).nodeId as string, "ready");
    expect([planning.at(200).running(), slots(done(planning))]).toEqual([[], [1]]);
  });
});

describe("a global job", () => {
  test("runs once on every node, on those that come later too", () => {
    const planning = global();
    for (const task of planning.running()) finish(planning, task);
    expect(planning.running()).toEqual([]);
    planning.commit([transact({ kind: "create", object: node("n4") })]);
    expect(planning.settle().running()).toMatchObject([{ nodeId: "n4", slot: 0 }]);
    finish(planning, planning.running()[0]);
    expect(done(planning)).toHaveLength(4);
  });

  test("leaves alone what has completed when its node takes no more tasks", () => {
    const planning = global();
    while (planning.running().length > 0) finish(planning, planning.running()[0]);
    turned(planning, "n1", "down");
    expect(planning.tasks()).toHaveLength(3);
    expect(planning.tasks().every(isLeftAlone)).toBe(true);
  });

  test("forgets what has completed on a node that is removed", () => {
    const planning = global();
    while (planning.running().length > 0) finish(planning, planning.running()[0]);
    planning.commit([transact(remove(planning.store.nodes.get("n1") as Node))]);
    const places = planning
      .settle()
      .tasks()
      .map(({ nodeId }) => nodeId);
    expect(places.sort()).toEqual(["n2", "n3"]);
  });

  test("gives up on a node after its attempts", () => {
    const planning = global({ restart: { ...noDelay, maxAttempts: 2 } });
    planning.starts = ({ nodeId }) => nodeId !== "n2";
    const failing = planning.running().find(({ nodeId }) => nodeId === "n2") as Task;
    planning.report(failing, "FAILED", 1).settle();
    expect(planning.tasks().filter(({ nodeId }) => nodeId === "n2")).toHaveLength(3);
    expect(planning.at(300).running()).toHaveLength(2);
  });

  test("runs again after an update, on each node once the task before is gone", () => {
    const planning = global();
    planning.stops = () => false;
    again(planning);
    expect(planning.living().filter((each) => each.endsWith("n1"))).toEqual([
      "0:RUNNING@n1",
      "0:READY@n1",
    ]);
    planning.stops = () => true;
    planning.settle();
    expect(planning.running().map(({ jobIteration }) => jobIteration)).toEqual([1, 1, 1]);
  });

  test("forgets after an update what it has completed before", () => {
    const planning = global();
    while (planning.running().length > 0) finish(planning, planning.running()[0]);
    again(planning);
    expect(planning.tasks().map(({ jobIteration }) => jobIteration)).toEqual([1, 1, 1]);
  });

  test("forgets after an update what was to stop before it, once it has", () => {
    const planning = global();
    planning.stops = () => false;
    setTo(planning, "n2", "drain");
    const [stopping] = planning.tasks().filter(({ nodeId }) => nodeId === "n2");
    expect(stopping?.desiredState).toBe(TaskState.SHUTDOWN);
    again(planning);
    planning.stops = () => true;
    setTo(planning, "n2", "active");
    expect(planning.tasks().map(({ jobIteration }) => jobIteration)).toEqual([1, 1, 1]);
  });

  test("runs to its end on a node that was down in the middle of it", () => {
    const planning = global();
    turned(planning, "n2", "down");
    turned(planning, "n2", "ready");
    for (const task of planning.running()) finish(planning, task);
    expect(planning.running()).toEqual([]);
    expect(
      done(planning)
        .map(({ nodeId }) => nodeId)
        .sort(),
    ).toEqual(["n1", "n2", "n3"]);
  });
});
