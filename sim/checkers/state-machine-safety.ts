import { Digest } from "../../core/base/digest.ts";
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
  readonly #results = new Map<number, number>();

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

  wrote(host: RaftHost, write: StorageWrite): void {
    if (!write.wipesRaft) return;
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
    const result = resultOf(events);
    const first = this.#results.get(index);
    if (first === undefined) {
      this.#results.set(index, result);
      this.#results.delete(index - remembered);
    } else if (first !== result) {
      this.#broken(host, `entry ${index} does not do what it did where it was applied first`);
    }
  }

  #broken(host: RaftHost, detail: string): never {
    throw new BrokenInvariant(this.name, host.name, detail);
  }
}

function resultOf(events: readonly StoreEvent[]): number {
  const digest = new Digest();
  for (const { previous, current } of events) {
    digest.text((current ?? previous)?.id ?? "");
    digest.number(previous?.meta.version ?? -1).number(current?.meta.version ?? -1);
    if (current?.kind === "task") digest.number(current.status.state).number(current.desiredState);
  }
  const [low, high] = digest.words();
  return (high & 0x1f_ffff) * 0x1_0000_0000 + low;
}
