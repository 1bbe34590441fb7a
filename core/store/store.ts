import { assert } from "../base/assert.ts";
import { Digest } from "../base/digest.ts";
import { sortedById, sortedText } from "../base/order.ts";
import type { Planted } from "../base/planted.ts";
import type { Timestamp } from "../base/time.ts";
import type {
  Actor,
  Change,
  Outcome,
  RequestId,
  StoreEntry,
  StoreObject,
  Transaction,
} from "../model/change.ts";
import type { Cluster } from "../model/cluster.ts";
import type { Meta } from "../model/meta.ts";
import type { Node } from "../model/node.ts";
import { type Rejection, rejection } from "../model/rejection.ts";
import type { Service } from "../model/service.ts";
import type { Task } from "../model/task.ts";
import { type ClientSession, ClientSessions } from "./client-sessions.ts";
import type { StoreEvent } from "./event.ts";
import { type NodeLoad, NodeLoads } from "./node-load.ts";
import type { StoreView } from "./view.ts";

/** All objects at one index, in an order that does not depend on history. */
export interface StoreSnapshot {
  readonly index: number;
  readonly time: Timestamp;
  readonly objects: readonly StoreObject[];
  readonly sessions: readonly ClientSession[];
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

const nothing: ReadonlyMap<string, Task> = new Map();

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
  readonly #serviceByName = new Map<string, Service>();
  readonly #tasksByService = new Map<string, Map<string, Task>>();
  readonly #tasksByNode = new Map<string, Map<string, Task>>();
  readonly #loads: NodeLoads;
  readonly #sessions = new ClientSessions();

  constructor(planted: Planted) {
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

  serviceByName(name: string): Service | undefined {
    return this.#serviceByName.get(name);
  }
  tasksOfService(service: string): ReadonlyMap<string, Task> {
    return this.#tasksByService.get(service) ?? nothing;
  }
  tasksOnNode(node: string): ReadonlyMap<string, Task> {
    return this.#tasksByNode.get(node) ?? nothing;
  }
  loadOf(node: string): NodeLoad {
    return this.#loads.of(node);
  }
  answered(request: RequestId): Outcome | undefined {
    return this.#sessions.answered(request);
  }

  /** Applies the entry at `index`; null is an entry without content, such as a term's first. */
  apply(entry: StoreEntry | null, index: number): AppliedEntry {
    assert(index > this.#index, "entries are applied in order, once");
    this.#index = index;
    if (entry === null) return { transactions: [], events: [] };
    assert(entry.time >= this.#time, "the cluster's clock does not run backwards");
    this.#time = entry.time;
    const events: StoreEvent[] = [];
    const transactions = entry.transactions.map((transaction) => ({
      transaction,
      outcome: this.#transact(transaction, events),
    }));
    return { transactions, events };
  }

  snapshot(): StoreSnapshot {
    const cluster = this.#cluster === null ? [] : [this.#cluster];
    const tables = [this.#nodes, this.#services, this.#tasks];
    const objects = tables.flatMap((table) => sortedById<StoreObject>(table.values()));
    return {
      index: this.#index,
      time: this.#time,
      objects: [...cluster, ...objects],
      sessions: this.#sessions.list(),
    };
  }

  /** Replaces everything by what `snapshot` holds. */
  restore(snapshot: StoreSnapshot): void {
    assert(snapshot.index >= this.#index, "a snapshot does not take the store back");
    for (const table of [this.#tasks, this.#services, this.#nodes]) {
      for (const object of [...table.values()]) this.#replace(object, null);
    }
    this.#cluster = null;
    this.#index = snapshot.index;
    this.#time = snapshot.time;
    for (const object of snapshot.objects) this.#replace(null, object);
    this.#sessions.restore(snapshot.sessions);
  }

  /** Sixteen digits that are equal when two stores hold the same. O(objects). */
  digest(): string {
    const digest = new Digest().number(this.#index);
    for (const id of sortedText(this.#tasks.keys())) {
      const task = this.#tasks.get(id) as Task;
      digest.text(id).number(task.meta.version).number(task.status.state);
      digest.number(task.desiredState).text(task.nodeId ?? "");
    }
    for (const object of [
      ...sortedById(this.#services.values()),
      ...sortedById(this.#nodes.values()),
    ]) {
      digest.text(object.id).number(object.meta.version);
    }
    return digest.hex();
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
    const rejection = refusal ?? this.#refusal(changes);
    if (rejection !== null) return { kind: "refused", rejection };
    for (const change of changes) events.push(this.#change(actor, change));
    return { kind: "done", result };
  }

  #refusal(changes: readonly Change[]): Rejection | null {
    for (const change of changes) {
      const refused = this.#refusalOf(change);
      if (refused !== null) return refused;
    }
    return null;
  }

  #refusalOf(change: Change): Rejection | null {
    if (change.kind === "create") return this.#refusalOfCreate(change.object);
    const [table, id, version] =
      change.kind === "update"
        ? [change.object.kind, change.object.id, change.object.meta.version]
        : [change.table, change.id, change.version];
    const current = this.#object(table, id);
    if (current === undefined) return rejection("NotFound", `${table} ${id} not found`);
    if (current.meta.version !== version) {
      return rejection("FailedPrecondition", "update out of sequence");
    }
    return null;
  }

  #refusalOfCreate(object: StoreObject): Rejection | null {
    if (this.#object(object.kind, object.id) !== undefined) {
      return rejection("AlreadyExists", `${object.kind} ${object.id} already exists`);
    }
    if (object.kind === "service" && this.#serviceByName.has(object.spec.name)) {
      return rejection("AlreadyExists", `service ${object.spec.name} already exists`);
    }
    return null;
  }

  #object(table: StoreObject["kind"], id: string): StoreObject | undefined {
    if (table === "task") return this.#tasks.get(id);
    if (table === "service") return this.#services.get(id);
    if (table === "node") return this.#nodes.get(id);
    return this.#cluster ?? undefined;
  }

  #change(actor: Actor, change: Change): StoreEvent {
    if (change.kind === "remove") {
      const previous = this.#object(change.table, change.id) as StoreObject;
      this.#replace(previous, null);
      return { actor, previous, current: null };
    }
    const previous = this.#object(change.object.kind, change.object.id) ?? null;
    const createdAt = previous?.meta.createdAt ?? this.#time;
    const meta = { version: this.#index, createdAt, updatedAt: this.#time };
    const current = withMeta(change.object, meta);
    this.#replace(previous, current);
    return { actor, previous, current };
  }

  /** The one place where tables and indexes change; they change together. */
  #replace(previous: StoreObject | null, current: StoreObject | null): void {
    const object = (current ?? previous) as StoreObject;
    if (object.kind === "task") this.#replaceTask(previous as Task | null, current as Task | null);
    else if (object.kind === "service") this.#replaceService(object, current !== null);
    else if (object.kind === "cluster") this.#cluster = object;
    else put(this.#nodes, object, current !== null);
  }

  #replaceService(service: Service, present: boolean): void {
    put(this.#services, service, present);
    if (present) this.#serviceByName.set(service.spec.name, service);
    else this.#serviceByName.delete(service.spec.name);
  }

  #replaceTask(previous: Task | null, current: Task | null): void {
    if (previous !== null) {
      this.#loads.count(previous, -1);
      if (current === null) this.#tasks.delete(previous.id);
      if (current === null) unindex(this.#tasksByService, previous.serviceId, previous.id);
      if (current === null && previous.nodeId !== null) {
        unindex(this.#tasksByNode, previous.nodeId, previous.id);
      }
    }
    if (current === null) return;
    assert(
      previous === null || (previous.nodeId ?? current.nodeId) === current.nodeId,
      "no task moves",
    );
    this.#loads.count(current, 1);
    this.#tasks.set(current.id, current);
    index(this.#tasksByService, current.serviceId, current);
    if (current.nodeId !== null) index(this.#tasksByNode, current.nodeId, current);
  }
}

function withMeta(object: StoreObject, meta: Meta): StoreObject {
  return object.kind === "task" ? taskWithMeta(object, meta) : { ...object, meta };
}

/** Field by field, since tasks change most: engines clone an object of many shapes slowly. */
function taskWithMeta(task: Task, meta: Meta): Task {
  return {
    kind: "task",
    id: task.id,
    meta,
    serviceId: task.serviceId,
    name: task.name,
    slot: task.slot,
    nodeId: task.nodeId,
    spec: task.spec,
    specVersion: task.specVersion,
    startAt: task.startAt,
    desiredState: task.desiredState,
    status: task.status,
  };
}

function put<T extends StoreObject>(table: Map<string, T>, object: T, present: boolean): void {
  if (present) table.set(object.id, object);
  else table.delete(object.id);
}

function index(groups: Map<string, Map<string, Task>>, key: string, task: Task): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, new Map([[task.id, task]]));
  else group.set(task.id, task);
}

function unindex(groups: Map<string, Map<string, Task>>, key: string, id: string): void {
  const group = groups.get(key);
  group?.delete(id);
  if (group?.size === 0) groups.delete(key);
}
