import { assert, unreachable } from "../base/assert.ts";
import { gathered } from "../base/gather.ts";
import { sortedById } from "../base/order.ts";
import type { Planted } from "../base/planted.ts";
import type { Timestamp } from "../base/time.ts";
import type {
  Actor,
  Change,
  NamedTable,
  Outcome,
  RequestId,
  StoreEntry,
  StoreObject,
  Transaction,
} from "../model/change.ts";
import type { Cluster } from "../model/cluster.ts";
import type { PublishedPort } from "../model/endpoint.ts";
import type { Network } from "../model/network.ts";
import type { Node } from "../model/node.ts";
import type { Config, Secret } from "../model/secret.ts";
import type { Service } from "../model/service.ts";
import type { SlotKey, Task } from "../model/task.ts";
import type { Volume } from "../model/volume.ts";
import { type ClientSession, ClientSessions } from "./client-sessions.ts";
import { eventOf, type StoreEvent } from "./event.ts";
import { FailureLog, type TaskFailure } from "./failure-log.ts";
import { type Named, Names } from "./names.ts";
import { type NodeLoad, NodeLoads } from "./node-load.ts";
import { PublishedPorts } from "./published-ports.ts";
import { refusalOf } from "./refusal.ts";
import { SlotIndex } from "./slot-index.ts";
import { TaskGroups } from "./task-groups.ts";
import type { StoreView } from "./view.ts";
import { withMeta } from "./with-meta.ts";

/** All objects at one index, in an order that does not depend on history. */
export interface StoreSnapshot {
  readonly index: number;
  readonly time: Timestamp;
  readonly objects: readonly StoreObject[];
  readonly sessions: readonly ClientSession[];
  readonly failures: readonly TaskFailure[];
}

/** What applying one transaction came to. */
export interface AppliedTransaction {
  readonly transaction: Transaction;
  readonly outcome: Outcome;
}

export interface AppliedEntry {
  readonly transactions: readonly AppliedTransaction[];
  readonly events: readonly StoreEvent[];
}

/**
 * The replicated state: a function of the committed entries alone. Each manager holds a copy, and
 * `apply` is the only way to change one.
 *
 * A transaction takes effect whole or not at all. It is refused, the same on every copy, when an
 * object it changes is no longer at the version it names (SwarmKit's "update out of sequence").
 */
export class Store implements StoreView {
  #index = 0;
  #time = 0 as Timestamp;
  #cluster: Cluster | null = null;
  readonly #nodes = new Map<string, Node>();
  readonly #services = new Map<string, Service>();
  readonly #tasks = new Map<string, Task>();
  readonly #secrets = new Map<string, Secret>();
  readonly #configs = new Map<string, Config>();
  readonly #volumes = new Map<string, Volume>();
  readonly #networks = new Map<string, Network>();
  readonly #names = new Names();
  readonly #tasksByService = new TaskGroups();
  readonly #tasksByNode = new TaskGroups();
  readonly #slots = new SlotIndex();
  readonly #ports = new PublishedPorts();
  readonly #loads: NodeLoads;
  readonly #sessions = new ClientSessions();
  readonly #failures = new FailureLog();
  readonly #planted: Planted;
  /** Only with a bug planted: the entries that this very copy has applied. */
  #entries = 0;

  constructor(planted: Planted) {
    this.#planted = planted;
    this.#loads = new NodeLoads(planted);
  }

  get index(): number {
    return this.#index;
  }
  get time(): Timestamp {
    return this.#time;
  }
  get cluster(): Cluster | null {
    return this.#cluster;
  }
  get nodes(): ReadonlyMap<string, Node> {
    return this.#nodes;
  }
  get services(): ReadonlyMap<string, Service> {
    return this.#services;
  }
  get tasks(): ReadonlyMap<string, Task> {
    return this.#tasks;
  }

  get secrets(): ReadonlyMap<string, Secret> {
    return this.#secrets;
  }
  get configs(): ReadonlyMap<string, Config> {
    return this.#configs;
  }
  get volumes(): ReadonlyMap<string, Volume> {
    return this.#volumes;
  }
  get networks(): ReadonlyMap<string, Network> {
    return this.#networks;
  }

  object(table: StoreObject["kind"], id: string): StoreObject | undefined {
    switch (table) {
      case "task":
        return this.#tasks.get(id);
      case "service":
        return this.#services.get(id);
      case "node":
        return this.#nodes.get(id);
      case "secret":
        return this.#secrets.get(id);
      case "config":
        return this.#configs.get(id);
      case "volume":
        return this.#volumes.get(id);
      case "network":
        return this.#networks.get(id);
      case "cluster":
        return this.#cluster ?? undefined;
      default:
        return unreachable(table);
    }
  }

  named<T extends NamedTable>(table: T, name: string): (StoreObject & { kind: T }) | undefined {
    return this.#names.of(table, name) as (StoreObject & { kind: T }) | undefined;
  }
  publishersOf(port: PublishedPort): readonly Service[] {
    return this.#ports.publishersOf(port);
  }
  tasksOfService(service: string): ReadonlyMap<string, Task> {
    return this.#tasksByService.of(service);
  }
  tasksOfSlot(service: string, slot: SlotKey): readonly Task[] {
    return this.#slots.of(service).get(slot) ?? none;
  }
  tasksBySlot(service: string): ReadonlyMap<SlotKey, readonly Task[]> {
    return this.#slots.of(service);
  }
  tasksOnNode(node: string): ReadonlyMap<string, Task> {
    return this.#tasksByNode.of(node);
  }
  loadOf(node: string): NodeLoad {
    return this.#loads.of(node);
  }
  faultyNodes(service: string, specVersion: number): ReadonlyMap<string, number> {
    return this.#failures.faultyNodes(service, specVersion);
  }
  answered(request: RequestId): Outcome | undefined {
    return this.#sessions.answered(request);
  }

  /** Applies the entry at `index`; null is an entry without content, such as a term's first. */
  apply(entry: Omit<StoreEntry, "term"> | null, index: number): AppliedEntry {
    assert(index > this.#index, "entries are applied in order, once");
    this.#index = index;
    this.#entries += 1;
    if (entry === null) return { transactions: [], events: [] };
    assert(entry.time >= this.#time, "the cluster's clock does not run backwards");
    this.#time = entry.time;
    this.#failures.expire(entry.time);
    const events: StoreEvent[] = [];
    const transactions = entry.transactions.map((transaction) => ({
      transaction,
      outcome: this.#transact(transaction, events),
    }));
    return { transactions, events };
  }

  snapshot(): StoreSnapshot {
    const cluster = this.#cluster === null ? [] : [this.#cluster];
    const objects = gathered(this.#tables(), (table) => sortedById<StoreObject>(table.values()));
    return {
      index: this.#index,
      time: this.#time,
      objects: [...cluster, ...objects],
      sessions: this.#sessions.list(),
      failures: this.#failures.list(),
    };
  }

  /** Replaces everything by what `snapshot` holds. */
  restore(snapshot: StoreSnapshot): void {
    assert(snapshot.index >= this.#index, "a snapshot does not take the store back");
    for (const table of this.#tables()) {
      for (const object of [...table.values()]) this.#replace(object, null);
    }
    this.#cluster = null;
    this.#index = snapshot.index;
    this.#time = snapshot.time;
    for (const object of snapshot.objects) this.#replace(null, object);
    this.#sessions.restore(snapshot.sessions);
    this.#failures.restore(snapshot.failures);
  }

  /** All but the cluster, in the order in which a snapshot has them. */
  #tables(): readonly Map<string, StoreObject>[] {
    const named = [this.#secrets, this.#configs, this.#volumes, this.#networks];
    return [this.#nodes, this.#services, this.#tasks, ...named] as Map<string, StoreObject>[];
  }

  #transact(transaction: Transaction, events: StoreEvent[]): Outcome {
    const { request } = transaction;
    const earlier = request === null ? undefined : this.#sessions.answered(request);
    if (earlier !== undefined) return earlier;
    const outcome = this.#carryOut(transaction, events);
    if (request !== null) this.#sessions.record(request, outcome);
    return outcome;
  }

  #carryOut({ actor, changes, result, refusal }: Transaction, events: StoreEvent[]): Outcome {
    const rejection = refusal ?? refusalOf(this, changes);
    if (rejection !== null) return { kind: "refused", rejection };
    for (const change of changes) events.push(this.#change(actor, change));
    return { kind: "done", result };
  }

  #change(actor: Actor, change: Change): StoreEvent {
    if (change.kind === "remove") {
      const previous = this.object(change.table, change.id) as StoreObject;
      this.#replace(previous, null);
      return eventOf(actor, previous, null);
    }
    const previous = this.object(change.object.kind, change.object.id) ?? null;
    const createdAt = previous?.meta.createdAt ?? this.#time;
    const isOwn = this.#planted === "T01" && change.object.kind === "task";
    const version = isOwn ? this.#entries : this.#index;
    const isDatedByOwn = this.#planted === "T02" && change.object.kind === "node";
    const updatedAt = isDatedByOwn ? (this.#entries as Timestamp) : this.#time;
    const meta = { version, createdAt, updatedAt };
    const current = withMeta(change.object, previous, meta);
    this.#replace(previous, current);
    if (current.kind === "task") {
      this.#failures.note(previous as Task | null, current, this.#time);
    }
    return eventOf(actor, previous, current);
  }

  /** The one place where tables and indexes change; they change together. */
  #replace(previous: StoreObject | null, current: StoreObject | null): void {
    const object = (current ?? previous) as StoreObject;
    const present = current !== null;
    switch (object.kind) {
      case "task":
        return this.#replaceTask(previous as Task | null, current as Task | null);
      case "node":
        if (this.#planted === "S04" && previous !== null) this.#loads.forget(object.id);
        return put(this.#nodes, object, present);
      case "service":
        this.#ports.replace(previous as Service | null, current as Service | null);
        return this.#replaceNamed(this.#services, object, present);
      case "secret":
        return this.#replaceNamed(this.#secrets, object, present);
      case "config":
        return this.#replaceNamed(this.#configs, object, present);
      case "volume":
        return this.#replaceNamed(this.#volumes, object, present);
      case "network":
        return this.#replaceNamed(this.#networks, object, present);
      case "cluster":
        this.#cluster = object;
        return;
      default:
        return unreachable(object);
    }
  }

  #replaceNamed<T extends Named>(table: Map<string, T>, object: T, present: boolean): void {
    put(table, object, present);
    this.#names.put(object, present);
  }

  #replaceTask(previous: Task | null, current: Task | null): void {
    this.#loads.replace(previous, current);
    this.#slots.replace(previous, current);
    if (current === null) {
      const { id, serviceId, nodeId } = previous as Task;
      this.#tasks.delete(id);
      this.#tasksByService.delete(serviceId, id);
      if (nodeId !== null) this.#tasksByNode.delete(nodeId, id);
      return;
    }
    assert(
      previous === null || (previous.nodeId ?? current.nodeId) === current.nodeId,
      "no task moves",
    );
    this.#tasks.set(current.id, current);
    this.#tasksByService.put(current.serviceId, current);
    if (current.nodeId !== null) this.#tasksByNode.put(current.nodeId, current);
  }
}

const none: readonly Task[] = [];

function put<T extends StoreObject>(table: Map<string, T>, object: T, present: boolean): void {
  if (present) table.set(object.id, object);
  else table.delete(object.id);
}
