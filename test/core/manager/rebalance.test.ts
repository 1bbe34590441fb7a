import { describe, expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import { Rebalance } from "../../../core/manager/rebalance.ts";
import { Turn } from "../../../core/manager/turn.ts";
import type { StoreObject } from "../../../core/model/change.ts";
import type { Service } from "../../../core/model/service.ts";
import type { Task } from "../../../core/model/task.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { Scheduler } from "../../../core/schedule/scheduler.ts";
import type { Store } from "../../../core/store/store.ts";
import { outcome } from "../../support/control.ts";
import {
  cluster,
  moment,
  node,
  resources,
  service,
  settings,
  type TaskTraits,
  task,
} from "../../support/model.ts";
import { commit, context, create, remove, storeOf, transact, update } from "../../support/store.ts";

// Goal: tasks move to nodes with less to do, as many as may and no more, and only for a gain.

const perMinute = (rebalancePerMinute: number) => settings({ rebalancePerMinute });

/** So many tasks of a service that run on a node, in slots from `first` on. */
function runs(count: number, on: string, first = 1, traits: TaskTraits = {}): Task[] {
  return Array.from({ length: count }, (_, at) => {
    const of = traits.service ?? "web";
    return task(`${of}${first + at}`, { slot: first + at, node: on, ...traits });
  });
}

/** A leader's part of it, whose moves are obeyed at once where they are let. */
class Mover {
  readonly store: Store;
  readonly scheduler: Scheduler;
  readonly rebalance: Rebalance;
  /** Where each move went, and when. */
  readonly moves: string[] = [];

  constructor(...objects: StoreObject[]) {
    this.store = storeOf(...objects);
    this.scheduler = new Scheduler(this.store, noBug);
    this.rebalance = new Rebalance(this.store, noBug);
  }

  at(second: number): this {
    const turn = new Turn();
    const now = context(this.store, second, second + 1);
    this.scheduler.plan(now, turn);
    this.rebalance.plan(now, turn, this.scheduler);
    for (const { changes } of turn.transactions) {
      for (const change of changes) {
        if (change.kind !== "create" || change.object.kind !== "task") continue;
        this.moves.push(`${second}s ${change.object.replaces} to ${change.object.nodeId}`);
      }
    }
    this.note(turn.transactions, second);
    return this;
  }

  /** The tasks that were moved run where they went, and their predecessors have stopped. */
  obey(second: number): this {
    for (const move of [...this.store.tasks.values()].filter(({ isMove }) => isMove)) {
      const from = this.store.tasks.get(move.replaces ?? "");
      if (from === undefined) continue;
      const status = { ...move.status, state: TaskState.RUNNING };
      this.note([transact(update({ ...move, status }))], second);
      const stopped = { ...from.status, state: TaskState.SHUTDOWN };
      const desiredState = TaskState.SHUTDOWN;
      this.note([transact(update({ ...from, desiredState, status: stopped }))], second);
      this.note([transact(remove(this.store.tasks.get(from.id) as Task))], second);
    }
    return this;
  }

  note(transactions: Parameters<typeof commit>[1], second: number): void {
    const { events } = commit(this.store, transactions, second);
    this.scheduler.note(events);
    this.rebalance.note(events);
  }

  counts(of = "web"): number[] {
    const ids = [...this.store.nodes.keys()].sort();
    const wanted = [...this.store.tasksOfService(of).values()].filter(
      ({ desiredState }) => desiredState === TaskState.RUNNING,
    );
    return ids.map((id) => wanted.filter(({ nodeId }) => nodeId === id).length);
  }
}

const two = [node("n1"), node("n2")];
const web = (replicas: number) => service("web", { replicas });

describe("moves", () => {
  test("are made only where the cluster is set to", () => {
    const mover = new Mover(perMinute(0), ...two, web(4), ...runs(4, "n1"));
    expect(mover.rebalance.nextWake).toBeNull();
    expect(mover.at(100).moves).toEqual([]);
  });

  test("are no more in a minute than the cluster is set to, whoever leads", () => {
    const mover = new Mover(perMinute(2), ...two, web(8), ...runs(8, "n1"));
    expect(mover.at(100).moves).toHaveLength(2);
    mover.obey(101).at(110).at(159);
    expect(mover.moves).toHaveLength(2);
    const next = new Rebalance(mover.store, noBug);
    const turn = new Turn();
    next.plan(context(mover.store, 159), turn, new Scheduler(mover.store, noBug));
    expect(turn.transactions).toEqual([]);
    expect(mover.at(161).moves).toHaveLength(4);
  });

  test("come to an end when nothing is gained any more", () => {
    const mover = new Mover(perMinute(100), ...two, node("n3"), web(7), ...runs(7, "n1"));
    for (let second = 100; second < 120; second += 2) mover.at(second).obey(second + 1);
    expect(mover.counts()).toEqual([3, 2, 2]);
    expect(mover.moves).toHaveLength(4);
  });

  test("make a service more even, also with what is about to leave in the same entry", () => {
    const nodes = ["n1", "n2", "n3", "n4"].map((id) => node(id));
    const others = ["n1", "n2", "n3"].flatMap((on) => runs(4, on, 1, { service: `on-${on}` }));
    const tasks = [...runs(3, "n1"), ...runs(3, "n2", 4), ...runs(2, "n3", 7)];
    const mover = new Mover(perMinute(10), ...nodes, web(8), ...tasks, ...others);
    expect(mover.at(100).moves).toEqual(["100s web1 to n4", "100s web4 to n4"]);
  });

  test("even out all tasks where each service has one", () => {
    const all = ["a", "b", "c", "d"].flatMap((of) => [
      service(of, { replicas: 1 }),
      ...runs(1, "n1", 1, { service: of }),
    ]);
    const mover = new Mover(perMinute(100), ...two, ...all);
    for (let second = 100; second < 120; second += 2) mover.at(second).obey(second + 1);
    const loads = ["n1", "n2"].map((id) => mover.store.loadOf(id).activeTasks);
    expect(loads).toEqual([2, 2]);
    expect(mover.moves).toHaveLength(2);
  });

  test("are not made because others of the service have failed on the node", () => {
    const mover = new Mover(perMinute(100), ...two, web(2), ...runs(1, "n1"), ...runs(1, "n2", 2));
    for (const failed of runs(5, "n1", 3)) {
      mover.note([transact(create(failed))], 91);
      const stored = mover.store.tasks.get(failed.id) as Task;
      const status = { ...stored.status, state: TaskState.FAILED };
      const desiredState = TaskState.SHUTDOWN;
      mover.note([transact(update({ ...stored, desiredState, status }))], 91);
    }
    expect(mover.store.faultyNodes("web", 1).get("n1")).toBe(5);
    expect(mover.at(100).at(170).moves).toEqual([]);
  });

  test("even out the branches that a service spreads over, before its nodes", () => {
    const zones = [
      node("a1", { labels: { zone: "a" } }),
      node("b1", { labels: { zone: "b" } }),
      node("b2", { labels: { zone: "b" } }),
    ];
    const placement = { preferences: ["node.labels.zone"] };
    const mover = new Mover(
      perMinute(100),
      ...zones,
      service("web", { replicas: 4, placement }),
      ...[...runs(2, "b1", 1, { placement }), ...runs(2, "b2", 3, { placement })],
    );
    for (let second = 100; second < 120; second += 2) mover.at(second).obey(second + 1);
    expect(mover.counts()).toEqual([2, 1, 1]);
  });

  test("wait until a node has been there for a minute", () => {
    const mover = new Mover(perMinute(5), node("n1"), node("n2", { state: "down" }), web(2));
    mover.note(
      runs(2, "n1").map((object) => transact({ kind: "create", object })),
      90,
    );
    mover.note([transact(update({ ...node("n2") }))], 100);
    expect(mover.at(102).at(130).moves).toEqual([]);
    expect(mover.at(161).moves).toEqual(["161s web1 to n2"]);
  });

  test.each([
    ["that is packed", { placement: { strategy: "binpack" as const } }, {}],
    ["that fits nowhere else", {}, { constraints: ["node.hostname==n1"] }],
    ["that does not run yet", {}, { state: "STARTING" as const }],
  ])("leave alone a service %s", (_what, ofService, ofTask) => {
    const mover = new Mover(
      perMinute(5),
      ...two,
      service("web", { replicas: 4, ...ofService, ...ofTask }),
      ...runs(4, "n1", 1, { ...ofService, ...ofTask }),
    );
    expect(mover.at(100).moves).toEqual([]);
  });

  test("wait for what is just about to be known of their service", () => {
    const mover = new Mover(perMinute(5), ...two, web(3), ...runs(3, "n1"));
    const turn = new Turn();
    const ending = mover.store.tasks.get("web1") as Task;
    turn.offer(transact(update({ ...ending, desiredState: TaskState.SHUTDOWN })));
    mover.rebalance.plan(context(mover.store, 100), turn, mover.scheduler);
    expect(turn.transactions).toHaveLength(1);
    expect(mover.rebalance.nextWake).toBe(moment(101));
    expect(mover.at(101).moves).toHaveLength(1);
  });

  test("wait while one that was begun has no room on its node", () => {
    const large = { reservations: resources(2, 0) };
    const nodes = [node("n1", { cpus: 8 }), node("n2", { cpus: 2 }), node("n3", { cpus: 8 })];
    const mover = new Mover(
      ...[perMinute(1), ...nodes, service("web", { replicas: 4, ...large })],
      ...[...runs(4, "n1", 1, large), ...runs(2, "n3", 1, { service: "other" })],
    );
    expect(mover.at(100).moves).toEqual(["100s web1 to n2"]);
    const [move] = [...mover.store.tasks.values()].filter(({ isMove }) => isMove) as [Task];
    const pending = { ...move, status: { ...move.status, state: TaskState.PENDING } };
    const other = task("db1", { service: "db", node: "n2", ...large });
    mover.note([transact(update(pending)), transact(create(other))], 101);
    expect(mover.at(161).at(170).moves).toHaveLength(1);
    mover.note([transact(remove(mover.store.tasks.get("db1") as Task))], 171);
    expect(mover.at(172).at(174).moves).toEqual(["100s web1 to n2", "174s web2 to n3"]);
  });

  test("of one service do not keep another's from evening out its nodes", () => {
    const pinned = { constraints: ["node.hostname==n1"], service: "fix" };
    const mover = new Mover(
      ...[perMinute(5), ...two, service("db", { replicas: 2 }), web(1), service("fix", pinned)],
      ...[...runs(2, "n1", 1, { service: "db" }), ...runs(1, "n1"), ...runs(4, "n1", 1, pinned)],
    );
    expect(mover.at(100).moves).toEqual(["100s db1 to n2", "100s web1 to n2"]);
  });

  test("leave alone what runs on a paused node", () => {
    const paused = node("n1", { availability: "pause" });
    const mover = new Mover(perMinute(5), paused, node("n2"), web(4), ...runs(4, "n1"));
    expect(mover.at(100).moves).toEqual([]);
  });
});

describe("a service that a user wants moved", () => {
  const asked = (store: Store) => store.services.get("web")?.rebalanceRequestedAt;

  test("is moved task by task until there is nothing to gain, and then no more", () => {
    const mover = new Mover(perMinute(0), ...two, web(4), ...runs(4, "n1"));
    expect(outcome(mover.store, { kind: "rebalance-service", id: "web" })).toBe("done");
    const object = mover.store.services.get("web") as Service;
    mover.note([transact(update(object))], 1);
    mover.at(100).at(102);
    expect(mover.moves).toHaveLength(1);
    for (let second = 104; second < 120; second += 2) mover.obey(second).at(second + 1);
    expect(mover.counts()).toEqual([2, 2]);
    expect(asked(mover.store)).toBeNull();
    expect(mover.rebalance.nextWake).toBeNull();
  });

  test("must be replicated, and must exist", () => {
    const store = storeOf(service("agent", { mode: { kind: "global" } }));
    expect(outcome(store, { kind: "rebalance-service", id: "agent" })).toBe(
      "FailedPrecondition: service agent is not replicated: only its tasks can be moved",
    );
    expect(outcome(store, { kind: "rebalance-service", id: "none" })).toBe(
      "NotFound: service none not found",
    );
  });

  test("may be asked for twice", () => {
    const store = storeOf(cluster(), web(1));
    for (const _ of [1, 2]) {
      expect(outcome(store, { kind: "rebalance-service", id: "web" })).toBe("done");
    }
    expect(asked(store)).toBe(moment(0));
  });

  test("is left alone while a node is too old for tasks that move", () => {
    const store = storeOf(cluster({ level: 1 }), web(1));
    expect(outcome(store, { kind: "rebalance-service", id: "web" })).toMatch(
      /^FailedPrecondition: a node of the cluster is too old for what is asked/,
    );
  });
});
