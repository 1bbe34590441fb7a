import fc from "fast-check";
import { expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import type { Change, StoreEntry, StoreObject } from "../../../core/model/change.ts";
import type { Task } from "../../../core/model/task.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { Store } from "../../../core/store/store.ts";
import { moment, node, resources, type StateName, service, task } from "../../support/model.ts";
import { transact } from "../../support/store.ts";
import { compare, NaiveStore } from "./naive-store.ts";

// Goal: tables, indexes and loads are what the entries make them, on every copy.
// Method: random transactions, some out of date, against a list recomputed from scratch.

interface Draft {
  readonly what: "create" | "update" | "remove";
  readonly kind: "node" | "service" | "task";
  readonly id: number;
  readonly owner: number;
  readonly node: number;
  readonly state: StateName;
  readonly desired: StateName;
  readonly cpus: number;
  /** How far the version is out of date. */
  readonly behind: number;
}

const states = Object.keys(TaskState) as StateName[];

const draft: fc.Arbitrary<Draft> = fc.record({
  what: fc.constantFrom("create", "update", "update", "remove"),
  kind: fc.constantFrom("node", "service", "task", "task", "task"),
  id: fc.integer({ min: 1, max: 3 }),
  owner: fc.integer({ min: 1, max: 3 }),
  node: fc.nat(3),
  state: fc.constantFrom(...states),
  desired: fc.constantFrom(...states),
  cpus: fc.nat(8),
  behind: fc.constantFrom(0, 0, 0, 0, 1),
});

/** Distinct objects: a transaction changes each only once. */
const transactionOf = fc.uniqueArray(draft, {
  minLength: 1,
  maxLength: 4,
  selector: ({ kind, id }) => `${kind} ${id}`,
});
const entries = fc.array(fc.array(transactionOf, { maxLength: 3 }), { maxLength: 25 });

function objectOf(from: Draft, current: StoreObject | undefined): StoreObject {
  const version = (current?.meta.version ?? 0) - from.behind;
  const meta = { version, createdAt: moment(0), updatedAt: moment(0) };
  if (from.kind === "node") return { ...node(`n${from.id}`), meta };
  if (from.kind === "service") return { ...service(`s${from.id}`), meta };
  const kept = current as Task | undefined;
  const chosen = from.node === 0 ? null : `n${from.node}`;
  return {
    ...task(`t${from.id}`, {
      service: kept?.serviceId ?? `s${from.owner}`,
      node: kept?.nodeId ?? chosen,
      state: from.state,
      desired: from.desired,
      reservations: resources(from.cpus / 4, from.cpus * 16),
    }),
    ...(kept === undefined ? {} : { spec: kept.spec }),
    meta,
  };
}

function changeOf(from: Draft, naive: NaiveStore): Change {
  const current = naive.find(from.kind, `${from.kind[0]}${from.id}`);
  const object = objectOf(from, current);
  if (from.what !== "remove") return { kind: from.what, object };
  return { kind: "remove", table: object.kind, id: object.id, version: object.meta.version };
}

test("Store agrees with a plain list under random transactions, and so do its copies", () => {
  fc.assert(
    fc.property(entries, fc.nat(25), (drafts, snapshotAt) => {
      const naive = new NaiveStore();
      const store = new Store(noBug);
      const replica = new Store(noBug);
      const late = new Store(noBug);
      for (const [at, transactions] of drafts.entries()) {
        const changes = transactions.map((each) => each.map((one) => changeOf(one, naive)));
        const entry: StoreEntry = {
          term: 1,
          time: moment(at),
          transactions: changes.map((each) => transact(...each)),
        };
        const carriedOut = naive.apply(entry);
        const outcomes = store.apply(entry, at + 1).transactions.map(({ outcome }) => outcome.kind);
        expect(outcomes).toEqual(carriedOut.map((done) => (done ? "done" : "refused")));
        compare(store, naive);
        replica.apply(entry, at + 1);
        if (at > snapshotAt) late.apply(entry, at + 1);
        else if (at === snapshotAt) late.restore(store.snapshot());
      }
      expect(replica.snapshot()).toEqual(store.snapshot());
      if (snapshotAt >= drafts.length) return;
      expect(late.snapshot()).toEqual(store.snapshot());
      compare(late, naive);
    }),
    { numRuns: 150 },
  );
});

test("Store.restore() leaves nothing of what was there before", () => {
  fc.assert(
    fc.property(entries, entries, (before, after) => {
      const [old, fresh] = [new Store(noBug), new Store(noBug)];
      const naive = new NaiveStore();
      fill(old, new NaiveStore(), before, 0);
      fill(fresh, naive, after, before.length);
      old.restore(fresh.snapshot());
      expect(old.snapshot()).toEqual(fresh.snapshot());
      compare(old, naive);
    }),
    { numRuns: 50 },
  );
});

function fill(
  store: Store,
  naive: NaiveStore,
  drafts: readonly (readonly Draft[][])[],
  behind: number,
): void {
  for (let at = 0; at < behind; at += 1) naive.index += 1;
  for (const [at, transactions] of drafts.entries()) {
    const changes = transactions.map((each) => each.map((one) => changeOf(one, naive)));
    const entry = {
      term: 1,
      time: moment(at),
      transactions: changes.map((each) => transact(...each)),
    };
    naive.apply(entry);
    store.apply(entry, behind + at + 1);
  }
  if (drafts.length === 0) store.apply(null, behind + 1);
}
