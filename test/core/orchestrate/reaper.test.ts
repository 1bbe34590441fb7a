import { describe, expect, test } from "vitest";
import { seconds } from "../../../core/base/time.ts";
import type { StoreObject, Transaction } from "../../../core/model/change.ts";
import type { Cluster } from "../../../core/model/cluster.ts";
import { defaultClusterSpec } from "../../../core/model/cluster.ts";
import type { Task } from "../../../core/model/task.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { reap } from "../../../core/orchestrate/reaper.ts";
import type { PlanContext } from "../../../core/plan/plan.ts";
import { cluster, moment, service, type TaskTraits, task } from "../../support/model.ts";
import { context, storeOf } from "../../support/store.ts";

// Goal: old tasks are forgotten, the newest of a slot and those that may still run never.

function forgotten(...objects: StoreObject[]): string[] {
  const transactions = reapAll(context(storeOf(...objects)));
  expect(transactions.every(({ actor }) => actor === "reaper")).toBe(true);
  return ids(transactions);
}

function reapAll(context: PlanContext): Transaction[] {
  return reap(context, "web", context.view.tasksBySlot("web").values());
}

function ids(transactions: readonly Transaction[]): string[] {
  return transactions.flatMap(({ changes }) =>
    changes.map((change) => (change.kind === "remove" ? change.id : change.object.id)),
  );
}

function limit(taskHistoryRetentionLimit: number): Cluster {
  const spec = { ...defaultClusterSpec, taskHistoryRetentionLimit };
  return { ...cluster(), spec };
}

/** Tasks `t0`, `t1`, ... of one slot, the oldest first, of which the last runs. */
function history(count: number, traits: TaskTraits = {}): Task[] {
  return Array.from({ length: count }, (_, at) => {
    const isLast = at === count - 1;
    const state = isLast ? "RUNNING" : "FAILED";
    return task(`t${at}`, {
      state,
      desired: isLast ? "RUNNING" : "SHUTDOWN",
      createdAt: at,
      ...traits,
    });
  });
}

describe("the history of a slot", () => {
  test("is five tasks unless the cluster says otherwise, the oldest go first", () => {
    expect(forgotten(...history(5))).toEqual([]);
    expect(forgotten(...history(8))).toEqual(["t0", "t1", "t2"]);
    expect(forgotten(limit(2), ...history(5))).toEqual(["t0", "t1", "t2"]);
  });

  test("is kept for ever below zero", () => {
    expect(forgotten(limit(-1), ...history(30))).toEqual([]);
  });

  test("of nothing still keeps the newest task, which says that the slot is taken", () => {
    expect(forgotten(limit(0), ...history(3))).toEqual(["t0", "t1"]);
    const last = task("t1", { state: "COMPLETE", desired: "SHUTDOWN" });
    expect(forgotten(limit(0), last)).toEqual([]);
  });

  test("keeps a job's completed task though another was tried after it", () => {
    const [done, ...others] = history(3, { job: 0 }) as [Task, ...Task[]];
    const status = { ...done.status, state: TaskState.COMPLETE };
    expect(forgotten(limit(1), { ...done, status }, ...others)).toEqual(["t1"]);
  });

  test("is the user's, however many attempts are allowed", () => {
    const restart = { maxAttempts: 7 };
    expect(forgotten(limit(2), ...history(4, { restart }))).toEqual(["t0", "t1"]);
  });

  test("is long enough for the attempts to be counted that a window still counts", () => {
    const restart = { maxAttempts: 7, window: seconds(10) };
    const restarts = { isAttempt: true };
    const attempts = history(8, { restart, restarts });
    const at = (second: number) => ids(reapAll(context(storeOf(limit(2), ...attempts), second)));
    expect(at(9)).toEqual([]);
    expect(at(12)).toEqual(["t0", "t1", "t2"]);
    expect(at(60)).toEqual(["t0", "t1", "t2", "t3", "t4", "t5"]);
  });

  test("keeps for good what was counted when the slot was given up", () => {
    const restart = { maxAttempts: 3, window: seconds(10) };
    const attempts = history(4, { restart, restarts: { isAttempt: true } });
    const last = attempts.pop() as Task;
    const status = { ...last.status, state: TaskState.FAILED, appliedAt: moment(10) };
    const given = { ...last, desiredState: TaskState.SHUTDOWN, status };
    const late = context(storeOf(limit(1), ...attempts, given), 1_000);
    expect(ids(reapAll(late))).toEqual(["t0"]);
  });

  test("keeps a task that has ended and was not answered yet", () => {
    const [first, ...rest] = history(4);
    const wanted = { ...(first as Task), desiredState: TaskState.RUNNING };
    expect(forgotten(limit(2), wanted, ...rest)).toEqual(["t1"]);
  });

  test("keeps what has failed of a running update, and nothing of it that only was stopped", () => {
    const [stopped, failed, ...others] = history(4, { isUpdate: true }) as [Task, Task, Task, Task];
    const shutdown = { ...stopped, status: { ...stopped.status, state: TaskState.SHUTDOWN } };
    const begun = { startedAt: moment(0), completedAt: null, message: "", slots: 1 };
    const updating = { ...service("web"), updateStatus: { state: "updating", ...begun } as const };
    const tasks = [shutdown, failed, ...others];
    expect(forgotten(limit(1), updating, ...tasks)).toEqual(["t0"]);
    expect(forgotten(limit(1), service("web"), ...tasks)).toEqual(["t0", "t1", "t2"]);
  });

  test("is counted for each slot", () => {
    const other = history(4).map((each) => ({ ...each, id: `u${each.id}`, slot: 2 }));
    expect(forgotten(limit(3), ...history(4), ...other)).toEqual(["t0", "ut0"]);
  });

  test("keeps a task that has not stopped, however old it is", () => {
    const [first, ...rest] = history(7);
    const stubborn = { ...(first as Task), status: task("x").status };
    expect(forgotten(limit(2), stubborn, ...rest)).toEqual(["t1", "t2", "t3", "t4"]);
  });

  test("goes by age, not by the order of ids", () => {
    const tasks = history(4).map((each, at) => ({ ...each, id: `t${9 - at}` }));
    expect(forgotten(limit(2), ...tasks)).toEqual(["t8", "t9"]);
  });
});

describe("tasks that are not wanted", () => {
  test("go at once when no node ever had them", () => {
    expect(
      forgotten(
        service("web"),
        task("new", { state: "NEW", desired: "SHUTDOWN" }),
        task("pending", { state: "PENDING", desired: "REMOVE", slot: 2 }),
        task("waiting", { state: "PENDING", slot: 3 }),
        task("parked", { state: "PENDING", desired: "READY", slot: 4 }),
      ),
    ).toEqual(["new", "pending"]);
  });

  test("go once they have stopped, if they are to be removed", () => {
    const states = [
      "ASSIGNED",
      "RUNNING",
      "COMPLETE",
      "SHUTDOWN",
      "FAILED",
      "REJECTED",
      "ORPHANED",
    ];
    const tasks = states.map((state, at) =>
      task(state, { state: state as never, desired: "REMOVE", slot: at + 1 }),
    );
    const stopped = ["COMPLETE", "SHUTDOWN", "FAILED", "REJECTED", "ORPHANED"];
    expect(forgotten(...tasks)).toEqual(stopped);
  });

  test("are forgotten once each, also when their slot's history is full", () => {
    const tasks = history(5, { desired: "REMOVE", state: "FAILED" });
    expect(forgotten(limit(1), ...tasks)).toEqual(["t0", "t1", "t2", "t3", "t4"]);
  });

  test("of another service are not looked at", () => {
    expect(forgotten(task("t1", { service: "api", state: "NEW", desired: "REMOVE" }))).toEqual([]);
  });
});
