import { sortedById } from "../../core/base/order.ts";
import { noBug } from "../../core/base/planted.ts";
import type { Timestamp } from "../../core/base/time.ts";
import type { Change, StoreObject, Transaction } from "../../core/model/change.ts";
import { transaction } from "../../core/plan/plan.ts";
import { Store } from "../../core/store/store.ts";
import { benchNode } from "./bench-objects.ts";
import { best, type Measured, runBench, timed } from "./bench-table.ts";

/**
 * SwarmKit's benchmarks of its store (`memory_test.go`): `npm run bench:store`. Goals are twice
 * what SwarmKit does. What is created and read are nodes, as there.
 */
function main(): void {
  const unit = "/s";
  runBench(
    [
      { what: "creates in one transaction", unit, goal: 92_000, measure: creates },
      { what: "updates in one transaction", unit, goal: 92_000, measure: updatesTogether },
      { what: "entries of one update", unit, goal: 36_000, measure: singleUpdates },
      { what: "gets by id", unit, goal: 860_000, measure: gets },
      { what: "lists of 10,000 nodes, sorted by id", unit, goal: 1000 / 6.2, measure: sortedLists },
      { what: "lists of 10,000 nodes, as SwarmKit's", unit, goal: 1000 / 6.2, measure: lists },
    ],
    creates,
  );
}

const nodeCount = 10_000;
const rounds = 20;
const made = Array.from({ length: nodeCount }, (_, at) => benchNode(at, false));
const ids = made.map(({ id }) => id);
const creations = made.map((object): Change => ({ kind: "create", object }));

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

function filled(): Bench {
  const bench = new Bench();
  bench.apply([transaction("control", creations)]);
  return bench;
}

function updatesOf({ store }: Bench): Change[] {
  return ids.map((id): Change => {
    return { kind: "update", object: store.nodes.get(id) as StoreObject };
  });
}

/** Things done in a second. */
function rate(things: number, prepare: () => () => void): Measured {
  const { wall, processor } = best(Array.from({ length: rounds }, () => timed(prepare())));
  return { wall: things / wall, processor: things / processor };
}

function creates(): Measured {
  return rate(nodeCount, () => {
    const bench = new Bench();
    return () => bench.apply([transaction("control", creations)]);
  });
}

function updatesTogether(): Measured {
  return rate(nodeCount, () => {
    const bench = filled();
    const changes = updatesOf(bench);
    return () => bench.apply([transaction("control", changes)]);
  });
}

function singleUpdates(): Measured {
  return rate(nodeCount, () => {
    const bench = filled();
    const transactions = updatesOf(bench).map((change) => transaction("control", [change]));
    return () => {
      for (const each of transactions) bench.apply([each]);
    };
  });
}

function gets(): Measured {
  const { store } = filled();
  const times = 100;
  return rate(nodeCount * times, () => () => {
    let found = 0;
    for (let time = 0; time < times; time += 1) {
      for (const id of ids) if (store.nodes.get(id)?.id === id) found += 1;
    }
    if (found !== nodeCount * times) throw new Error("a node was not found");
  });
}

function sortedLists(): Measured {
  const { store } = filled();
  return manyLists(() => sortedById(store.nodes.values()));
}

/** In no order. */
function lists(): Measured {
  const { store } = filled();
  return manyLists(() => [...store.nodes.values()]);
}

function manyLists(list: () => readonly unknown[]): Measured {
  const times = 10;
  return rate(times, () => () => {
    for (let time = 0; time < times; time += 1) {
      if (list().length !== nodeCount) throw new Error("a node is missing");
    }
  });
}

main();
