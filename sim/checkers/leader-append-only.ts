import type { StorageWrite } from "../../core/node/durable.ts";
import type { Raft } from "../../core/raft/raft.ts";
import { BrokenInvariant, type Checker, type RaftHost } from "./checker.ts";

/** Leader Append-Only: a leader adds entries to its log and never overwrites or deletes one. */
export class LeaderAppendOnly implements Checker {
  readonly name = "leader-append-only";
  readonly source = "Raft paper, figure 3: Leader Append-Only";
  checks = 0;
  /** By host number: the term it leads in, and the last index it had then. */
  readonly #leads: { term: number; lastIndex: number }[] = [];

  wrote(host: RaftHost, write: StorageWrite): void {
    const lead = this.#leads[host.number];
    const raft = host.raft;
    if (lead === undefined || raft === null) return;
    if (raft.role !== "leader" || raft.term !== lead.term) return;
    for (const { entries, snapshot } of write.raft) {
      const first = entries[0];
      // With a snapshot of its own a leader writes again what follows it.
      if (first === undefined || snapshot !== null) continue;
      this.checks += 1;
      if (first.index <= lead.lastIndex) {
        this.#broken(host, `the leader of term ${lead.term} overwrites its entry ${first.index}`);
      }
    }
  }

  memberMoved(host: RaftHost, raft: Raft): void {
    if (raft.role !== "leader") return;
    const lead = this.#leads[host.number];
    this.checks += 1;
    if (lead === undefined || lead.term !== raft.term) {
      this.#leads[host.number] = { term: raft.term, lastIndex: raft.lastIndex };
      return;
    }
    if (raft.lastIndex < lead.lastIndex) {
      this.#broken(host, `the leader of term ${lead.term} deletes its entry ${lead.lastIndex}`);
    }
    lead.lastIndex = raft.lastIndex;
  }

  #broken(host: RaftHost, detail: string): never {
    throw new BrokenInvariant(this.name, host.name, detail);
  }
}
