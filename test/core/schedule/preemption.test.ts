import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { StoreObject } from "../../../core/model/change.ts";
import type { Cluster } from "../../../core/model/cluster.ts";
import type { Task } from "../../../core/model/task.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { Scheduler } from "../../../core/schedule/scheduler.ts";
import type { Store } from "../../../core/store/store.ts";
import { hostPort, node, resources, settings, type TaskTraits, task } from "../../support/model.ts";
import { openEntry, Scheduling, schedule } from "../../support/scheduling.ts";
import { commit, context, storeOf, transact, update } from "../../support/store.ts";

// Goal: what matters more gets the room of what matters less: no more of it than it needs, where
// that costs least, and nobody else takes it meanwhile.

const allowed = settings({ preemption: true });

/** A task of its own service, which takes so many processors. Nodes have four. */
function wants(id: string, cpus: number, traits: TaskTraits = {}): Task {
  return task(id, { service: id, slot: 1, reservations: resources(cpus, 1), ...traits });
}

const pending = (id: string, cpus: number, traits: TaskTraits = {}) =>
  wants(id, cpus, { state: "PENDING", ...traits });

function planned(...objects: StoreObject[]): Store {
  const store = storeOf(...objects);
  commit(store, schedule(context(store)));
  return store;
}

function victims(store: Store): string[] {
  const all = [...store.tasks.values()].filter(({ preemptedBy }) => preemptedBy !== null);
  return all.map(({ id, preemptedBy }) => `${id} for ${preemptedBy}`).sort();
}

const nominated = (store: Store, id: string) => store.tasks.get(id)?.nominatedNodeId;

/** Those whose room is wanted have stopped. */
function stopVictims(store: Store): void {
  for (const victim of [...store.tasks.values()].filter((each) => each.preemptedBy !== null)) {
    const status = { ...victim.status, state: TaskState.SHUTDOWN };
    commit(store, [transact(update({ ...victim, status }))]);
  }
}

describe("a task that fits nowhere", () => {
  test("takes the room of a task of lower priority, where the cluster allows it", () => {
    const low = wants("low", 3, { node: "n1" });
    const high = pending("high", 2, { priority: 1 });
    const store = planned(allowed, node("n1"), low, high);
    expect(victims(store)).toEqual(["low for high"]);
    expect(nominated(store, "high")).toBe("n1");
    expect(store.tasks.get("high")?.status.err).toBe(
      "no suitable node (insufficient resources on 1 node)",
    );
    stopVictims(store);
    commit(store, schedule(context(store)));
    expect(store.tasks.get("high")?.nodeId).toBe("n1");
    expect(nominated(store, "high")).toBeNull();
  });

  test("takes that of the node with the lowest id where the cost is the same", () => {
    const nodes = ["n3", "n1", "n2"].map((id) => node(id));
    const low = nodes.map(({ id }) => wants(`low-${id}`, 3, { node: id }));
    const store = planned(allowed, ...nodes, ...low, pending("high", 2, { priority: 1 }));
    expect(victims(store)).toEqual(["low-n1 for high"]);
  });

  test("asks who has come to be in its way since, though all else is as it was told", () => {
    const err = "no suitable node (insufficient resources on 1 node)";
    const high = pending("high", 2, { priority: 1, nominated: "n1", err });
    const store = planned(allowed, node("n1"), wants("low", 3, { node: "n1" }), high);
    expect(victims(store)).toEqual(["low for high"]);
  });

  test("takes room as soon as the cluster allows it", () => {
    const low = wants("low", 3, { node: "n1" });
    const waiting = pending("high", 2, { priority: 1 });
    const scheduling = new Scheduling(settings(), node("n1"), low, waiting);
    scheduling.settle();
    const before = scheduling.store.cluster as Cluster;
    scheduling.change(update({ ...before, spec: { ...before.spec, preemption: true } }));
    scheduling.settle();
    expect(victims(scheduling.store)).toEqual(["low for high"]);
  });

  test("takes room on its own node, though another of its service finds none on its", () => {
    const high = (on: string) =>
      pending(`g-${on}`, 2, { priority: 1, service: "g", slot: 0, node: on });
    const runs = [wants("like", 3, { node: "n1", priority: 1 }), wants("low", 3, { node: "n2" })];
    const store = planned(allowed, node("n1"), node("n2"), ...runs, high("n1"), high("n2"));
    expect(victims(store)).toEqual(["low for g-n2"]);
  });

  test("asks nobody twice for the same room", () => {
    const low = wants("low", 3, { node: "n1" });
    const store = planned(allowed, node("n1"), low, pending("high", 2, { priority: 1 }));
    expect(victims(store)).toEqual(["low for high"]);
    expect(schedule(context(store))).toEqual([]);
  });

  test.each([
    ["where the cluster does not allow it", settings(), 1],
    ["of its equals", allowed, 0],
  ])("takes nobody's room %s", (_when, given, priority) => {
    const low = wants("low", 3, { node: "n1" });
    const store = planned(given, node("n1"), low, pending("high", 2, { priority }));
    expect(victims(store)).toEqual([]);
  });

  test("takes no more room than it needs, and leaves the most worthy and the oldest", () => {
    const store = planned(
      allowed,
      node("n1"),
      wants("a", 1, { node: "n1", priority: 1 }),
      wants("b", 1, { node: "n1", createdAt: 1 }),
      wants("c", 1, { node: "n1", createdAt: 2 }),
      wants("d", 1, { node: "n1", createdAt: 3 }),
      pending("high", 2, { priority: 2 }),
    );
    expect(victims(store)).toEqual(["c for high", "d for high"]);
  });

  test("goes where those who yield matter least, then where they are the fewest", () => {
    const store = planned(
      allowed,
      ...[node("n1"), node("n2"), node("n3")],
      wants("a", 4, { node: "n1", priority: 3 }),
      ...[wants("b1", 2, { node: "n2" }), wants("b2", 2, { node: "n2" })],
      wants("c", 4, { node: "n3" }),
      pending("high", 4, { priority: 5 }),
    );
    expect(victims(store)).toEqual(["c for high"]);
  });

  test("takes no room where that alone does not help", () => {
    const high = pending("high", 2, { priority: 1, constraints: ["node.hostname==n2"] });
    const store = planned(allowed, node("n1"), wants("low", 3, { node: "n1" }), high);
    expect(victims(store)).toEqual([]);
  });

  test("waits for what is going anyway", () => {
    const going = wants("going", 3, { node: "n1", desired: "SHUTDOWN" });
    const other = wants("other", 1, { node: "n1" });
    const store = planned(allowed, node("n1"), going, other, pending("high", 2, { priority: 1 }));
    expect(victims(store)).toEqual([]);
    expect(nominated(store, "high")).toBe("n1");
  });

  test("gets a port of the node itself from who has it", () => {
    const low = wants("low", 1, { node: "n1", ports: [hostPort(80)] });
    const high = pending("high", 1, { priority: 1, ports: [hostPort(80)] });
    expect(victims(planned(allowed, node("n1"), low, high))).toEqual(["low for high"]);
  });
});

test("the room is kept for whom it is cleared, though others come before it is free", () => {
  const store = planned(
    allowed,
    node("n1"),
    ...[wants("a", 2, { node: "n1" }), wants("b", 2, { node: "n1" })],
    pending("high", 4, { priority: 1 }),
  );
  expect(victims(store)).toEqual(["a for high", "b for high"]);
  const first = store.tasks.get("a") as Task;
  const status = { ...first.status, state: TaskState.SHUTDOWN };
  commit(store, [transact(update({ ...first, status }))]);
  commit(store, [transact({ kind: "create", object: pending("late", 2) })]);
  commit(store, schedule(context(store)));
  expect(store.tasks.get("late")?.nodeId).toBeNull();
  stopVictims(store);
  commit(store, schedule(context(store)));
  expect(store.tasks.get("high")?.nodeId).toBe("n1");
});

test("the room is kept in each turn until it is free, whatever has come meanwhile", () => {
  const low = wants("low", 3, { node: "n1" });
  const high = pending("high", 4, { priority: 1 });
  const scheduling = new Scheduling(allowed, node("n1"), low, high);
  scheduling.settle();
  expect(nominated(scheduling.store, "high")).toBe("n1");
  scheduling.change({ kind: "create", object: pending("late", 1) });
  scheduling.settle();
  expect(scheduling.store.tasks.get("late")?.nodeId).toBeNull();
});

test("several that need room are given it on nodes of their own", () => {
  const store = planned(
    allowed,
    ...[node("n1"), node("n2")],
    ...[wants("a", 4, { node: "n1" }), wants("b", 4, { node: "n2" })],
    ...[pending("x", 4, { priority: 1 }), pending("y", 4, { priority: 1 })],
  );
  commit(store, schedule(context(store)));
  expect(victims(store)).toHaveLength(2);
  expect(new Set([nominated(store, "x"), nominated(store, "y")])).toEqual(new Set(["n1", "n2"]));
});

test("a scheduler that has planned before decides as one that begins anew", () => {
  const sizes = fc.constantFrom(1, 2, 3, 4);
  const running = fc.array(fc.tuple(sizes, fc.nat(2), fc.nat(2)), { maxLength: 8 });
  const waiting = fc.array(fc.tuple(sizes, fc.nat(3)), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(running, waiting, (placed, queued) => {
      const objects = [
        allowed,
        ...["n0", "n1", "n2"].map((id) => node(id)),
        ...placed.map(([cpus, priority, at], index) =>
          wants(`r${index}`, cpus, { node: `n${at}`, priority }),
        ),
        ...queued.map(([cpus, priority], index) => pending(`p${index}`, cpus, { priority })),
      ];
      const store = storeOf(...objects);
      const kept = new Scheduler(store, context(store).planted);
      for (let round = 0; round < 6; round += 1) {
        const { entry, transactions } = openEntry();
        kept.plan(context(store), entry);
        expect(transactions).toEqual(schedule(context(store)));
        kept.note(commit(store, transactions).events);
        for (const victim of [...store.tasks.values()].filter((each) => each.preemptedBy)) {
          const by = store.tasks.get(victim.preemptedBy ?? "");
          expect(by?.spec.priority).toBeGreaterThan(victim.spec.priority);
          if (victim.status.state === TaskState.SHUTDOWN) continue;
          const status = { ...victim.status, state: TaskState.SHUTDOWN };
          kept.note(commit(store, [transact(update({ ...victim, status }))]).events);
        }
      }
      const charged = (id: string) => store.loadOf(id).nanoCpus;
      const most = Math.max(...placed.map(([, , at]) => charged(`n${at}`)), 0);
      expect(most).toBeLessThanOrEqual(Math.max(4e9, totalOn(placed)));
    }),
    { numRuns: 200 },
  );
});

/** The most that any node had been given at first, which may be more than it has. */
function totalOn(placed: readonly (readonly [number, number, number])[]): number {
  const totals = [0, 1, 2].map((node) =>
    placed.filter(([, , at]) => at === node).reduce((sum, [cpus]) => sum + cpus * 1e9, 0),
  );
  return Math.max(...totals);
}
