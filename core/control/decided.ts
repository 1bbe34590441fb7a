import type { Change } from "../model/change.ts";
import { type Rejection, rejection } from "../model/rejection.ts";

/** What a command comes to when it is not refused. */
export interface Decided {
  /** Of the object that the command is about. */
  readonly id: string;
  readonly changes: readonly Change[];
}

export function notFound(table: string, id: string): Rejection {
  return rejection("NotFound", `${table} ${id} not found`);
}

export function outOfSequence(): Rejection {
  return rejection("FailedPrecondition", "update out of sequence");
}
