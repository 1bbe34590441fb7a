import { describe, expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import { type Instant, ms, seconds } from "../../../core/base/time.ts";
import { planRoles } from "../../../core/membership/plan-roles.ts";
import { RoleManager } from "../../../core/membership/role-manager.ts";
import { type Node, type NodeRole, noCertificate } from "../../../core/model/node.ts";
import type { RaftInput } from "../../../core/raft/contract.ts";
import { eventOf } from "../../../core/store/event.ts";
import { cluster, moment, node } from "../../support/model.ts";
import { type RaftTraits, raftView } from "../../support/raft.ts";
import { context, storeOf } from "../../support/store.ts";

// Goal: Raft's membership comes to be what the store says, one safe change after another.

const at = (second: number) => Math.round(second * 1e6) as Instant;

function wanting(id: string, desiredRole: NodeRole, raftId: string | null): Node {
  const known = node(id, raftId === null ? {} : { role: "manager" });
  return { ...known, raftId, spec: { ...known.spec, desiredRole } };
}

function managers(...ids: string[]): Node[] {
  return ids.map((id) => wanting(id, "manager", id));
}

function roleManager(nodes: readonly Node[], traits: RaftTraits, raft = raftView(traits)) {
  const config = { raft, electionTimeout: seconds(10), planted: noBug };
  return new RoleManager(storeOf(cluster(), ...nodes), config, at(0));
}

function ask(nodes: readonly Node[], traits: RaftTraits = {}): RaftInput | null {
  return roleManager(nodes, traits).ask(at(0));
}

function change(kind: "add-learner" | "add-voter" | "remove", member: string): RaftInput {
  return { kind: "propose-config", change: { transition: "auto", steps: [{ kind, member }] } };
}

describe("planRoles()", () => {
  const plan = (nodes: readonly Node[], traits: RaftTraits = {}) =>
    planRoles(context(storeOf(...nodes)), raftView(traits)).flatMap(({ changes }) => changes);

  test("promotes at once, under a name in Raft that nobody had before", () => {
    const [promoted] = plan([...managers("m1"), wanting("w1", "manager", null)]);
    expect(promoted).toMatchObject({ object: { id: "w1", role: "manager", raftId: "w1/2" } });
  });

  test("promotes who has shown its first certificate, since its token is a worker's", () => {
    const issued = { ...noCertificate, issued: 1 };
    const w1 = { ...wanting("w1", "manager", null), certificate: issued };
    const proven = { serial: 1, issuer: "root", notAfter: moment(3_600) };
    expect(plan([...managers("m1"), w1])).toEqual([]);
    expect(plan([...managers("m1"), { ...w1, certificate: { ...issued, proven } }])).toHaveLength(
      1,
    );
  });

  test("demotes only once Raft has let the member go", () => {
    const nodes = [...managers("m1", "m2"), wanting("m3", "worker", "m3")];
    expect(plan(nodes)).toEqual([]);
    expect(plan(nodes, { voters: ["m1", "m2"], changePending: true })).toEqual([]);
    const [demoted] = plan(nodes, { voters: ["m1", "m2"] });
    expect(demoted).toMatchObject({ object: { id: "m3", role: "worker", raftId: null } });
  });

  test("makes a worker's of all certificates that the demoted manager has", () => {
    const certificate = { ...noCertificate, issued: 4, lastAsManager: 1 };
    const nodes = [...managers("m1", "m2"), { ...wanting("m3", "worker", "m3"), certificate }];
    const [demoted] = plan(nodes, { voters: ["m1", "m2"] });
    expect(demoted).toMatchObject({ object: { certificate: { issued: 4, lastAsManager: 4 } } });
  });
});

describe("RoleManager.ask()", () => {
  test("makes a new manager a learner first", () => {
    const nodes = [...managers("m1", "m2", "m3"), wanting("w1", "manager", "w1/9")];
    expect(ask(nodes)).toEqual(change("add-learner", "w1/9"));
  });

  test("lets a learner vote once it holds what the leader had when the round began", () => {
    const nodes = [...managers("m1", "m2", "m3"), wanting("w1", "manager", "w1/9")];
    const match: Record<string, number> = { "w1/9": 10 };
    const behind = { learners: ["w1/9"], match };
    const raft = raftView(behind);
    const caughtUp = raftView({ learners: ["w1/9"] });
    let now = raft;
    const roles = roleManager(nodes, {}, { ...raft, progress: () => now.progress() });
    expect(roles.ask(at(0))).toBeNull();
    expect(roles.ask(at(1))).toBeNull();
    now = caughtUp;
    expect(roles.ask(at(2))).toEqual(change("add-voter", "w1/9"));
  });

  test("looks at a learner again before the round is over, however short elections are", () => {
    const nodes = [...managers("m1", "m2", "m3"), wanting("w1", "manager", "w1/9")];
    const store = storeOf(cluster(), ...nodes);
    const raft = raftView({ learners: ["w1/9"] });
    const roles = new RoleManager(store, { raft, electionTimeout: ms(400), planted: noBug }, at(0));
    expect(roles.ask(at(0))).toBeNull();
    expect(roles.ask(roles.deadline)).toEqual(change("add-voter", "w1/9"));
  });

  test.each([
    ["is not heard just now", { silent: ["w1/9"] }],
    ["may have lost what it had", { probed: ["w1/9"] }],
  ])("does not let a learner vote that %s", (_why, traits) => {
    const nodes = [...managers("m1", "m2", "m3"), wanting("w1", "manager", "w1/9")];
    const roles = roleManager(nodes, { learners: ["w1/9"], ...traits });
    expect(roles.ask(at(0))).toBeNull();
    expect(roles.ask(at(1))).toBeNull();
  });

  test("begins a new round when one took longer than an election", () => {
    const nodes = [...managers("m1", "m2", "m3"), wanting("w1", "manager", "w1/9")];
    const roles = roleManager(nodes, { learners: ["w1/9"] });
    expect(roles.ask(at(0))).toBeNull();
    expect(roles.ask(at(30))).toBeNull();
    expect(roles.ask(at(31))).toEqual(change("add-voter", "w1/9"));
  });

  test("removes who is to be a worker, and whoever is in Raft under an old name", () => {
    const demoted = [...managers("m1", "m2"), wanting("m3", "worker", "m3")];
    expect(ask(demoted)).toEqual(change("remove", "m3"));
    const renamed = [...managers("m1", "m2"), wanting("m3", "manager", "m3/50")];
    expect(ask(renamed)).toEqual(change("remove", "m3"));
  });

  test("does not remove a member while those who are heard would be no quorum without it", () => {
    const nodes = [...managers("m1", "m2"), wanting("m3", "worker", "m3")];
    expect(ask(nodes, { silent: ["m2"] })).toBeNull();
    expect(ask(nodes, { silent: ["m3"] })).toEqual(change("remove", "m3"));
  });

  test("leaves a founder alone whose node has not registered yet", () => {
    expect(ask(managers("m1", "m2"))).toBeNull();
    const removed = [{ id: "m3", until: 0 as never }];
    const store = storeOf(cluster({ removedNodes: removed }), ...managers("m1", "m2"));
    const config = { raft: raftView(), electionTimeout: seconds(10), planted: noBug };
    expect(new RoleManager(store, config, at(0)).ask(at(0))).toEqual(change("remove", "m3"));
  });

  test("hands over when the leader is demoted, to who lacks least, then to another, and on", () => {
    const nodes = [wanting("m1", "worker", "m1"), ...managers("m2", "m3")];
    const roles = roleManager(nodes, { match: { m2: 90 } });
    expect(roles.ask(at(0))).toEqual({ kind: "transfer", to: "m3" });
    expect(roles.ask(at(5))).toBeNull();
    expect(roles.ask(at(11))).toEqual({ kind: "transfer", to: "m2" });
    expect(roles.ask(at(22))).toBeNull();
    expect(roles.ask(roles.deadline)).toEqual({ kind: "transfer", to: "m3" });
  });

  test("does not hand over while the others that are heard would be no quorum", () => {
    const nodes = [wanting("m1", "worker", "m1"), ...managers("m2", "m3")];
    expect(ask(nodes, { silent: ["m2"] })).toBeNull();
  });

  test("looks again when a node's roles change, or it has shown its first certificate", () => {
    const roles = roleManager(managers("m1", "m2", "m3"), {});
    const isNews = (previous: Node, current: Node) => {
      roles.mustPlan = false;
      roles.applied([eventOf("ca", previous, current)], at(1));
      return roles.mustPlan;
    };
    const w1 = wanting("w1", "manager", null);
    const proven = { serial: 1, issuer: "root", notAfter: moment(3_600) };
    const issued = { ...w1, certificate: { ...noCertificate, issued: 1 } };
    const shown = { ...w1, certificate: { ...noCertificate, issued: 1, proven } };
    expect(isNews(wanting("w1", "worker", null), w1)).toBe(true);
    expect(isNews(w1, issued)).toBe(false);
    expect(isNews(issued, shown)).toBe(true);
  });

  test("asks nothing while a change is under way, and rests while all is as it should be", () => {
    const nodes = [...managers("m1", "m2", "m3"), wanting("w1", "manager", "w1/9")];
    expect(ask(nodes, { changePending: true })).toBeNull();
    const settled = roleManager(managers("m1", "m2", "m3"), {});
    expect(settled.ask(at(0))).toBeNull();
    expect(settled.deadline).toBeGreaterThan(at(1_000_000));
    settled.changed(at(7));
    expect(settled.deadline).toBe(at(7));
  });
});
