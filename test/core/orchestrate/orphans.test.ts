import { expect, test } from "vitest";
import { minutes } from "../../../core/base/time.ts";
import { type Cluster, defaultClusterSpec } from "../../../core/model/cluster.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { orphan } from "../../../core/orchestrate/orphans.ts";
import { meta, moment, node, task } from "../../support/model.ts";
import { commit, context, storeOf } from "../../support/store.ts";

// Goal: what a node that is down for good had is given up, by any leader at the same moment.

const day = 24 * 60 * 60;
const store = () =>
  storeOf(
    node("w1", { state: "down", downSince: 100 }),
    task("assigned", { node: "w1", state: "ASSIGNED" }),
    task("running", { node: "w1", desired: "SHUTDOWN" }),
    task("failed", { node: "w1", state: "FAILED" }),
    task("elsewhere", { node: "w2" }),
  );

test("orphan() waits until the node has been down for a day", () => {
  const plan = orphan(context(store(), 100 + day - 1), ["w1"]);
  expect(plan).toEqual({ transactions: [], wakeAt: moment(100 + day) });
});

test("orphan() then gives up what may still run, and frees what it had set aside", () => {
  const cluster = store();
  const { transactions, wakeAt } = orphan(context(cluster, 100 + day), ["w1"]);
  expect(wakeAt).toBeNull();
  expect(transactions.every(({ actor }) => actor === "dispatcher")).toBe(true);
  commit(cluster, transactions, 100 + day);
  const orphaned = [...cluster.tasks.values()].filter(
    ({ status }) => status.state === TaskState.ORPHANED,
  );
  expect(orphaned.map(({ id }) => id).sort()).toEqual(["assigned", "running"]);
  expect(cluster.loadOf("w1").activeTasks).toBe(0);
});

test("orphan() goes by the period that the cluster has now", () => {
  const spec = { ...defaultClusterSpec, nodeDownPeriod: minutes(1) };
  const settings: Cluster = { kind: "cluster", id: "cluster", meta: meta(1), spec, ca: null };
  const down = node("w1", { state: "down", downSince: 100 });
  const cluster = storeOf(settings, down, task("running", { node: "w1" }));
  expect(orphan(context(cluster, 159), ["w1"]).transactions).toEqual([]);
  expect(orphan(context(cluster, 160), ["w1"]).transactions).toHaveLength(1);
});

test("orphan() leaves nodes alone that are not down or not there", () => {
  const cluster = storeOf(node("w1"), task("running", { node: "w1" }));
  expect(orphan(context(cluster, 10 * day), ["w1", "w9"])).toEqual({
    transactions: [],
    wakeAt: null,
  });
});
