import { expect, test } from "vitest";
import { nodeTransaction, taskTransaction } from "../../../core/manager/reports.ts";
import type { Node, NodeState } from "../../../core/model/node.ts";
import type { TaskStatus } from "../../../core/model/task.ts";
import { cluster, description, moment, node, serving, status, task } from "../../support/model.ts";
import { raftView } from "../../support/raft.ts";
import { context, storeOf } from "../../support/store.ts";

// Goal: the store knows since when a node is down, so that no change of leader forgets it.

function downSince(before: Node, state: NodeState, second: number): number | null | undefined {
  const report = { state, message: "", description: null };
  const change = nodeTransaction(context(storeOf(before), second), raftView(), "n1", report)
    ?.changes[0];
  if (change?.kind !== "update" || change.object.kind !== "node") return undefined;
  return change.object.status.downSince;
}

test("a node that is called down is so from that moment on", () => {
  expect(downSince(node("n1"), "down", 70)).toBe(moment(70));
  expect(downSince(node("n1", { state: "unknown" }), "down", 70)).toBe(moment(70));
});

test("a node that is down already is not called down again", () => {
  expect(downSince(node("n1", { state: "down", downSince: 20 }), "down", 70)).toBeUndefined();
});

test("a node that comes back is down no more", () => {
  expect(downSince(node("n1", { state: "down", downSince: 20 }), "ready", 70)).toBeNull();
});

test("a node's port is stored once all nodes can read it, whether it is new or known", () => {
  const said = description("n1", { remoteApiPort: 4242 });
  const stored = (level: number, ...known: Node[]) => {
    const store = storeOf(cluster({ level }), ...known);
    const report = { state: "ready", message: "", description: said } as const;
    const change = nodeTransaction(context(store), raftView(), "n1", report)?.changes[0];
    if (change === undefined || change.kind === "remove" || change.object.kind !== "node")
      return null;
    return change.object.description;
  };
  expect(stored(4)).toEqual(said);
  expect(stored(4, node("n1"))).toEqual(said);
  expect(stored(3)).toEqual(description("n1"));
  expect(stored(3, node("n1"))).toBeNull();
});

test("a task's ports are stored once all nodes can read them, its state at once", () => {
  const starting = task("a", { state: "STARTING", ports: [{ publishedPort: 8080 }] });
  const { hostPorts = [] } = serving("a", 32_768).status;
  const reported = status("RUNNING", { hostPorts });
  const stored = (level: number) => {
    const store = storeOf(cluster({ level }), starting);
    const change = taskTransaction(context(store), "a", reported)?.changes[0];
    return change?.kind === "update" && change.object.kind === "task" ? change.object.status : null;
  };
  expect(stored(3)).toMatchObject({ ...reported, hostPorts });
  expect(stored(2)).toEqual(status("RUNNING"));
});

test("what has ended stays as it ended, whatever an agent says that has lost its disk", () => {
  const ended = task("a", { node: "n1", state: "SHUTDOWN" });
  const report = { ...status("FAILED"), exitCode: 137 };
  expect(taskTransaction(context(storeOf(ended)), "a", report)).toBeNull();
});

test("what was taken from its node ends as rejected, for the reason that was given", () => {
  const taken = { ...task("a", { desired: "SHUTDOWN" }), rejectedFor: "volume" } as const;
  const stored = (reported: TaskStatus) => {
    const { actor, changes } = taskTransaction(context(storeOf(taken)), "a", reported) ?? {};
    const [change] = changes ?? [];
    const isTask = change?.kind === "update" && change.object.kind === "task";
    return [actor, isTask ? change.object.status : null];
  };
  const words = { message: "task rejected by volume enforcer", isLost: true };
  expect(stored(status("SHUTDOWN"))).toMatchObject([
    "enforcer",
    { ...status("REJECTED"), ...words, err: "attached to volume which is being drained" },
  ]);
  expect(stored(status("FAILED"))).toMatchObject(["agent", status("FAILED")]);
});
