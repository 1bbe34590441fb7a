import type { Timestamp } from "../base/time.ts";
import type { Cluster } from "./cluster.ts";
import type { Network } from "./network.ts";
import type { Node } from "./node.ts";
import type { Rejection } from "./rejection.ts";
import type { Config, Secret } from "./secret.ts";
import type { Service } from "./service.ts";
import type { Task } from "./task.ts";
import type { TaskActor } from "./task-state.ts";
import type { Volume } from "./volume.ts";

export type StoreObject = Cluster | Config | Network | Node | Secret | Service | Task | Volume;
export type Table = StoreObject["kind"];
/** Tables whose objects have a name that no other object of the table has. */
export type NamedTable = "config" | "network" | "secret" | "service" | "volume";

/**
 * One change of one object. An update carries the whole new object, whose `meta.version` is still
 * that of the object it replaces: the store refuses it when they differ.
 */
export type Change =
  | { readonly kind: "create"; readonly object: StoreObject }
  | { readonly kind: "update"; readonly object: StoreObject }
  | {
      readonly kind: "remove";
      readonly table: Table;
      readonly id: string;
      readonly version: number;
    };

export function creationOf(object: StoreObject): Change {
  return { kind: "create", object };
}

export function updateOf(object: StoreObject): Change {
  return { kind: "update", object };
}

export function removalOf({ kind: table, id, meta }: StoreObject): Change {
  return { kind: "remove", table, id, version: meta.version };
}

/** Who decided a change. Users act through `control`. */
export type Actor = TaskActor | "ca" | "control" | "reaper" | "role-manager" | "updater";

/** Which command of which client a transaction answers, so that a retry is applied once. */
export interface RequestId {
  readonly client: string;
  /** Counted up by the client, one command at a time. */
  readonly sequence: number;
}

/** Changes that happen together or not at all. */
export interface Transaction {
  readonly actor: Actor;
  readonly changes: readonly Change[];
  readonly request: RequestId | null;
  /** What the client is told: the id of the object its command was about. */
  readonly result: string;
  /** Why the command was refused: then nothing changes, but the answer is kept for its retry. */
  readonly refusal?: Rejection;
}

/** Bytes that a transaction takes in the log. */
export type SizeOf = (transaction: Transaction) => number;

/** About as many: for hosts that don't make bytes of it. */
export const aboutSizeOf: SizeOf = ({ changes }) => 512 * changes.length;

/** Bytes of all that the entry holds, as `sizeOf` counts them. */
export function entrySize({ transactions }: StoreEntry, sizeOf: SizeOf): number {
  return transactions.reduce((sum, each) => sum + sizeOf(each), 0);
}

/** What one Raft entry does to the store. */
export interface StoreEntry {
  /** The term of the leader that decided it. */
  readonly term: number;
  /** What the cluster's clock showed when the leader decided it: never less than the one before. */
  readonly time: Timestamp;
  readonly transactions: readonly Transaction[];
}

/** What became of a command. */
export type Outcome =
  | { readonly kind: "done"; readonly result: string }
  | { readonly kind: "refused"; readonly rejection: Rejection };
