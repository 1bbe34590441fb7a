import { limits } from "../base/limits.ts";
import type { Change, StoreObject, Transaction } from "../model/change.ts";
import type { Cluster } from "../model/cluster.ts";
import { portKey, portsTaken } from "../model/endpoint.ts";
import type { Node } from "../model/node.ts";
import type { Service } from "../model/service.ts";
import { slotOf, type Task } from "../model/task.ts";
import type { OpenEntry } from "../plan/plan.ts";

/**
 * The transactions of one Raft entry, gathered from commands, reports and planners.
 *
 * All of them were decided against the same state of the store, so no two may touch the same
 * object, the same name or the same published port: who comes second waits for the next turn.
 */
export class Turn implements OpenEntry {
  readonly transactions: Transaction[] = [];
  readonly #touched = new Set<string>();
  /** One transaction is always taken in, however many changes it has. */
  readonly #changesMost: number;
  #changes = 0;
  #changesPlaces = false;

  constructor(changesMost: number = limits.changesPerEntry) {
    this.#changesMost = changesMost;
  }

  /** Takes the transaction in, unless it touches what another has touched or the entry is full. */
  offer(transaction: Transaction): boolean {
    const changes = this.#changes + transaction.changes.length;
    if (changes > this.#changesMost && this.#changes > 0) return false;
    const keys: string[] = [];
    for (const change of transaction.changes) note(keys, change);
    for (const key of keys) if (this.#touched.has(key)) return false;
    for (const key of keys) this.#touched.add(key);
    this.#changes = changes;
    this.#changesPlaces ||= transaction.changes.some(isOfPlace);
    this.transactions.push(transaction);
    return true;
  }

  /** True when a node or a volume comes, goes or changes in this entry: nothing is placed then. */
  get changesPlaces(): boolean {
    return this.#changesPlaces;
  }

  /** True when the object is changed in this entry. */
  touches({ kind, id }: StoreObject): boolean {
    return this.#touched.has(`${kind} ${id}`);
  }

  get isFull(): boolean {
    return this.#changes >= this.#changesMost;
  }
}

/** Adds what the change touches: the object, and of a new one its name. */
function note(keys: string[], change: Change): void {
  if (change.kind === "remove") {
    keys.push(`${change.table} ${change.id}`);
    return;
  }
  const { object } = change;
  keys.push(`${object.kind} ${object.id}`);
  if (object.kind === "task") {
    if (isWhole(object)) keys.push(slotKey(object));
    return;
  }
  if (object.kind === "service") keys.push(...portsOf(object));
  if (change.kind === "update" || object.kind === "node" || object.kind === "cluster") return;
  keys.push(nameOf(object));
}

/**
 * The slots of jobs and of global services change as a whole: the report that a task has completed,
 * or has failed, and the start of its replacement would otherwise fit into the same entry, though
 * nothing may be started after the one, and only after a delay after the other.
 */
function isWhole({ jobIteration, slot }: Task): boolean {
  return jobIteration !== null || slot === 0;
}

function slotKey(task: Task): string {
  return `slot ${task.serviceId} ${slotOf(task)}`;
}

function isOfPlace(change: Change): boolean {
  const table = change.kind === "remove" ? change.table : change.object.kind;
  return table === "node" || table === "volume";
}

function nameOf({ kind, spec }: Exclude<StoreObject, Cluster | Node | Task>): string {
  return `${kind} name ${spec.name}`;
}

function portsOf(service: Service): string[] {
  return portsTaken(service).map((port) => `port ${portKey(port)}`);
}
