import { unreachable } from "../base/assert.ts";
import { gathered } from "../base/gather.ts";
import { limits } from "../base/limits.ts";
import {
  aboutSizeOf,
  type Change,
  type SizeOf,
  type StoreObject,
  type Transaction,
} from "../model/change.ts";
import type { Cluster } from "../model/cluster.ts";
import { portKey, portsTaken } from "../model/endpoint.ts";
import { isPredefined } from "../model/network.ts";
import type { Node } from "../model/node.ts";
import { type Rejection, rejection } from "../model/rejection.ts";
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
  /** What no two transactions of an entry may take: the ids of objects, and names and numbers. */
  readonly #claims = new Set<string>();
  /** One transaction is always taken in, however large it is. */
  readonly #changesMost: number;
  readonly #sizeOf: SizeOf;
  #changes = 0;
  #bytes = 0;
  #changesPlaces = false;

  constructor(changesMost: number = limits.changesPerEntry, sizeOf: SizeOf = aboutSizeOf) {
    this.#changesMost = changesMost;
    this.#sizeOf = sizeOf;
  }

  /** Takes the transaction in, unless it touches what another has touched or the entry is full. */
  offer(transaction: Transaction): boolean {
    const { changes } = transaction;
    const count = this.#changes + changes.length;
    const bytes = this.#bytes + this.#sizeOf(transaction);
    const isTooMuch = count > this.#changesMost || bytes > limits.entryBytes;
    if (isTooMuch && this.#changes > 0) return false;
    const claims = gathered(changes, claimsOf);
    if (transaction.request !== null && changes.some(concernsNeeds)) claims.push(needs);
    for (const claim of claims) if (this.#claims.has(claim)) return false;
    for (const claim of claims) this.#claims.add(claim);
    if (changes.some(changesPlace)) this.#changesPlaces = true;
    this.#changes = count;
    this.#bytes = bytes;
    this.transactions.push(transaction);
    return true;
  }

  /** False when some had no room or came second: they must be planned anew. */
  offerAll(transactions: readonly Transaction[]): boolean {
    let taken = true;
    for (const each of transactions) taken = this.offer(each) && taken;
    return taken;
  }

  /** True when a node or a volume comes, goes or changes in this entry: nothing is placed then. */
  get changesPlaces(): boolean {
    return this.#changesPlaces;
  }

  /** True when the object is changed in this entry. */
  touches({ id }: StoreObject): boolean {
    return this.#claims.has(id);
  }

  get isFull(): boolean {
    return this.#changes >= this.#changesMost || this.#bytes >= limits.entryBytes;
  }
}

/** Why a user's transaction is never taken in, or null: it would hold up all others. */
export function tooLarge(transaction: Transaction, sizeOf: SizeOf = aboutSizeOf): Rejection | null {
  const bytes = sizeOf(transaction);
  if (bytes <= limits.entryBytes || transaction.changes.length > 1) return null;
  const most = `at most ${limits.entryBytes} may be`;
  return rejection("InvalidArgument", `the request takes ${bytes} bytes in the log: ${most}`);
}

function changesPlace(change: Change): boolean {
  const table = change.kind === "remove" ? change.table : change.object.kind;
  return table === "node" || table === "volume";
}

const needs = "what services need";
/** An entry makes one at most: its numbers are those that were free before. */
const overlays = "numbers of overlays";

/**
 * A command may not take away what a service needs, nor ask for what is not there, and both are
 * checked against the state before the entry: so of such commands it has only one.
 */
function concernsNeeds(change: Change): boolean {
  if (change.kind === "remove") return change.table !== "node" && change.table !== "task";
  if (change.object.kind !== "service") return false;
  const { dependsOn, task } = change.object.spec;
  const { secrets, configs, mounts } = task.container;
  const named = dependsOn.length + secrets.length + configs.length + mounts.length;
  return named > 0 || task.networks.some(({ target }) => !isPredefined(target));
}

/**
 * The object itself, which no other has the id of, and the slot that changes as a whole, the ports
 * of a service, the name or numbers of what is new.
 */
function claimsOf(change: Change): readonly string[] {
  if (change.kind === "remove") return [change.id];
  const { object } = change;
  const { id } = object;
  switch (object.kind) {
    case "task":
      return isWhole(object) ? [id, slotKey(object)] : [id];
    case "node":
    case "cluster":
      return [id];
    case "service":
      return change.kind === "create"
        ? [id, ...portsOf(object), nameOf(object)]
        : [id, ...portsOf(object)];
    case "network":
      return object.overlay === null ? [id, nameOf(object)] : [id, nameOf(object), overlays];
    case "secret":
    case "config":
    case "volume":
      return change.kind === "create" ? [id, nameOf(object)] : [id];
    default:
      return unreachable(object);
  }
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

function nameOf({ kind, spec }: Exclude<StoreObject, Cluster | Node | Task>): string {
  return `${kind} name ${spec.name}`;
}

function portsOf(service: Service): string[] {
  return portsTaken(service).map((port) => `port ${portKey(port)}`);
}
