import fc from "fast-check";
import { expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import type { Change, StoreObject, Transaction } from "../../../core/model/change.ts";
import type { Task } from "../../../core/model/task.ts";
import { isTerminal, TaskState } from "../../../core/model/task-state.ts";
import { Scheduler } from "../../../core/schedule/scheduler.ts";
import type { Failure } from "../../../core/store/failure-log.ts";
import type { Store } from "../../../core/store/store.ts";
import {
  hostPort,
  meta,
  node,
  resources,
  service,
  settings,
  task,
  volume,
} from "../../support/model.ts";
import { commit, context, create, storeOf, transact, update } from "../../support/store.ts";
import { type Decision, NaiveScheduler } from "./naive-scheduler.ts";

// Goal: the scheduler, which keeps orders of nodes from turn to turn, decides as its definition.
// Method: random clusters that change between turns, entries of random size, new leaders now and
// then; every decision against that of a scheduler which searches lists for each task.

const maybe = <T>(value: fc.Arbitrary<T>, weight = 4) =>
  fc.oneof({ weight, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value });
const names = ["web", "api", "db"] as const;
const name = fc.constantFrom(...names);
const list = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof(fc.constant([]), fc.array(value, { maxLength: 1 }));

const nodeChange = fc.record({
  do: fc.constant("node" as const),
  id: fc.nat(6),
  state: fc.constantFrom("ready" as const, "ready" as const, "ready" as const, "down" as const),
  availability: fc.constantFrom("active" as const, "active" as const, "pause" as const),
  cpus: fc.integer({ min: 1, max: 6 }),
  memory: fc.integer({ min: 1, max: 6 }),
  zone: fc.constantFrom("a", "b", null),
  rack: fc.constantFrom("1", "2"),
  architecture: fc.constantFrom("x86_64", "amd64", "aarch64"),
  plugins: fc.constantFrom(null, [], ["Volume/nfs"], ["Volume/nfs:latest", "Network/nfs"]),
  gpus: fc.constantFrom(0, 2, ["x", "y"], ["x", "y", "z"]),
  isGone: maybe(fc.constant(true), 9),
});

/** The tasks of one service are often alike, so there are few kinds. */
const kind = fc.record({
  cpus: fc.nat(2),
  memory: fc.nat(1),
  gpus: fc.constantFrom(0, 0, 0, 1, 2),
  zone: maybe(fc.constantFrom("==a", "!=a", "==b")),
  arm: maybe(fc.constant(true)),
  driver: maybe(fc.constantFrom("nfs", "local")),
  volume: maybe(fc.nat(2)),
  port: maybe(fc.constantFrom(80, 81)),
  spreadOver: fc.constantFrom([], [], ["zone"], ["zone", "rack"]),
  maxReplicas: fc.constantFrom(0, 0, 0, 1, 2),
  affinity: maybe(list(name)),
  antiAffinity: maybe(list(name)),
  strategy: fc.constantFrom(null, null, "binpack" as const, "spread" as const),
});

const taskCreation = fc.record({
  do: fc.constant("tasks" as const),
  count: fc.integer({ min: 1, max: 4 }),
  service: name,
  kind: fc.nat(3),
  on: maybe(fc.nat(6), 9),
  priority: fc.constantFrom(0, 0, 0, 1),
});

const change = fc.oneof(
  nodeChange,
  taskCreation,
  taskCreation,
  fc.record({
    do: fc.constant("step" as const),
    at: fc.nat(20),
    count: fc.integer({ min: 1, max: 6 }),
    to: fc.constantFrom("RUNNING", "FAILED", "FAILED", "stop", "remove"),
  }),
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
const round = fc.record({
  changes: fc.array(change, { maxLength: 5 }),
  most: fc.constantFrom(1, 2, 3, 100, 100),
});
const firstNodes = fc.array(nodeChange, { maxLength: 6 });
const kinds = fc.array(kind, { minLength: 4, maxLength: 4 });

type Change_ = typeof change extends fc.Arbitrary<infer T> ? T : never;
type Kind = typeof kind extends fc.Arbitrary<infer T> ? T : never;

/** One cluster, scheduled by both. */
class Twice {
  readonly store: Store = storeOf(...names.map((id) => service(id)));
  readonly #kinds: readonly Kind[];
  readonly #failures: Failure[] = [];
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
  turns(most: number): void {
    for (let turn = 0; turn < 100; turn += 1) {
      this.#apply();
      const naive = new NaiveScheduler(this.store, this.#failures).decide(most);
      const planned = this.#plan(most);
      const placed = (decisions: readonly Decision[]) => decisions.filter((each) => each.node);
      expect(placed(planned)).toEqual(placed(naive));
      const told = new Map(naive.map(({ task: id, err }) => [id, err]));
      for (const { task: id, node: on, err } of planned)
        if (on === null) expect(err).toBe(told.get(id));
      for (const { task: id, err } of naive) {
        if (err !== "") expect(this.store.tasks.get(id)?.status.err).not.toBe("");
      }
      if (planned.length === 0) return;
    }
    throw new Error("the scheduler never comes to rest");
  }

  #plan(most: number): Decision[] {
    const transactions: Transaction[] = [];
    let placed = 0;
    const entry = {
      get isFull() {
        return placed >= most;
      },
      offer(transaction: Transaction) {
        transactions.push(transaction);
        placed += Number(decisionOf(transaction).node !== null);
        return true;
      },
    };
    this.#scheduler.plan(context(this.store, this.#second), entry);
    this.#apply(...transactions);
    return transactions.map(decisionOf);
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
    const id = `n${traits.id}`;
    const stored = this.store.nodes.get(id);
    const labels = { rack: traits.rack, ...(traits.zone === null ? {} : { zone: traits.zone }) };
    const made = node(id, { ...traits, labels, generic: { gpu: traits.gpus } });
    if (traits.isGone === null) this.#put(stored, made);
    else if (stored !== undefined) this.#toggle(stored, made);
  }

  #changeVolume(traits: Change_ & { do: "volume" }): void {
    const stored = this.store.volumes.get(`v${traits.id}`);
    const { availability, driver } = traits;
    const nodeId = stored?.nodeId ?? null;
    this.#put(stored, volume(`v${traits.id}`, nodeId, { availability, driver }));
  }

  #changeCluster(isPacked: boolean): void {
    const strategy = isPacked ? "binpack" : "spread";
    this.#put(this.store.cluster ?? undefined, settings({ strategy }));
  }

  #createTask({ service: of, kind: at, on, priority }: Change_ & { do: "tasks" }): void {
    const like = this.#kinds[at] as Kind;
    const id = `t${String(this.#created).padStart(3, "0")}`;
    this.#created += 1;
    const driver = like.driver === null ? {} : { driver: like.driver };
    const mount = { source: `v${like.volume ?? 0}`, target: "/data", readOnly: false };
    const made = task(id, {
      service: of,
      slot: on === null ? 1 : 0,
      node: on === null ? null : `n${on}`,
      state: "PENDING",
      priority,
      reservations: resources(like.cpus, like.memory),
      generic: like.gpus === 0 ? {} : { gpu: like.gpus },
      mounts: [
        ...(like.driver === null ? [] : [{ ...mount, kind: "volume" as const, ...driver }]),
        ...(like.volume === null ? [] : [{ ...mount, kind: "cluster" as const }]),
      ],
      ports: like.port === null ? [] : [hostPort(like.port)],
      placement: {
        constraints: like.zone === null ? [] : [`node.labels.zone${like.zone}`],
        platforms: like.arm === null ? [] : [{ os: "", architecture: "arm64" }],
        preferences: like.spreadOver.map((label) => `node.labels.${label}`),
        maxReplicas: like.maxReplicas,
        affinity: like.affinity ?? [],
        antiAffinity: like.antiAffinity ?? [],
        strategy: like.strategy,
      },
    });
    this.#applyChange(create(made));
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
    fc.property(firstNodes, kinds, fc.array(round, { maxLength: 12 }), (nodes, ofTasks, rounds) => {
      const twice = new Twice(ofTasks);
      for (const each of nodes) twice.change(each);
      for (const { changes, most } of rounds) {
        for (const each of changes) twice.change(each);
        twice.turns(most);
      }
    }),
    { numRuns: 250 },
  );
});
