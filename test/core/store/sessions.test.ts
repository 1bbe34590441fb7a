import { expect, test } from "vitest";
import { limits } from "../../../core/base/limits.ts";
import type { Change, Outcome, Transaction } from "../../../core/model/change.ts";
import { rejection } from "../../../core/model/rejection.ts";
import { ClientSessions } from "../../../core/store/client-sessions.ts";
import { service } from "../../support/model.ts";
import { commit, create, remove, storeOf, transact } from "../../support/store.ts";

// Goal: a command that a client repeats takes effect once (Raft thesis 6.3).

function done(result: string): Outcome {
  return { kind: "done", result };
}

function asked(sequence: number, result: string, change: Change): Transaction {
  return { ...transact(change), request: { client: "cli", sequence }, result };
}

test("a repeated command takes effect once and is answered as before", () => {
  const store = storeOf();
  const first = commit(store, [asked(1, "id-1", create(service("web")))]);
  const again = commit(store, [asked(1, "id-2", create(service("web2")))]);
  expect(first.transactions[0]?.outcome).toEqual({ kind: "done", result: "id-1" });
  expect(again.transactions[0]?.outcome).toEqual({ kind: "done", result: "id-1" });
  expect(again.events).toEqual([]);
  expect([...store.services.keys()]).toEqual(["web"]);
  expect(store.answered({ client: "cli", sequence: 1 })).toEqual(done("id-1"));
});

test("a command repeated within one entry takes effect once", () => {
  const store = storeOf();
  const twice = asked(1, "id-1", create(service("web")));
  const { transactions, events } = commit(store, [twice, twice]);
  expect(transactions.map(({ outcome }) => outcome.kind)).toEqual(["done", "done"]);
  expect(events).toHaveLength(1);
});

test("a command that was refused stays refused, though it could be carried out by now", () => {
  const web = service("web");
  const store = storeOf(web);
  const refused = commit(store, [asked(1, "id-1", create(web))]).transactions[0]?.outcome;
  expect(refused?.kind).toBe("refused");
  commit(store, [transact(remove(web))]);
  const late = commit(store, [asked(1, "id-2", create(web))]);
  expect(late.transactions[0]?.outcome).toEqual(refused);
  expect(late.events).toEqual([]);
});

test("a refusal that was decided before it was committed changes nothing and is remembered", () => {
  const store = storeOf();
  const refusal = rejection("NotFound", "service web not found");
  const told = commit(store, [{ ...asked(1, "", create(service("web"))), changes: [], refusal }]);
  expect(told.transactions[0]?.outcome).toEqual({ kind: "refused", rejection: refusal });
  expect(told.events).toEqual([]);
  expect(store.answered({ client: "cli", sequence: 1 })).toEqual(told.transactions[0]?.outcome);
});

test("a command that comes after a later one of its client has no effect", () => {
  const store = storeOf();
  commit(store, [asked(2, "second", create(service("web")))]);
  const late = commit(store, [asked(1, "first", create(service("old")))]);
  expect(late.events).toEqual([]);
  expect(store.services.has("old")).toBe(false);
});

test("clients do not disturb one another", () => {
  const store = storeOf();
  const other = { ...asked(1, "b", create(service("b"))), request: { client: "ui", sequence: 1 } };
  commit(store, [asked(1, "a", create(service("a"))), other]);
  expect([...store.services.keys()]).toEqual(["a", "b"]);
});

test("sessions are part of a snapshot", () => {
  const store = storeOf();
  commit(store, [asked(4, "id-1", create(service("web")))]);
  const copy = storeOf();
  copy.restore(store.snapshot());
  expect(copy.answered({ client: "cli", sequence: 4 })).toEqual(done("id-1"));
  expect(copy.answered({ client: "cli", sequence: 5 })).toBeUndefined();
});

test("ClientSessions forgets the client that was silent for longest, at its bound", () => {
  const sessions = new ClientSessions();
  for (let client = 0; client < limits.clientSessions; client += 1) {
    sessions.record({ client: `c${client}`, sequence: 1 }, done("first"));
  }
  sessions.record({ client: "c0", sequence: 2 }, done("again"));
  sessions.record({ client: "one more", sequence: 1 }, done("first"));
  expect(sessions.list()).toHaveLength(limits.clientSessions);
  expect(sessions.answered({ client: "c0", sequence: 2 })).toEqual(done("again"));
  expect(sessions.answered({ client: "c1", sequence: 1 })).toBeUndefined();
  expect(sessions.answered({ client: "c2", sequence: 1 })).toEqual(done("first"));
});

test("ClientSessions forgets the same client next after a snapshot", () => {
  const [before, after] = [new ClientSessions(), new ClientSessions()];
  for (const client of ["b", "a", "c"]) before.record({ client, sequence: 1 }, done(client));
  before.record({ client: "b", sequence: 2 }, done("b"));
  after.restore(before.list());
  expect(after.list()).toEqual(before.list());
  expect(after.list().map(({ client }) => client)).toEqual(["a", "c", "b"]);
});
