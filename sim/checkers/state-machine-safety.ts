import type { StoreObject } from "../../core/model/change.ts";
import type { StorageWrite } from "../../core/node/durable.ts";
import type { NodeEvent } from "../../core/node/event.ts";
import type { StoreEvent } from "../../core/store/event.ts";
import type { Applied } from "../world/observer.ts";
import { BrokenInvariant, type Checker, type RaftHost } from "./checker.ts";
import type { RaftLogs } from "./raft-logs.ts";

const remembered = 50_000;

/**
 * State Machine Safety: no two nodes ever apply different entries at the same index, nor come to
 * different results from the same one; and each applies them in order, without a gap.
 */
export class StateMachineSafety implements Checker {
  readonly name = "state-machine-safety";
  readonly source = "Raft paper, figure 3: State Machine Safety";
  checks = 0;
  readonly #logs: RaftLogs;
  readonly #applied: number[] = [];
  /** By index: what the entry did where it was applied first. */
  readonly #results = new Map<number, Result>();

  constructor(logs: RaftLogs) {
    this.#logs = logs;
  }

  happened(host: RaftHost, event: NodeEvent): void {
    if (event.kind === "restored") this.restored(host, event.snapshot.index);
  }

  entryApplied(host: RaftHost, { index, applied }: Applied): void {
    if (this.#logs.isOutdated(host)) return;
    this.applied(host, index);
    this.#compareResults(host, index, applied.events);
  }

  wiped(host: RaftHost, write: StorageWrite): void {
    this.#applied[host.number] = 0;
    const forced = write.raft.find((part) => part.snapshot !== null)?.snapshot;
    for (const index of forced ? this.#results.keys() : []) {
      if (index > (forced?.index ?? 0)) this.#results.delete(index);
    }
  }

  restored(host: RaftHost, index: number): void {
    this.#applied[host.number] = index;
  }

  applied(host: RaftHost, index: number): void {
    this.checks += 1;
    const last = this.#applied[host.number] ?? 0;
    if (index !== last + 1) this.#broken(host, `entry ${index} is applied after ${last}`);
    this.#applied[host.number] = index;
    const hash = this.#logs.volatile[host.number]?.at(index);
    if (hash === undefined)
      return this.#broken(host, `entry ${index} is applied but not in the log`);
    if (this.#logs.commit(index, hash, host.raft?.term ?? 0) !== hash) {
      this.#broken(host, `entry ${index} differs from the one that was applied first`);
    }
  }

  crashed(host: RaftHost): void {
    this.#applied[host.number] = 0;
  }

  #compareResults(host: RaftHost, index: number, events: readonly StoreEvent[]): void {
    const first = this.#results.get(index);
    if (first === undefined) {
      this.#results.set(index, resultOf(events));
      this.#results.delete(index - remembered);
    } else if (!isResult(first, events)) {
      this.#broken(host, `entry ${index} does not do what it did where it was applied first`);
    }
  }

  #broken(host: RaftHost, detail: string): never {
    throw new BrokenInvariant(this.name, host.name, detail);
  }
}

/** Four for each object: its id, its versions before and after, -1 for none, and its state. */
type Result = readonly (string | number)[];

function resultOf(events: readonly StoreEvent[]): Result {
  const result: (string | number)[] = [];
  for (const { previous, current } of events) {
    const { id } = (current ?? previous) as StoreObject;
    const versions = [previous?.meta.version ?? -1, current?.meta.version ?? -1] as const;
    result.push(id, ...versions, stateOf(current));
  }
  return result;
}

function isResult(result: Result, events: readonly StoreEvent[]): boolean {
  if (result.length !== 4 * events.length) return false;
  let at = 0;
  for (const { previous, current } of events) {
    if (result[at] !== (current ?? previous)?.id) return false;
    if (result[at + 1] !== (previous?.meta.version ?? -1)) return false;
    if (result[at + 2] !== (current?.meta.version ?? -1)) return false;
    if (result[at + 3] !== stateOf(current)) return false;
    at += 4;
  }
  return true;
}

/** A task's two states as one number; 0 of everything else. */
function stateOf(object: StoreObject | null): number {
  return object?.kind === "task" ? object.status.state * 4096 + object.desiredState : 0;
}
