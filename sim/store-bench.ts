import { sortedById } from "../core/base/order.ts";
import { noBug } from "../core/base/planted.ts";
import type { Timestamp } from "../core/base/time.ts";
import type { Change, StoreObject, Transaction } from "../core/model/change.ts";
import { transaction } from "../core/plan/plan.ts";
import { Store } from "../core/store/store.ts";
import { benchNode } from "./bench-objects.ts";

/**
 * SwarmKit's benchmarks of its store (`memory_test.go`): `npm run bench:store`. Goals are twice
 * what SwarmKit does. What is created and read are nodes, as there.
 */
const nodeCount = 10_000;
const rounds = 20;

class Bench {
  readonly store = new Store(noBug);

  apply(transactions: readonly Transaction[]): void {
    const index = this.store.index + 1;
    const done = this.store.apply({ time: index as Timestamp, transactions }, index);
    if (done.transactions.some(({ outcome }) => outcome.kind !== "done")) {
      throw new Error("a transaction was refused");
    }
  }
}

const made = Array.from({ length: nodeCount }, (_, at) => benchNode(at, false));
const ids = made.map(({ id }) => id);
const creations = made.map((object): Change => ({ kind: "create", object }));

function filled(): Bench {
  const bench = new Bench();
  bench.apply([transaction("control", creations)]);
  return bench;
}

function updates({ store }: Bench): Change[] {
  return ids.map((id): Change => {
    return { kind: "update", object: store.nodes.get(id) as StoreObject };
  });
}

/** Things done in a second, at best: what a busy machine takes away is not the store's. */
function rate(things: number, prepare: () => () => void): number {
  let best = 0;
  for (let round = 0; round < rounds; round += 1) {
    const run = prepare();
    const begun = performance.now();
    run();
    best = Math.max(best, (things * 1000) / (performance.now() - begun));
  }
  return best;
}

function print(what: string, got: number, goal: number): void {
  const figures = [got, goal].map((each) => Math.round(each).toLocaleString("en").padStart(12));
  console.log(
    `${figures.join("  of at least ")}  ${(got / goal).toFixed(1).padStart(5)}x  ${what}`,
  );
}

const created = rate(nodeCount, () => {
  const bench = new Bench();
  return () => bench.apply([transaction("control", creations)]);
});
print("creates a second in one transaction", created, 92_000);

const updated = rate(nodeCount, () => {
  const bench = filled();
  const changes = updates(bench);
  return () => bench.apply([transaction("control", changes)]);
});
print("updates a second in one transaction", updated, 92_000);

const single = rate(nodeCount, () => {
  const bench = filled();
  const transactions = updates(bench).map((change) => transaction("control", [change]));
  return () => {
    for (const each of transactions) bench.apply([each]);
  };
});
print("entries of one update a second", single, 36_000);

const stored = filled().store;
let found = 0;
const got = rate(nodeCount * 100, () => () => {
  for (let again = 0; again < 100; again += 1) {
    for (const id of ids) if (stored.nodes.get(id)?.id === id) found += 1;
  }
});
print("gets by id a second", got, 860_000);
if (found !== rounds * nodeCount * 100) throw new Error("a node was not found");

const listed = rate(1, () => () => void sortedById(stored.nodes.values()));
print("sorted lists of 10,000 nodes a second", listed, 1000 / 6.2);
const plain = rate(1, () => () => void [...stored.nodes.values()]);
print("lists of 10,000 nodes a second, in no order (as SwarmKit's)", plain, 1000 / 6.2);
