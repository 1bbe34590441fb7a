import type { Durable } from "../../core/node/durable.ts";
import type { Entry, HardState } from "../../core/raft/message.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

/**
 * A node starts with just what is safe on its disk: all that was acknowledged, nothing that was
 * torn. And it starts, unless its disk was damaged on purpose.
 */
export class RecoveredIsDurable implements Checker {
  readonly name = "recovered-is-durable";
  readonly source = "etcd wal: ReadAll, ErrCRCMismatch; a torn tail is cut, no more";
  checks = 0;

  recovered(host: Host, found: Durable): void {
    this.checks += 1;
    const problem = difference(host.disk.image.load(), found);
    if (problem !== null) throw new BrokenInvariant(this.name, host.name, problem);
  }

  refused(host: Host, reason: string): void {
    this.checks += 1;
    if (host.disk.isCorrupt || host.isTooOld) return;
    throw new BrokenInvariant(this.name, host.name, `it refuses a sound disk: ${reason}`);
  }
}

function difference(safe: Durable, found: Durable): string | null {
  if (textOf(safe.hardState) !== textOf(found.hardState)) {
    return `it starts with ${textOf(found.hardState)}, its disk had ${textOf(safe.hardState)}`;
  }
  const [kept, taken] = [safe.snapshot?.payload, found.snapshot?.payload];
  if (kept !== taken || safe.snapshot?.index !== found.snapshot?.index) {
    const [was, is] = [safe.snapshot?.index ?? 0, found.snapshot?.index ?? 0];
    return `it starts from a snapshot at ${is}, its disk had one at ${was}`;
  }
  if (safe.standing !== found.standing) return "it does not remember its place in the cluster";
  const count = Math.max(safe.entries.length, found.entries.length);
  for (let at = 0; at < count; at += 1) {
    const [was, is] = [safe.entries[at], found.entries[at]];
    if (!isSame(was, is)) {
      return `entry ${(was ?? is)?.index} is ${is === undefined ? "gone" : "not what was safe"}`;
    }
  }
  return safe.tasks.size === found.tasks.size ? null : "it does not remember the same tasks";
}

function isSame(was: Entry | undefined, is: Entry | undefined): boolean {
  if (was === undefined || is === undefined) return false;
  if (was.index !== is.index || was.term !== is.term || was.kind !== is.kind) return false;
  return was.kind !== "payload" || is.kind !== "payload" || was.payload === is.payload;
}

function textOf(state: HardState | null): string {
  return state === null ? "no term" : `term ${state.term} and vote ${state.vote ?? "none"}`;
}
