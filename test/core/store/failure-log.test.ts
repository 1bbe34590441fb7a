import { expect, test } from "vitest";
import { minutes, type Timestamp } from "../../../core/base/time.ts";
import type { Task } from "../../../core/model/task.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { FailureLog } from "../../../core/store/failure-log.ts";
import { status, task } from "../../support/model.ts";

// Goal: a spec that fails again and again on a node is known there for five minutes.

const start = minutes(10) as number;

/** A task of one service fails, and is written once more when it is asked to stop. */
function fail(log: FailureLog, id: string, at: number, slot = 1, isLost = false): void {
  const running = { ...task(id, { node: "w1", state: "RUNNING" }), slot };
  const end = status("FAILED");
  const failed: Task = { ...running, status: isLost ? { ...end, isLost } : end };
  log.note(running, failed, at as Timestamp);
  log.note(failed, { ...failed, desiredState: TaskState.SHUTDOWN }, at as Timestamp);
}

test("five failures make a node faulty for a spec, each counted once, until they are over", () => {
  const log = new FailureLog();
  const { serviceId, specVersion } = task("t0", { node: "w1" });
  const faulty = () => [...log.faultyNodes(serviceId, specVersion)];
  for (let at = 0; at < 4; at += 1) fail(log, `t${at}`, start + at);
  expect(faulty()).toEqual([]);
  fail(log, "t4", start + 4);
  expect(faulty()).toEqual([["w1", 5]]);
  log.expire((start + minutes(5)) as Timestamp);
  expect(faulty()).toEqual([]);
});

test("what a snapshot says of failures takes the place of what was known", () => {
  const [log, other] = [new FailureLog(), new FailureLog()];
  const { serviceId, specVersion } = task("t0", { node: "w1" });
  for (let at = 0; at < 6; at += 1) fail(log, `t${at}`, start + at);
  expect([...log.faultyNodes(serviceId, specVersion)]).toEqual([["w1", 6]]);
  for (let at = 0; at < 2; at += 1) fail(other, `t${at}`, start + at);
  log.restore(other.list());
  expect([...log.faultyNodes(serviceId, specVersion)]).toEqual([]);
});

test("a task made for its node, or lost with it, says nothing against the node", () => {
  const log = new FailureLog();
  for (let at = 0; at < 9; at += 1) {
    fail(log, `global${at}`, start + at, 0);
    fail(log, `lost${at}`, start + at, 1, true);
  }
  expect(log.list()).toEqual([]);
});
