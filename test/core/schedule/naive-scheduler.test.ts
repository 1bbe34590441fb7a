import fc from "fast-check";
import { expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import type { Change, StoreObject, Transaction } from "../../../core/model/change.ts";
import type { Task } from "../../../core/model/task.ts";
import { isTerminal, TaskState } from "../../../core/model/task-state.ts";
import { Scheduler } from "../../../core/schedule/scheduler.ts";
import type { TaskFailure } from "../../../core/store/failure-log.ts";
import type { Store } from "../../../core/store/store.ts";
import {
  hostPort,
  meta,
  node,
  resources,
  service,
  settings,
  type TaskTraits,
  task,
  volume,
} from "../../support/model.ts";
import { commit, context, create, storeOf, transact, update } from "../../support/store.ts";
import { type Decision, NaiveScheduler } from "./naive-scheduler.ts";

// Goal: the scheduler, which keeps orders of nodes from turn to turn, decides as its definition.
// Method: random clusters that change between turns, entries of random size, new leaders now and
// then; every decision against that of a scheduler which searches lists for each task.

const maybe = <T>(value: fc.Arbitrary<T>, weight = 9) =>
  fc.oneof({ weight, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value });
const names = ["web", "api", "db"] as const;
const name = fc.constantFrom("web", "web", "web", "api", "db");
const count = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 4 }) },
  { weight: 1, arbitrary: fc.integer({ min: 12, max: 20 }) },
);

const nodeChange = fc.record({
  do: fc.constant("node" as const),
  id: fc.oneof({ weight: 4, arbitrary: fc.nat(6) }, fc.nat(20)),
  state: fc.constantFrom("ready" as const, "ready" as const, "ready" as const, "down" as const),
  availability: fc.constantFrom("active" as const, "active" as const, "pause" as const),
  cpus: fc.integer({ min: 1, max: 9 }),
  memory: fc.integer({ min: 1, max: 9 }),
  zone: fc.constantFrom("a", "b", null),
  rack: fc.constantFrom("1", "2"),
  architecture: fc.constantFrom("x86_64", "amd64", "aarch64"),
  plugins: fc.constantFrom(
    null,
    [],
    ["Volume/nfs"],
    ["Log/local"],
    ["Volume/nfs:latest", "Log/loki"],
  ),
  gpus: fc.constantFrom(0, 2, ["x", "y"], ["x", "y", "z"]),
  isGone: maybe(fc.constant(true), 9),
});

/** What tasks may ask for; `plain` is how much more often they ask for nothing than for a thing. */
const kindWith = (plain: { readonly filters: number; readonly ranks: number }) => {
  const seldom = <T>(weight: number, nothing: T, ...others: T[]) =>
    fc.oneof({ weight, arbitrary: fc.constant(nothing) }, fc.constantFrom(...others));
  const { filters, ranks } = plain;
  return fc.record({
    specVersion: fc.constantFrom(1, 2),
    cpus: fc.constantFrom(0, 0, 1, 2),
    memory: fc.nat(1),
    gpus: seldom(filters, 0, 1, 2),
    zone: seldom(filters, null, "==a", "!=a", "==b"),
    arm: seldom(filters, false, true),
    driver: seldom(filters, null, "nfs", "local"),
    logDriver: seldom(filters, null, "loki", "none"),
    volume: seldom(filters, null, 0, 1, 2),
    port: seldom(filters, null, 80, 81),
    spreadOver: seldom<readonly string[]>(ranks, [], ["zone"], ["zone", "rack"]),
    maxReplicas: seldom(filters, 0, 1, 2),
    affinity: seldom<readonly string[]>(filters, [], ["web"], ["api"]),
    antiAffinity: seldom<readonly string[]>(ranks, [], ["web"], ["api"]),
    strategy: seldom(ranks, null, "binpack" as const, "spread" as const),
  });
};
type Kind = ReturnType<typeof kindWith> extends fc.Arbitrary<infer T> ? T : never;

/** One kind, and some that differ from it in one thing: what they share must not be too much. */
const kinds = fc
  .tuple(
    kindWith({ filters: 12, ranks: 2 }),
    fc.array(fc.tuple(kindWith({ filters: 0, ranks: 0 }), fc.nat(14)), {
      minLength: 3,
      maxLength: 3,
    }),
  )
  .map(([first, others]) => [first, ...others.map(([other, at]) => variant(first, other, at))]);

function variant(kind: Kind, other: Kind, at: number): Kind {
  const field = (Object.keys(kind) as (keyof Kind)[])[at] as keyof Kind;
  return { ...kind, [field]: other[field] };
}

const taskCreation = fc.record({
  do: fc.constant("tasks" as const),
  count,
  service: name,
  kind: fc.nat(3),
  on: maybe(fc.nat(6), 9),
  priority: fc.constantFrom(0, 0, 0, 1),
});

const step = fc.record({
  do: fc.constant("step" as const),
  at: fc.nat(30),
  count: fc.integer({ min: 1, max: 6 }),
  to: fc.constantFrom("RUNNING", "FAILED", "stop", "stop", "remove"),
});

const failures = fc.record({
  do: fc.constant("failures" as const),
  service: name,
  kind: fc.nat(3),
  on: fc.nat(6),
  count: fc.integer({ min: 3, max: 6 }),
});

const change = fc.oneof(
  { weight: 3, arbitrary: nodeChange },
  { weight: 5, arbitrary: taskCreation },
  { weight: 3, arbitrary: step },
  { weight: 2, arbitrary: failures },
  fc.record({ do: fc.constant("service" as const), name }),
  fc.record({
    do: fc.constant("volume" as const),
    id: fc.nat(2),
    availability: fc.constantFrom("active" as const, "active" as const, "pause" as const),
    driver: fc.constantFrom("local", "nfs"),
  }),
  fc.record({ do: fc.constant("wait" as const), seconds: fc.integer({ min: 1, max: 200 }) }),
  fc.record({ do: fc.constant("lead" as const) }),
  fc.record({ do: fc.constant("cluster" as const), isPacked: fc.boolean() }),
);
type Change_ = typeof change extends fc.Arbitrary<infer T> ? T : never;

const round = fc.record({
  changes: fc.array(change, { minLength: 1, maxLength: 5 }),
  most: fc.constantFrom(1, 2, 3, 100, 100),
  /** Of the first turn: which of its transactions come to nothing, and whose tasks are in use. */
  lost: fc.constantFrom("none" as const, "none" as const, "all" as const, "every second" as const),
  busy: fc.oneof(fc.constant<number[]>([]), fc.array(fc.nat(20))),
});
type Round = Pick<typeof round extends fc.Arbitrary<infer T> ? T : never, "most" | "lost" | "busy">;

const firstNodes = fc.oneof(
  { weight: 3, arbitrary: fc.array(nodeChange, { minLength: 3, maxLength: 9 }) },
  fc.array(nodeChange, { minLength: 30, maxLength: 40 }),
);

/** One cluster, scheduled by both. */
class Twice {
  readonly store: Store = storeOf(...names.map((id) => service(id)));
  readonly #kinds: readonly Kind[];
  readonly #failures: TaskFailure[] = [];
  #scheduler = new Scheduler(this.store, noBug);
  #second = 1;
  #created = 0;

  constructor(kinds: readonly Kind[]) {
    this.#kinds = kinds;
  }

  change(change: Change_): void {
    switch (change.do) {
      case "node":
        return this.#changeNode(change);
      case "tasks":
        for (let at = 0; at < change.count; at += 1) this.#createTask(change);
        return;
      case "failures":
        return this.#fail(change);
      case "step":
        return this.#step(change.at, change.count, change.to);
      case "service":
        return this.#toggle(this.store.services.get(change.name), service(change.name));
      case "volume":
        return this.#changeVolume(change);
      case "wait":
        this.#second += change.seconds;
        return;
      case "lead":
        this.#scheduler = new Scheduler(this.store, noBug);
        return;
      default:
        return this.#changeCluster(change.isPacked);
    }
  }

  /** Plans turns of `most` placements until there is nothing more to do. */
  turns({ most, lost, busy }: Round): void {
    this.#turn(most, lost, new Set(busy.map(taskId)));
    for (let turn = 0; turn < 100; turn += 1) {
      if (!this.#turn(most, "none", new Set())) return;
    }
    throw new Error("the scheduler never comes to rest");
  }

  /** False when there was nothing to do. */
  #turn(most: number, lost: Round["lost"], busy: ReadonlySet<string>): boolean {
    this.#apply();
    const naive = new NaiveScheduler(this.store, this.#failures).decide(most, busy);
    const planned = this.#plan(most, busy);
    const decisions = planned.map(decisionOf);
    const placed = (decisions: readonly Decision[]) => decisions.filter((each) => each.node);
    expect(placed(decisions)).toEqual(placed(naive));
    const told = new Map(naive.map(({ task: id, err }) => [id, err]));
    for (const { task: id, node: on, err } of decisions)
      if (on === null) expect(err).toBe(told.get(id));
    this.#apply(...planned.filter((_, at) => lost === "none" || (lost !== "all" && at % 2 === 0)));
    for (const { task: id, err } of lost === "none" ? naive : []) {
      if (err !== "") expect(this.store.tasks.get(id)?.status.err).not.toBe("");
    }
    return planned.length > 0;
  }

  #plan(most: number, busy: ReadonlySet<string>): Transaction[] {
    const transactions: Transaction[] = [];
    let placed = 0;
    const entry = {
      get isFull() {
        return placed >= most;
      },
      offer(transaction: Transaction) {
        if (busy.has(decisionOf(transaction).task)) return false;
        transactions.push(transaction);
        placed += Number(decisionOf(transaction).node !== null);
        return true;
      },
    };
    this.#scheduler.plan(context(this.store, this.#second), entry);
    return transactions;
  }

  #apply(...transactions: Transaction[]): void {
    const { events, transactions: done } = commit(this.store, transactions, this.#second);
    for (const { outcome } of done) expect(outcome.kind).toBe("done");
    this.#scheduler.note(events);
  }

  #applyChange(...changes: Change[]): void {
    this.#apply(transact(...changes));
  }

  #toggle(stored: StoreObject | undefined, otherwise: StoreObject): void {
    if (stored === undefined) return this.#applyChange(create(otherwise));
    const { kind: table, id, meta: at } = stored;
    this.#applyChange({ kind: "remove", table, id, version: at.version });
  }

  #put(stored: StoreObject | undefined, object: StoreObject): void {
    if (stored === undefined) this.#applyChange(create({ ...object, meta: meta(0) }));
    else this.#applyChange(update({ ...object, meta: stored.meta } as StoreObject));
  }

  #changeNode(traits: Change_ & { do: "node" }): void {
    const id = nodeId(traits.id);
    const stored = this.store.nodes.get(id);
    const labels = { rack: traits.rack, ...(traits.zone === null ? {} : { zone: traits.zone }) };
    const made = node(id, { ...traits, labels, generic: { gpu: traits.gpus } });
    if (traits.isGone === null) this.#put(stored, made);
    else if (stored !== undefined) this.#toggle(stored, made);
  }

  #changeVolume(traits: Change_ & { do: "volume" }): void {
    const stored = this.store.volumes.get(`v${traits.id}`);
    const { availability, driver } = traits;
    const place = stored?.nodeId ?? null;
    this.#put(stored, volume(`v${traits.id}`, place, { availability, driver }));
  }

  #changeCluster(isPacked: boolean): void {
    const strategy = isPacked ? "binpack" : "spread";
    this.#put(this.store.cluster ?? undefined, settings({ strategy }));
  }

  #createTask({ service: of, kind: at, on, priority }: Change_ & { do: "tasks" }): void {
    const slot = on === null ? 1 : 0;
    const made = this.#task(of, at, { slot, node: on === null ? null : nodeId(on), priority });
    this.#applyChange(create({ ...made, meta: meta(0) }));
  }

  /** Tasks that ran, and failed, on one node. */
  #fail({ service: of, kind: at, on, count: times }: Change_ & { do: "failures" }): void {
    for (let time = 0; time < times; time += 1) {
      const made = this.#task(of, at, { node: nodeId(on), state: "RUNNING" });
      this.#applyChange(create({ ...made, meta: meta(0) }));
      this.#report(this.store.tasks.get(made.id) as Task, "FAILED");
    }
  }

  #task(of: string, at: number, traits: TaskTraits): Task {
    const like = this.#kinds[at] as Kind;
    const id = taskId(this.#created);
    this.#created += 1;
    const driver = like.driver === null ? {} : { driver: like.driver };
    const mount = { source: `v${like.volume ?? 0}`, target: "/data", readOnly: false };
    return task(id, {
      service: of,
      state: "PENDING",
      specVersion: like.specVersion,
      reservations: resources(like.cpus, like.memory),
      generic: like.gpus === 0 ? {} : { gpu: like.gpus },
      ...(like.logDriver === null ? {} : { logDriver: like.logDriver }),
      mounts: [
        ...(like.driver === null ? [] : [{ ...mount, kind: "volume" as const, ...driver }]),
        ...(like.volume === null ? [] : [{ ...mount, kind: "cluster" as const }]),
      ],
      ports: like.port === null ? [] : [hostPort(like.port)],
      placement: {
        constraints: like.zone === null ? [] : [`node.labels.zone${like.zone}`],
        platforms: like.arm ? [{ os: "", architecture: "arm64" }] : [],
        preferences: like.spreadOver.map((label) => `node.labels.${label}`),
        maxReplicas: like.maxReplicas,
        affinity: like.affinity,
        antiAffinity: like.antiAffinity,
        strategy: like.strategy,
      },
      ...traits,
    });
  }

  #step(at: number, count: number, to: string): void {
    const tasks = [...this.store.tasks.values()].slice(at, at + count);
    for (const each of tasks) {
      if (to === "remove") this.#toggle(each, each);
      else if (to === "stop") this.#put(each, { ...each, desiredState: TaskState.SHUTDOWN });
      else this.#report(each, to as "RUNNING" | "FAILED");
    }
  }

  #report(each: Task, to: "RUNNING" | "FAILED"): void {
    if (each.status.state < TaskState.ASSIGNED || isTerminal(each.status.state)) return;
    const status = { ...each.status, state: TaskState[to] };
    this.#put(each, { ...each, status });
    if (to === "RUNNING" || each.slot === 0) return;
    const { serviceId, specVersion, nodeId } = each;
    this.#failures.push({ at: this.store.time, serviceId, specVersion, nodeId: nodeId as string });
  }
}

function nodeId(number: number): string {
  return `n${String(number).padStart(2, "0")}`;
}

function taskId(number: number): string {
  return `t${String(number).padStart(3, "0")}`;
}

function decisionOf({ changes }: Transaction): Decision {
  const objects = changes.map((each) => (each as Change & { kind: "update" }).object);
  const { id, nodeId, status, assignedResources } = objects[0] as Task;
  const ids = [...assignedResources].flatMap(([of, all]) => all.map((one) => `${of}=${one}`));
  const isPlaced = status.state === TaskState.ASSIGNED;
  return {
    task: id,
    node: isPlaced ? nodeId : null,
    ids,
    volumes: objects.slice(1).map((object) => object.id),
    err: status.err,
  };
}

test("the scheduler decides as one that searches everything anew for each task", () => {
  fc.assert(
    fc.property(
      firstNodes,
      kinds,
      fc.array(round, { minLength: 2, maxLength: 10 }),
      (nodes, ofTasks, rounds) => {
        const twice = new Twice(ofTasks);
        for (const each of nodes) twice.change(each);
        for (const { changes, ...turns } of rounds) {
          for (const each of changes) twice.change(each);
          twice.turns(turns);
        }
      },
    ),
    { numRuns: 250 },
  );
});
