import { expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import type { Task } from "../../../core/model/task.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { Store } from "../../../core/store/store.ts";
import { moment, node, service, task } from "../../support/model.ts";
import { commit, create, remove, storeOf, transact, update } from "../../support/store.ts";

// Goal: a transaction takes effect whole or not at all, and only if nobody was faster.

const done = { kind: "done", result: "" };
const outdated = {
  kind: "refused",
  rejection: { code: "FailedPrecondition", message: "update out of sequence" },
};

test("Store.apply() stamps each object with the entry's index and time", () => {
  const store = new Store(noBug);
  store.apply({ time: moment(7), transactions: [transact(create(service("web")))] }, 3);
  expect(store.services.get("web")?.meta).toEqual({
    version: 3,
    createdAt: moment(7),
    updatedAt: moment(7),
  });
  const stored = store.services.get("web");
  if (stored !== undefined) commit(store, [transact(update(stored))], 9);
  expect(store.services.get("web")?.meta).toEqual({
    version: 4,
    createdAt: moment(7),
    updatedAt: moment(9),
  });
  expect(store.index).toBe(4);
  expect(store.time).toBe(moment(9));
});

test("Store.apply() of an entry without content moves the index and nothing else", () => {
  const store = storeOf(service("web"));
  const before = store.snapshot();
  expect(store.apply(null, 2)).toEqual({ transactions: [], events: [] });
  expect(store.snapshot()).toEqual({ ...before, index: 2 });
});

test("Store.apply() tells what it did, with the state before and after", () => {
  const [web, api] = [service("web"), service("api")];
  const store = storeOf(web);
  const { events, transactions } = commit(store, [transact(create(api)), transact(remove(web))]);
  expect(events.map(({ actor }) => actor)).toEqual(["control", "control"]);
  expect(events[0]).toMatchObject({ previous: null, current: { id: "api" } });
  expect(events[1]).toMatchObject({ previous: web, current: null });
  expect(transactions.map(({ outcome }) => outcome)).toEqual([done, done]);
});

test("Store.apply() refuses an update whose object has changed since it was read", () => {
  const web = service("web");
  const store = storeOf(web);
  commit(store, [transact(update(web))]);
  const { transactions, events } = commit(store, [transact(update(web))]);
  expect(transactions[0]?.outcome).toEqual(outdated);
  expect(events).toEqual([]);
});

test("Store.apply() refuses the second of two updates of one object in one entry", () => {
  const web = service("web");
  const store = storeOf(web);
  const { transactions } = commit(store, [transact(update(web)), transact(update(web))]);
  expect(transactions.map(({ outcome }) => outcome)).toEqual([done, outdated]);
});

test("Store.apply() refuses a removal of an outdated version", () => {
  const web = service("web");
  const store = storeOf(web);
  commit(store, [transact(update(web))]);
  expect(commit(store, [transact(remove(web))]).transactions[0]?.outcome).toEqual(outdated);
  expect(store.services.has("web")).toBe(true);
});

test("Store.apply() refuses what is not there, and what is there already", () => {
  const store = storeOf(service("web"));
  const { transactions } = commit(store, [
    transact(update(task("t1"))),
    transact(remove(node("n9"))),
    transact(create(service("web"))),
    transact(create(service("other", { name: "web" }))),
  ]);
  const rejections = transactions.map(({ outcome }) =>
    outcome.kind === "refused" ? outcome.rejection : null,
  );
  expect(rejections).toEqual([
    { code: "NotFound", message: "task t1 not found" },
    { code: "NotFound", message: "node n9 not found" },
    { code: "AlreadyExists", message: "service web already exists" },
    { code: "AlreadyExists", message: "service web already exists" },
  ]);
});

test("Store.apply() does nothing of a transaction of which one change is refused", () => {
  const web = service("web");
  const store = storeOf(web);
  const before = store.snapshot();
  const changes = [create(task("t1")), update({ ...web, specVersion: 2 }), remove(node("n9"))];
  const { transactions, events } = commit(store, [transact(...changes)]);
  expect(transactions[0]?.outcome.kind).toBe("refused");
  expect(events).toEqual([]);
  expect(store.snapshot()).toEqual({ ...before, index: 2 });
});

test("Store.apply() goes on with the transactions after one that is refused", () => {
  const store = storeOf();
  commit(store, [transact(remove(node("n9"))), transact(create(service("web")))]);
  expect(store.services.has("web")).toBe(true);
});

test("Store.apply() takes entries in order and once, and no clock that runs backwards", () => {
  const store = storeOf();
  commit(store, [], 5);
  expect(() => store.apply(null, store.index)).toThrow("entries are applied in order, once");
  expect(() => commit(store, [], 4)).toThrow("the cluster's clock does not run backwards");
});

test("Store.apply() takes a task that moves to another node for a bug", () => {
  const running = task("t1", { node: "n1" });
  const store = storeOf(running);
  const moved: Task = { ...running, nodeId: "n2" };
  expect(() => commit(store, [transact(update(moved))])).toThrow("no task moves");
});

test("a removed service's name is free again", () => {
  const web = service("web");
  const store = storeOf(web);
  commit(store, [transact(remove(web))]);
  expect(store.named("service", "web")).toBeUndefined();
  const again = commit(store, [transact(create(service("web2", { name: "web" })))]);
  expect(again.transactions[0]?.outcome).toEqual(done);
  expect(store.named("service", "web")?.id).toBe("web2");
});

test("a task is found by service and by node from the moment it has one", () => {
  const pending = task("t1", { state: "PENDING" });
  const store = storeOf(pending);
  expect([...store.tasksOfService("web").keys()]).toEqual(["t1"]);
  expect(store.tasksOnNode("n1").size).toBe(0);
  const status = { ...pending.status, state: TaskState.ASSIGNED };
  commit(store, [transact(update({ ...pending, nodeId: "n1", status }))]);
  expect([...store.tasksOnNode("n1").keys()]).toEqual(["t1"]);
  commit(store, [transact(remove(store.tasks.get("t1") as Task))]);
  expect(store.tasksOfService("web").size + store.tasksOnNode("n1").size).toBe(0);
});
