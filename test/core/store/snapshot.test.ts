import { expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { Store } from "../../../core/store/store.ts";
import {
  moment,
  cluster as newCluster,
  node,
  resources,
  service,
  task,
} from "../../support/model.ts";
import { commit, storeOf, transact, update } from "../../support/store.ts";

const cluster = newCluster();

test("Store.snapshot() lists the cluster, then each table by id, whatever came first", () => {
  const store = storeOf(task("t2"), node("n2"), service("b"), cluster, task("t1"), node("n1"));
  const ids = store.snapshot().objects.map(({ id }) => id);
  expect(ids).toEqual(["cluster", "n1", "n2", "b", "t1", "t2"]);
});

test("Store.snapshot() does not change when the store goes on", () => {
  const web = service("web");
  const store = storeOf(web);
  const before = store.snapshot();
  const copy = structuredClone(before);
  commit(store, [transact(update({ ...web, specVersion: 9 }))], 8);
  expect(before).toEqual(copy);
});

test("Store.restore() brings back objects, indexes, loads, cluster, index and time", () => {
  const held = task("t1", { reservations: resources(1, 64) });
  const store = storeOf(cluster, node("n1"), service("web"), held);
  store.apply({ time: moment(30), transactions: [] }, 12);
  const copy = new Store(noBug);
  copy.restore(store.snapshot());
  expect(copy.snapshot()).toEqual(store.snapshot());
  expect(copy.cluster).toEqual(cluster);
  expect([copy.index, copy.time]).toEqual([12, moment(30)]);
  expect(copy.loadOf("n1")).toEqual(store.loadOf("n1"));
  expect(copy.named("service", "web")?.id).toBe("web");
});

test("Store.restore() brings back where a spec has failed of late", () => {
  const failing = [1, 2, 3, 4, 5].map((slot) =>
    task(`t${slot}`, { slot, node: "n1", state: "RUNNING" }),
  );
  const store = storeOf(service("web"), ...failing);
  const ends = failing.map((each) => {
    return update({ ...each, status: { ...each.status, state: TaskState.FAILED } });
  });
  commit(store, [transact(...ends)], 8);
  expect(store.faultyNodes("web", 1)).toEqual(new Map([["n1", 5]]));
  const copy = new Store(noBug);
  copy.restore(store.snapshot());
  expect(copy.faultyNodes("web", 1)).toEqual(new Map([["n1", 5]]));
});

test("Store.restore() keeps no settings of a cluster that the snapshot does not have", () => {
  const [store, empty] = [storeOf(cluster), storeOf()];
  empty.apply(null, 9);
  store.restore(empty.snapshot());
  expect(store.cluster).toBeNull();
});

test("Store.restore() does not go back to an older index", () => {
  const [ahead, behind] = [storeOf(), storeOf()];
  ahead.apply(null, 9);
  expect(() => ahead.restore(behind.snapshot())).toThrow("a snapshot does not take the store back");
});
