import { limits } from "../base/limits.ts";
import type { Change, StoreObject, Transaction } from "../model/change.ts";
import type { Cluster } from "../model/cluster.ts";
import { portKey, portsTaken } from "../model/endpoint.ts";
import type { Node } from "../model/node.ts";
import type { Service } from "../model/service.ts";
import { slotOf, type Task } from "../model/task.ts";

/**
 * The transactions of one Raft entry, gathered from commands, reports and planners.
 *
 * All of them were decided against the same state of the store, so no two may touch the same
 * object, the same name or the same published port: who comes second waits for the next turn.
 */
export class Turn {
  readonly transactions: Transaction[] = [];
  readonly #touched = new Set<string>();
  /** One transaction is always taken in, however many changes it has. */
  readonly #changesMost: number;
  #changes = 0;
  #changesNodes = false;

  constructor(changesMost: number = limits.changesPerEntry) {
    this.#changesMost = changesMost;
  }

  /** Takes the transaction in, unless it touches what another has touched or the entry is full. */
  offer(transaction: Transaction): boolean {
    const keys = transaction.changes.flatMap(touches);
    if (keys.some((key) => this.#touched.has(key))) return false;
    const changes = this.#changes + transaction.changes.length;
    if (changes > this.#changesMost && this.#changes > 0) return false;
    for (const key of keys) this.#touched.add(key);
    this.#changes = changes;
    this.#changesNodes ||= transaction.changes.some(isOfNode);
    this.transactions.push(transaction);
    return true;
  }

  /** True when a node joins, goes, comes back or changes its availability in this entry. */
  get changesNodes(): boolean {
    return this.#changesNodes;
  }

  get isFull(): boolean {
    return this.#changes >= this.#changesMost;
  }
}

function touches(change: Change): string[] {
  if (change.kind === "remove") return [`${change.table} ${change.id}`];
  const { object } = change;
  const key = `${object.kind} ${object.id}`;
  if (object.kind === "task") return isWhole(object) ? [key, slotKey(object)] : [key];
  if (object.kind === "service" && object.ports.length + object.spec.endpoint.ports.length > 0) {
    return [key, ...portsOf(object), ...(change.kind === "create" ? [nameOf(object)] : [])];
  }
  if (change.kind === "update") return [key];
  if (object.kind === "node" || object.kind === "cluster") return [key];
  return [key, nameOf(object)];
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

function isOfNode(change: Change): boolean {
  return (change.kind === "remove" ? change.table : change.object.kind) === "node";
}

function nameOf({ kind, spec }: Exclude<StoreObject, Cluster | Node | Task>): string {
  return `${kind} name ${spec.name}`;
}

function portsOf(service: Service): string[] {
  return portsTaken(service).map((port) => `port ${portKey(port)}`);
}
