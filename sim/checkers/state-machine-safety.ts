import type { StoreObject } from "../../core/model/change.ts";
import type { Meta } from "../../core/model/meta.ts";
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
  readonly #results = new Map<number, readonly Result[]>();

  constructor(logs: RaftLogs) {
    this.#logs = logs;
  }

  happened(host: RaftHost, event: NodeEvent): void {
    if (event.kind === "restored") this.restored(host, event.snapshot.index);
  }

  entryApplied(host: RaftHost, { index, applied }: Applied): void {
    if (this.#logs.isSuperseded(host)) return;
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
      this.#results.set(index, events.map(resultOf));
      this.#results.delete(index - remembered);
    } else if (!areResults(first, events)) {
      this.#broken(host, `entry ${index} does not do what it did where it was applied first`);
    }
  }

  #broken(host: RaftHost, detail: string): never {
    throw new BrokenInvariant(this.name, host.name, detail);
  }
}

/** What an entry did to one object, without keeping the object itself. */
interface Result {
  readonly id: string;
  /** Its version before; -1: there was none. */
  readonly before: number;
  /** Null: it is gone. */
  readonly meta: Meta | null;
  readonly state: number;
}

function resultOf({ previous, current }: StoreEvent): Result {
  const { id } = (current ?? previous) as StoreObject;
  const before = previous?.meta.version ?? -1;
  return { id, before, meta: current?.meta ?? null, state: stateOf(current) };
}

function areResults(results: readonly Result[], events: readonly StoreEvent[]): boolean {
  return (
    results.length === events.length && results.every((each, at) => isResult(each, events[at]))
  );
}

function isResult({ id, before, meta, state }: Result, event: StoreEvent | undefined): boolean {
  const { previous = null, current = null } = event ?? {};
  return (
    id === (current ?? previous)?.id &&
    before === (previous?.meta.version ?? -1) &&
    state === stateOf(current) &&
    meta?.version === current?.meta.version &&
    meta?.createdAt === current?.meta.createdAt &&
    meta?.updatedAt === current?.meta.updatedAt
  );
}

/** A task's two states as one number, since when a node is available; 0 of everything else. */
function stateOf(object: StoreObject | null): number {
  if (object?.kind === "node") return object.availableSince;
  return object?.kind === "task" ? object.status.state * 4096 + object.desiredState : 0;
}
