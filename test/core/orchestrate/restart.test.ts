import { describe, expect, test } from "vitest";
import { ms, seconds } from "../../../core/base/time.ts";
import type { StoreObject } from "../../../core/model/change.ts";
import type { Task } from "../../../core/model/task.ts";
import type { RestartPolicy } from "../../../core/model/task-spec.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { reconcile } from "../../../core/orchestrate/orchestrate.ts";
import { restartDelay } from "../../../core/orchestrate/restart.ts";
import { node, type ServiceTraits, service, stopFirst, task } from "../../support/model.ts";
import { Planning, wakeOf } from "../../support/planning.ts";
import { context, storeOf, transact, update } from "../../support/store.ts";
import { nextSpec, updating } from "../../support/updating.ts";

// Goal: what stops is replaced as its policy says, no sooner, and never twice.

const nodes = [node("n1"), node("n2")];

function cluster(traits: ServiceTraits, ...others: StoreObject[]): Planning {
  return new Planning(...nodes, service("web", traits), ...others).settle();
}

/** Ends the running task of slot 1 and lets everything settle. */
function end(planning: Planning, state: "FAILED" | "COMPLETE"): Planning {
  return planning.report(planning.running()[0] as Task, state).settle();
}

function parked(planning: Planning): Task[] {
  return planning.tasks().filter((each) => each.desiredState === TaskState.READY);
}

describe("the delay", () => {
  test("holds the replacement READY on its node until it is over", () => {
    const planning = end(cluster({ restart: { delay: seconds(5) } }).at(100), "FAILED");
    expect(planning.living()).toEqual(["1:READY@n1"]);
    expect(wakeOf(planning.context, "web")).toBe(seconds(105));
    expect(planning.at(104).running()).toEqual([]);
    expect(planning.at(105).living()).toEqual(["1:RUNNING@n1"]);
  });

  test("of nothing starts the replacement at once", () => {
    const planning = cluster({ restart: { delay: seconds(0) } });
    expect(end(planning, "FAILED").living()).toEqual(["1:RUNNING@n1"]);
  });

  test("is waited for again when the replacement fails before its turn", () => {
    const planning = end(cluster({ restart: { delay: seconds(5) } }).at(100), "FAILED");
    planning.report(parked(planning)[0] as Task, "REJECTED").at(101);
    expect(planning.living()).toEqual([]);
    expect(planning.at(105).living()).toEqual(["1:READY@n1"]);
    expect(planning.at(110).living()).toEqual(["1:RUNNING@n1"]);
  });
});

describe("the back-off", () => {
  const restart = { delay: seconds(1), maxDelay: seconds(10) };

  test("doubles the delay with each failure in a row, up to the cap", () => {
    const planning = new Planning(...nodes, service("web", { restart }));
    planning.starts = () => false;
    for (let second = 0; second <= 20; second += 1) planning.at(second);
    const waits = planning.tasks().map(({ meta, startAt }) => (startAt - meta.createdAt) / 1e6);
    expect(waits).toEqual([1, 2, 4, 8, 10]);
  });

  test("begins anew once a task has run for longer than the cap", () => {
    const planning = new Planning(...nodes, service("web", { restart }));
    planning.starts = () => false;
    for (let second = 0; second <= 20; second += 1) planning.at(second);
    planning.starts = () => true;
    expect(planning.at(60).running()).toHaveLength(1);
    end(planning.at(80), "FAILED");
    expect(parked(planning)[0]?.startAt).toBe(seconds(81));
  });

  test("goes on when a task has run, but for no longer than the cap", () => {
    const planning = new Planning(...nodes, service("web", { restart }));
    planning.starts = () => false;
    for (let second = 0; second <= 5; second += 1) planning.at(second);
    planning.starts = () => true;
    expect(planning.at(20).running()).toHaveLength(1);
    end(planning.at(30), "FAILED");
    expect(parked(planning)[0]?.startAt).toBe(seconds(30 + 8));
  });

  test("begins at a tenth of a second after a delay of nothing, and needs a cap", () => {
    const policy = (delay: number, maxDelay: number): RestartPolicy => ({
      ...service("web").spec.task.restart,
      delay: ms(delay),
      maxDelay: ms(maxDelay),
    });
    const delays = (of: RestartPolicy) =>
      [1, 2, 3, 4, 99].map((row) => restartDelay(of, row) / 1000);
    expect(delays(policy(0, 1_000))).toEqual([0, 100, 200, 400, 1_000]);
    expect(delays(policy(300, 1_000))).toEqual([300, 600, 1_000, 1_000, 1_000]);
    expect(delays(policy(300, 0))).toEqual([300, 300, 300, 300, 300]);
    expect(delays(policy(300, 200))).toEqual([300, 300, 300, 300, 300]);
  });
});

describe("the condition", () => {
  test.each([
    ["any", "COMPLETE", 1],
    ["any", "FAILED", 1],
    ["on-failure", "COMPLETE", 0],
    ["on-failure", "FAILED", 1],
    ["none", "COMPLETE", 0],
    ["none", "FAILED", 0],
  ] as const)("%s, after %s, leaves %i running", (condition, state, running) => {
    const planning = cluster({ restart: { condition, delay: seconds(0) } });
    expect(end(planning, state).running()).toHaveLength(running);
    expect(planning.at(1_000).running()).toHaveLength(running);
  });

  test("none still moves a task whose node is drained or down", () => {
    for (const traits of [{ availability: "drain" }, { state: "down" }] as const) {
      const restart = { condition: "none", delay: seconds(0) } as const;
      const lost = task("t1", { node: "n9", restart });
      const planning = cluster({ restart }, node("n9", traits), lost).at(70);
      expect(planning.living()).toContain("1:RUNNING@n1");
    }
  });

  test("that forbids a restart is obeyed by asking the ended task to stop", () => {
    const planning = end(cluster({ restart: { condition: "none" } }), "COMPLETE");
    expect(planning.tasks().map((each) => each.desiredState)).toEqual([TaskState.SHUTDOWN]);
    expect(reconcile(planning.context, "web").transactions).toEqual([]);
  });
});

describe("the attempts", () => {
  const failAll = (planning: Planning, until: number, from = 1): Planning => {
    for (let second = from; second <= until; second += 1) planning.at(second);
    return planning;
  };

  test("are all made and no more", () => {
    const planning = new Planning(
      ...nodes,
      service("web", { restart: { delay: seconds(1), maxAttempts: 3 } }),
    );
    planning.starts = () => false;
    failAll(planning, 30);
    expect(planning.tasks()).toHaveLength(4);
    expect(planning.living()).toEqual([]);
  });

  test("are counted for each slot", () => {
    const planning = new Planning(
      ...nodes,
      service("web", { replicas: 2, restart: { delay: seconds(1), maxAttempts: 1 } }),
    );
    planning.starts = ({ slot }) => slot === 2;
    failAll(planning, 10);
    expect(planning.tasks().map(({ slot }) => slot)).toEqual([1, 1, 2]);
  });

  test("are counted anew for another version of the spec", () => {
    const restart = { delay: seconds(1), maxAttempts: 1 };
    const planning = new Planning(...nodes, service("web", { restart }));
    planning.starts = () => false;
    failAll(planning, 5).change("web", nextSpec);
    planning.starts = ({ specVersion }) => specVersion === 2;
    failAll(planning, 20, 6);
    expect(planning.running()).toHaveLength(1);
  });

  test("that an update has used up stay so when it is paused and taken up again", () => {
    const planning = updating({
      restart: { delay: seconds(1), maxAttempts: 1 },
      update: { order: "start-first" },
    });
    planning.starts = ({ specVersion }) => specVersion === 1;
    failAll(planning, 10).change("web", (web) => ({ ...web, updateStatus: null }));
    failAll(planning, 20, 11);
    const tried = planning.tasks().filter(({ specVersion }) => specVersion === 2);
    expect(tried.map(({ isUpdate }) => isUpdate)).toEqual([true, false, true]);
    expect(planning.running().map(({ specVersion }) => specVersion)).toEqual([1]);
  });

  test("that an update has used up stay so when it has lost its task with its node", () => {
    const planning = updating({
      restart: { delay: seconds(1), maxAttempts: 1 },
      update: { order: "start-first" },
    });
    planning.holds = ({ isUpdate }) => isUpdate;
    failAll(planning, 5);
    const lost = planning.tasks().find(({ isUpdate }) => isUpdate) as Task;
    planning.setNode(lost.nodeId as string, "down");
    planning.holds = () => false;
    planning.starts = ({ specVersion }) => specVersion === 1;
    failAll(planning, 30, 6);
    const tried = planning.tasks().filter(({ specVersion }) => specVersion === 2);
    expect(tried.filter(({ restarts }) => restarts.isAttempt)).toHaveLength(1);
    expect(planning.running().map(({ specVersion }) => specVersion)).toEqual([1]);
  });

  test("are given up within a window", () => {
    const restart = { delay: seconds(4), maxAttempts: 2, window: seconds(10) };
    const planning = new Planning(...nodes, service("web", { restart }));
    planning.starts = () => false;
    expect(failAll(planning, 60).tasks()).toHaveLength(3);
    expect(planning.living()).toEqual([]);
  });

  test("within a window are counted anew for another version of the spec", () => {
    const restart = { delay: seconds(1), maxAttempts: 2, window: seconds(60) };
    const planning = new Planning(...nodes, service("web", { restart }));
    planning.starts = () => false;
    failAll(planning, 5).change("web", nextSpec);
    failAll(planning, 20, 6);
    const tried = planning.tasks().filter(({ specVersion }) => specVersion === 2);
    expect(tried.filter(({ restarts }) => restarts.isAttempt)).toHaveLength(2);
  });

  test("are never given up when the window forgets them in time", () => {
    const restart = { delay: seconds(6), maxAttempts: 2, window: seconds(10) };
    const planning = new Planning(...nodes, service("web", { restart }));
    planning.starts = () => false;
    failAll(planning, 120);
    planning.starts = () => true;
    expect(failAll(planning, 130, 121).running()).toHaveLength(1);
  });
});

describe("what is lost with its node", () => {
  const restart = { delay: seconds(1), maxAttempts: 1, condition: "on-failure" } as const;

  test("uses up no attempt, however often it is lost", () => {
    const planning = new Planning(...nodes, service("web", { restart })).at(10);
    for (let second = 20; second < 100; second += 10) {
      const home = planning.running()[0]?.nodeId as string;
      planning.setNode(home, "down");
      planning.at(second).at(second + 2);
      planning.setNode(home, "ready");
      expect(planning.at(second + 5).running()).toHaveLength(1);
    }
    end(planning.at(100), "FAILED");
    expect(planning.at(110).running()).toHaveLength(1);
    end(planning.at(120), "FAILED");
    expect(planning.at(130).living()).toEqual([]);
  });

  test("is not its own failure when its container went with the machine", () => {
    const planning = new Planning(...nodes, service("web", { restart: { condition: "none" } })).at(
      1,
    );
    const task = planning.running()[0] as Task;
    const status = { ...task.status, state: TaskState.FAILED, isLost: true } as const;
    planning.commit([transact(update({ ...task, status }))]);
    expect(planning.at(10).at(15).running()).toHaveLength(1);
  });

  test("is replaced after the delay alone, however often it had failed before", () => {
    const planning = cluster({ restart: { delay: seconds(1), maxDelay: seconds(100) } });
    for (const second of [10, 11, 13]) end(planning.at(second), "FAILED");
    planning.at(17).setNode(planning.running()[0]?.nodeId as string, "down");
    planning.at(17);
    expect(parked(planning).map(({ startAt }) => startAt)).toEqual([seconds(18)]);
  });

  test("hands the rest of its delay on, neither less nor more", () => {
    const planning = end(cluster({ restart: { delay: seconds(30) } }).at(100), "FAILED");
    planning.at(110).setNode(parked(planning)[0]?.nodeId as string, "down");
    planning.at(111);
    expect(parked(planning).map(({ startAt }) => startAt)).toEqual([seconds(130)]);
    expect(planning.at(130).running()).toHaveLength(1);
  });
});

describe("a lost node", () => {
  const lost = task("t1", { node: "n9", startAt: 0 });
  const drained = [...nodes, node("n9", { availability: "drain" }), service("web"), lost];

  test("that is drained has its task stopped there, and another started without delay", () => {
    const planning = new Planning(...drained).at(100);
    expect(planning.living()).toEqual(["1:RUNNING@n1"]);
    expect(planning.store.tasks.get("t1")?.status.state).toBe(TaskState.SHUTDOWN);
  });

  test("that is drained holds the replacement back until its task has stopped", () => {
    const planning = new Planning(stopFirst, ...drained);
    planning.stops = () => false;
    expect(planning.at(100).living()).toEqual(["1:RUNNING@n9", "1:READY@n1"]);
    planning.stops = () => true;
    expect(planning.at(101).living()).toEqual(["1:RUNNING@n1"]);
  });

  test("holds the replacement back no longer than a minute for a task that does not stop", () => {
    const planning = new Planning(stopFirst, ...drained);
    planning.stops = () => false;
    planning.at(100);
    expect(wakeOf(planning.context, "web")).toBe(seconds(160));
    expect(planning.at(159).running()).toHaveLength(1);
    expect(planning.at(160).living()).toEqual(["1:RUNNING@n9", "1:RUNNING@n1"]);
  });

  test("that is down is not waited for, but the delay is", () => {
    const planning = new Planning(...nodes, node("n9", { state: "down" }), service("web"), lost);
    expect(planning.at(100).living()).toEqual(["1:RUNNING@n9", "1:READY@n1"]);
    expect(planning.at(105).living()).toEqual(["1:RUNNING@n9", "1:RUNNING@n1"]);
  });

  test("that is gone from the store is taken for down", () => {
    const planning = new Planning(...nodes, service("web"), lost);
    expect(planning.at(100).at(105).living()).toEqual(["1:RUNNING@n9", "1:RUNNING@n1"]);
  });
});

describe("a replacement", () => {
  test("is parked together with the request to stop, in one transaction", () => {
    const failed = task("t1", { state: "FAILED" });
    const store = storeOf(...nodes, service("web"), failed);
    const { transactions } = reconcile(context(store, 9), "web");
    expect(transactions).toHaveLength(1);
    expect(transactions[0]?.changes.map(({ kind }) => kind)).toEqual(["update", "create"]);
  });

  test("of a parked task that is lost takes its place", () => {
    const waiting = task("t2", { state: "READY", desired: "READY", node: "n9", createdAt: 1 });
    const planning = new Planning(
      ...nodes,
      node("n9", { state: "down" }),
      service("web"),
      task("t1", { state: "FAILED", desired: "SHUTDOWN" }),
      waiting,
    );
    expect(
      planning
        .at(50)
        .at(55)
        .running()
        .map(({ nodeId }) => nodeId),
    ).toEqual(["n1"]);
  });
});
