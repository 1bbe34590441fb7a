import { expect, test } from "vitest";
import { planRotation } from "../../../core/ca/rotation.ts";
import type { Cluster } from "../../../core/model/cluster.ts";
import type { Node } from "../../../core/model/node.ts";
import type { Plan } from "../../../core/plan/plan.ts";
import { ca, cluster, member, root, rotation } from "../../support/certificates.ts";
import { moment } from "../../support/model.ts";
import { commit, context, storeOf } from "../../support/store.ts";

const rotating = cluster(ca({ rotation: rotation() }));
const many = (count: number, issuer: string) =>
  Array.from({ length: count }, (_, at) => member(`w${at + 10}`, "worker", 1, issuer));

function changed(plan: Plan): (Cluster | Node)[] {
  return plan.transactions.flatMap(({ changes }) =>
    changes.map((change) => (change.kind === "remove" ? null : change.object) as Cluster | Node),
  );
}

test("thirty nodes are told at a time, and the next thirty after three seconds", () => {
  const store = storeOf(rotating, ...many(70, "r1"));
  const marks: number[] = [];
  for (let second = 100; second < 110; second += 1) {
    const plan = planRotation(context(store, second));
    const nodes = changed(plan).filter(({ kind }) => kind === "node");
    marks.push(nodes.length);
    if (plan.transactions.length > 0) commit(store, [...plan.transactions], second);
  }
  expect(marks).toEqual([30, 0, 0, 30, 0, 0, 10, 0, 0, 0]);
});

test("the roots are swapped, and the tokens with them, when the last node has moved", () => {
  const nodes = many(5, "r2");
  expect(changed(planRotation(context(storeOf(rotating, ...nodes), 100)))).toMatchObject([
    { kind: "cluster", ca: { root: root("r2"), rotation: null } },
  ]);
  const [late, ...others] = nodes as [Node, ...Node[]];
  const behind = { ...late, certificate: member(late.id, "worker", 1, "r1").certificate };
  const store = storeOf(rotating, behind, ...others);
  expect(changed(planRotation(context(store, 100))).some(({ kind }) => kind === "node")).toBe(true);
});

test("the roots are not swapped before each founder has shown a certificate", () => {
  const waiting = cluster(ca({ rotation: rotation(), founding: ["m3"] }));
  expect(changed(planRotation(context(storeOf(waiting, ...many(5, "r2")), 100)))).toEqual([]);
});

test("new tokens name the new root", () => {
  const { joinTokens } = swapped(rotating).ca ?? ca();
  expect(joinTokens.worker).toContain(root("r2").digest);
  expect(joinTokens.manager).toContain(root("r2").digest);
});

/** The cluster once the rotation is over that is under way in it. */
function swapped(from: Cluster): Cluster {
  const [found] = changed(planRotation(context(storeOf(from, ...many(1, "r2")), 100)));
  return found as Cluster;
}

test("the old root's word is kept, before those of its predecessors, eight at most", () => {
  const vouching = (name: string) => ({ digest: root(name).digest, crossSigned: "its word" });
  const formerRoots = ["a", "b", "c", "d", "e", "f", "g", "h"].map(vouching);
  const { ca: after } = swapped(cluster(ca({ rotation: rotation(), formerRoots })));
  const own = { digest: root("r1").digest, crossSigned: "r1 vouches for r2" };
  expect(after?.formerRoots).toEqual([own, ...formerRoots.slice(0, 7)]);
});

test("no root's word is kept while a node of the cluster could not read it", () => {
  expect(swapped({ ...rotating, level: 5 }).ca?.formerRoots).toEqual([]);
});

test("nothing happens before the old root has vouched for the new one", () => {
  const early = cluster(ca({ rotation: rotation({ crossSigned: null }) }));
  expect(planRotation(context(storeOf(early, ...many(3, "r1")), 100))).toEqual({
    transactions: [],
    wakeAt: null,
  });
});

test("a new leader waits for the batch of the one before it", () => {
  const marked = cluster(ca({ rotation: rotation({ markedAt: moment(99) }) }));
  const plan = planRotation(context(storeOf(marked, ...many(40, "r1")), 100));
  expect(plan).toEqual({ transactions: [], wakeAt: moment(102) });
});
