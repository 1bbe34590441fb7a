import { describe, expect, test } from "vitest";
import { hours } from "../../../core/base/time.ts";
import { answer } from "../../../core/control/answer.ts";
import type { Command } from "../../../core/control/command.ts";
import { decide } from "../../../core/control/control.ts";
import type { StoreObject } from "../../../core/model/change.ts";
import { defaultClusterSpec } from "../../../core/model/cluster.ts";
import { type ListedNode, type Node, noCertificate } from "../../../core/model/node.ts";
import { isRejection } from "../../../core/model/rejection.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { cluster, moment, node, task } from "../../support/model.ts";
import { askedManager, type RaftTraits, raftView } from "../../support/raft.ts";
import { context, storeOf } from "../../support/store.ts";

// Goal: nodes are demoted and removed only as SwarmKit allows, and refused in its words.

const request = { client: "cli", sequence: 1 };
const trio = ["m1", "m2", "m3"].map((id) => node(id, { role: "manager" }));

function outcome(objects: readonly StoreObject[], command: Command, traits: RaftTraits = {}) {
  const store = storeOf(...objects);
  const decided = decide(context(store), raftView(traits), { command, request });
  return isRejection(decided) ? decided.message : decided.changes;
}

function demotion(of: Node): Command {
  const spec = { ...of.spec, desiredRole: "worker" } as const;
  return { kind: "update-node", id: of.id, version: 1, spec };
}

describe("update-node", () => {
  test("does not demote the last manager", () => {
    const [only] = trio as [Node];
    expect(outcome([only], demotion(only), { voters: ["m1"] })).toBe(
      "attempting to demote the last manager of the swarm",
    );
  });

  test("does not demote the only one that votes, though others are about to be managers", () => {
    const [only, ...others] = trio as [Node, Node, Node];
    expect(outcome([only, ...others], demotion(only), { voters: ["m1"] })).toBe(
      "attempting to demote the last manager of the swarm",
    );
    const [, learner] = others as [Node, Node];
    const allowed = outcome(trio, demotion(learner), { voters: ["m1"], learners: ["m2", "m3"] });
    expect(allowed).toMatchObject([{ object: { id: "m3" } }]);
  });

  test("does not demote a manager without whom there is no quorum", () => {
    expect(outcome(trio, demotion(trio[2] as Node), { silent: ["m2"] })).toBe(
      "can't remove member from the raft: this would result in a loss of quorum",
    );
    const allowed = outcome(trio, demotion(trio[2] as Node), { silent: ["m3"] });
    expect(allowed).toMatchObject([{ object: { spec: { desiredRole: "worker" } } }]);
  });
});

describe("remove-node", () => {
  const remove = (id: string, force = false): Command => ({ kind: "remove-node", id, force });

  test("refuses a manager, and a node that is ready unless forced", () => {
    expect(outcome(trio, remove("m2", true))).toMatch(/must be demoted to worker before removal$/);
    expect(outcome([node("w1")], remove("w1"))).toBe("node w1 is not down and can't be removed");
    expect(outcome([], remove("w9"))).toBe("node w9 not found");
  });

  test("refuses a manager that has been demoted, until it is one no more", () => {
    const [, m2] = trio as [Node, Node];
    const demoted: Node = { ...m2, spec: { ...m2.spec, desiredRole: "worker" } };
    const voters = ["m1", "m3"];
    const refusal = expect.stringMatching(/must be demoted to worker before removal$/);
    expect(outcome([demoted], remove("m2", true), { voters })).toEqual(refusal);
    const worker: Node = { ...demoted, role: "worker" };
    expect(outcome([worker], remove("m2", true), { voters: ["m1", "m2"] })).toEqual(refusal);
    expect(outcome([worker], remove("m2", true), { voters })).toMatchObject([{ kind: "remove" }]);
  });

  test("orphans what the node may still run, and remembers the node", () => {
    const tasks = [
      task("a", { node: "w1", state: "RUNNING" }),
      task("b", { node: "w1", state: "FAILED" }),
    ];
    const changes = outcome([cluster(), node("w1", { state: "down" }), ...tasks], remove("w1"));
    expect(changes).toMatchObject([
      { kind: "remove", table: "node", id: "w1" },
      { object: { id: "a", status: { state: TaskState.ORPHANED } } },
      { object: { kind: "cluster", removedNodes: [{ id: "w1" }] } },
    ]);
  });
});

test("a removed node is remembered for a life longer than its certificate is good", () => {
  const settings = { ...defaultClusterSpec, nodeCertExpiry: hours(2) };
  const removedNodes = [
    { id: "w7", until: moment(0) },
    { id: "w8", until: moment(1) },
    { id: "w1", until: moment(2) },
  ];
  const before = cluster({ spec: settings, removedNodes });
  const certificate = { ...noCertificate, issued: 1, goodUntil: moment(500) };
  const w1 = { ...node("w1", { state: "down" }), certificate };
  const command = { kind: "remove-node", id: "w1", force: false } as const;
  const after = [
    { id: "w8", until: moment(1) },
    { id: "w1", until: moment(500 + 7_200) },
  ];
  expect(outcome([before, w1], command)).toMatchObject([
    { kind: "remove" },
    { object: { kind: "cluster", removedNodes: after } },
  ]);
});

test("list-nodes tells the leader's part and whom it hears", () => {
  const store = storeOf(...trio, node("w1"));
  const listed = answer(store, { kind: "list-nodes" }, askedManager({ silent: ["m3"] }));
  expect(listed).toMatchObject([
    { id: "m1", managerStatus: { leader: true, reachability: "reachable" } },
    { id: "m2", managerStatus: { leader: false, reachability: "reachable" } },
    { id: "m3", managerStatus: { leader: false, reachability: "unreachable" } },
    { id: "w1", managerStatus: null },
  ]);
});

test("list-nodes of a follower tells whom its leader hears, as far as it has told", () => {
  const store = storeOf(...trio);
  const reachability = (...heard: string[]) => {
    const asked = askedManager({ id: "m2" }, heard);
    return answer(store, { kind: "list-nodes" }, asked).map(
      (listed) => (listed as ListedNode).managerStatus?.reachability,
    );
  };
  expect(reachability("m1", "m2")).toEqual(["reachable", "reachable", "unreachable"]);
  expect(reachability()).toEqual(["reachable", "reachable", "unknown"]);
});

test("list-nodes promises nothing of a manager that has no vote yet", () => {
  const store = storeOf(...trio);
  const listed = answer(store, { kind: "list-nodes" }, askedManager({ voters: ["m1", "m2"] }));
  expect(listed).toMatchObject([
    { id: "m1", managerStatus: { reachability: "reachable" } },
    { id: "m2", managerStatus: { reachability: "reachable" } },
    { id: "m3", managerStatus: { leader: false, reachability: "unknown" } },
  ]);
});
