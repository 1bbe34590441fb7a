import { describe, expect, test } from "vitest";
import type { StoreObject } from "../../../core/model/change.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { isPending } from "../../../core/schedule/task-queue.ts";
import { moment, node, resources, task } from "../../support/model.ts";
import { pending, schedule } from "../../support/scheduling.ts";
import { commit, context, storeOf } from "../../support/store.ts";

// Goal: each pending task gets the node that SwarmKit would give it, or says in its words why not.

/** What became of the tasks: a node, or the reason that is stored. */
function placements(objects: readonly StoreObject[], ids?: readonly string[]): (string | null)[] {
  const store = storeOf(...objects);
  const waiting = ids ?? [...store.tasks.keys()].sort();
  commit(store, schedule(context(store, 5)));
  return waiting.map((id) => {
    const after = store.tasks.get(id);
    return after?.nodeId ?? after?.status.err ?? null;
  });
}

describe("a task that is placed", () => {
  test("is ASSIGNED to its node, with SwarmKit's message and without an error", () => {
    const store = storeOf(node("n1"), pending("t1", { err: "no suitable node" }));
    const [placed] = schedule(context(store, 5));
    expect(placed?.actor).toBe("scheduler");
    const [change] = placed?.changes ?? [];
    expect(change).toMatchObject({
      kind: "update",
      object: {
        nodeId: "n1",
        status: {
          state: TaskState.ASSIGNED,
          message: "scheduler assigned task to node",
          err: "",
          appliedAt: moment(5),
        },
      },
    });
  });

  test("must be PENDING and wanted: others are left alone", () => {
    const others = [
      task("t1", { state: "NEW" }),
      task("t2", { state: "ASSIGNED" }),
      pending("t3", { desired: "SHUTDOWN" }),
      pending("t4", { desired: "REMOVE" }),
    ];
    const store = storeOf(node("n1"), ...others);
    expect(schedule(context(store))).toEqual([]);
    expect(others.some(isPending)).toBe(false);
    expect(isPending(pending("t5", { desired: "READY" }))).toBe(true);
  });
});

describe("the filters", () => {
  test("let only ready and active nodes through", () => {
    const unfit = [
      node("a", { state: "down" }),
      node("b", { state: "unknown" }),
      node("c", { availability: "pause" }),
      node("d", { availability: "drain" }),
    ];
    expect(placements([...unfit, node("e"), pending("t1")])).toEqual(["e"]);
    expect(placements([...unfit, pending("t1")])).toEqual([
      "no suitable node (4 nodes not available for new tasks)",
    ]);
  });

  test("count what a node's tasks reserve until they have stopped, wanted or not", () => {
    const big = { reservations: resources(3, 64) };
    const objects = [
      node("n1"),
      task("running", { ...big, desired: "SHUTDOWN" }),
      task("stopped", { ...big, state: "FAILED", desired: "SHUTDOWN" }),
    ];
    expect(
      placements([...objects, pending("t1", { reservations: resources(1, 64) })], ["t1"]),
    ).toEqual(["n1"]);
    expect(
      placements([...objects, pending("t1", { reservations: resources(2, 64) })], ["t1"]),
    ).toEqual(["no suitable node (insufficient resources on 1 node)"]);
  });

  test("do not ask for room on behalf of a task that reserves nothing", () => {
    const shrunk = node("n1", { cpus: 1 });
    const heavy = task("t0", { reservations: resources(3, 64) });
    expect(placements([shrunk, heavy, pending("t1")], ["t1"])).toEqual(["n1"]);
  });

  test("keep to the constraints", () => {
    const constraints = ["node.labels.zone==b", "node.role!=manager"];
    const nodes = [
      node("a", { labels: { zone: "a" } }),
      node("b", { labels: { zone: "b" }, role: "manager" }),
      node("c", { labels: { zone: "B" } }),
    ];
    expect(placements([...nodes, pending("t1", { constraints })])).toEqual(["c"]);
    expect(placements([...nodes.slice(0, 2), pending("t1", { constraints })])).toEqual([
      "no suitable node (scheduling constraints not satisfied on 2 nodes)",
    ]);
  });

  test("explain themselves, the most frequent reason first, each node by its first reason", () => {
    const wants = { constraints: ["node.role==manager"], reservations: resources(2, 64) };
    const nodes = [
      node("a", { state: "down", cpus: 1 }),
      node("b", { cpus: 1 }),
      node("c", { cpus: 1 }),
      node("d"),
    ];
    expect(placements([...nodes, pending("t1", wants)])).toEqual([
      "no suitable node (insufficient resources on 2 nodes; 1 node not available for new tasks;" +
        " scheduling constraints not satisfied on 1 node)",
    ]);
  });

  test("have nothing to explain where there is no node at all", () => {
    expect(placements([pending("t1")])).toEqual(["no suitable node"]);
  });

  test("do not write the same explanation again", () => {
    const err = "no suitable node (1 node not available for new tasks)";
    const store = storeOf(node("a", { state: "down" }), pending("t1", { err }));
    expect(schedule(context(store))).toEqual([]);
  });
});

describe("the choice", () => {
  test("is the node with the fewest tasks of the service, before the fewest of all", () => {
    const objects = [
      node("a"),
      node("b"),
      task("t0", { node: "a" }),
      ...["o1", "o2", "o3"].map((id) => task(id, { service: "other", node: "b" })),
      pending("t9"),
    ];
    expect(placements(objects, ["t9"])).toEqual(["b"]);
  });

  test("is then the node with the fewest tasks, then the one with the lowest id", () => {
    const other = task("o1", { service: "other", node: "a" });
    expect(placements([node("c"), node("b"), node("a"), other, pending("t1")], ["t1"])).toEqual([
      "b",
    ]);
    expect(placements([node("c"), node("b"), pending("t1")])).toEqual(["b"]);
  });

  test("does not count tasks that are to stop or have stopped", () => {
    const objects = [
      node("a"),
      node("b"),
      task("x", { node: "a", desired: "SHUTDOWN" }),
      task("y", { node: "a", state: "FAILED" }),
      task("z", { node: "b" }),
      pending("t9"),
    ];
    expect(placements(objects, ["t9"])).toEqual(["a"]);
  });

  test("counts the plan's own placements, so that tasks placed together spread", () => {
    const tasks = ["t1", "t2", "t3", "t4", "t5"].map((id) => pending(id));
    expect(placements([node("a"), node("b"), node("c"), ...tasks])).toEqual([
      "a",
      "b",
      "c",
      "a",
      "b",
    ]);
  });

  test("does not give the same room to two tasks of one plan", () => {
    const wants = { reservations: resources(3, 64) };
    const tasks = ["t1", "t2", "t3"].map((id) => pending(id, wants));
    expect(placements([node("a"), node("b"), ...tasks])).toEqual([
      "a",
      "b",
      "no suitable node (insufficient resources on 2 nodes)",
    ]);
  });

  test("does not depend on the order in which nodes came into the store", () => {
    const nodes = ["c", "a", "b"].map((id) => node(id));
    const tasks = ["t1", "t2"].map((id) => pending(id));
    const forward = placements([...nodes, ...tasks]);
    expect(placements([...[...nodes].reverse(), ...[...tasks].reverse()])).toEqual(forward);
  });
});
