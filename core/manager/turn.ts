import { unreachable } from "../base/assert.ts";
import { limits } from "../base/limits.ts";
import {
  aboutSizeOf,
  type Change,
  type SizeOf,
  type StoreObject,
  type Table,
  type Transaction,
} from "../model/change.ts";
import type { Cluster } from "../model/cluster.ts";
import { portKey, portsTaken } from "../model/endpoint.ts";
import { isPredefined } from "../model/network.ts";
import type { Node } from "../model/node.ts";
import { invalidArgument, type Rejection } from "../model/rejection.ts";
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
  readonly #objects = new Map<Table, Set<string>>();
  /** What no two transactions of an entry may take besides an object. */
  readonly #claims = new Set<string>();
  /** A transaction of more goes into an entry that is not full: else it might wait for ever. */
  readonly #changesMost: number;
  readonly #sizeOf: SizeOf;
  #changes = 0;
  #bytes = 0;

  constructor(changesMost: number = limits.changesPerEntry, sizeOf: SizeOf = aboutSizeOf) {
    this.#changesMost = changesMost;
    this.#sizeOf = sizeOf;
  }

  /** Takes the transaction in, unless it touches what another has touched or the entry is full. */
  offer(transaction: Transaction): boolean {
    const { changes } = transaction;
    const size = this.#sizeOf(transaction);
    const count = this.#changes + changes.length;
    const bytes = this.#bytes + size;
    const isLarger = changes.length > this.#changesMost || size > limits.entryBytes;
    const isTooMuch = count > this.#changesMost || bytes > limits.entryBytes;
    if (isTooMuch && (this.isFull || !isLarger)) return false;
    for (const change of changes) if (this.#isTouched(change)) return false;
    const isOfNeeds = transaction.request !== null && changes.some(concernsNeeds);
    if (isOfNeeds && this.#claims.has(needs)) return false;
    if (isOfNeeds) this.#claims.add(needs);
    for (const change of changes) this.#touch(change);
    this.#changes = count;
    this.#bytes = bytes;
    this.transactions.push(transaction);
    return true;
  }

  /** False when some had no room or came second: they must be planned anew. */
  offerAll(transactions: readonly Transaction[]): boolean {
    let taken = true;
    for (const each of transactions) {
      if (this.isFull) return false;
      taken = this.offer(each) && taken;
    }
    return taken;
  }

  /** True when a node or a volume comes, goes or changes in this entry: nothing is placed then. */
  get changesPlaces(): boolean {
    return this.#objects.has("node") || this.#objects.has("volume");
  }

  /** True when the object is changed in this entry. */
  touches({ kind, id }: StoreObject): boolean {
    return this.#objects.get(kind)?.has(id) === true;
  }

  get isFull(): boolean {
    return this.#changes >= this.#changesMost || this.#bytes >= limits.entryBytes;
  }

  #isTouched(change: Change): boolean {
    if (this.#objects.get(tableOf(change))?.has(idOf(change))) return true;
    for (const claim of claimsOf(change)) if (this.#claims.has(claim)) return true;
    return false;
  }

  #touch(change: Change): void {
    const table = tableOf(change);
    const touched = this.#objects.get(table);
    if (touched === undefined) this.#objects.set(table, new Set([idOf(change)]));
    else touched.add(idOf(change));
    for (const claim of claimsOf(change)) this.#claims.add(claim);
  }
}

/** Why a user's transaction is never taken in, or null: it would hold up all others. */
export function tooLarge(transaction: Transaction, sizeOf: SizeOf = aboutSizeOf): Rejection | null {
  const bytes = sizeOf(transaction);
  if (bytes <= limits.entryBytes || transaction.changes.length > 1) return null;
  const most = `at most ${limits.entryBytes} may be`;
  return invalidArgument(`the request takes ${bytes} bytes in the log: ${most}`);
}

function tableOf(change: Change): Table {
  return change.kind === "remove" ? change.table : change.object.kind;
}

function idOf(change: Change): string {
  return change.kind === "remove" ? change.id : change.object.id;
}

const none: readonly string[] = [];
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

/** The slot that changes as a whole, the ports of a service, the name or numbers of what is new. */
function claimsOf(change: Change): readonly string[] {
  if (change.kind === "remove") return none;
  const { object } = change;
  switch (object.kind) {
    case "task":
      return isWhole(object) ? [slotKey(object)] : none;
    case "node":
    case "cluster":
      return none;
    case "service":
      return change.kind === "create" ? [...portsOf(object), nameOf(object)] : portsOf(object);
    case "network":
      return object.overlay === null ? [nameOf(object)] : [nameOf(object), overlays];
    case "secret":
    case "config":
    case "volume":
      return change.kind === "create" ? [nameOf(object)] : none;
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
