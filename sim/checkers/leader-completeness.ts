import type { NodeEvent } from "../../core/node/event.ts";
import { BrokenInvariant, type Checker, type RaftHost } from "./checker.ts";
import type { RaftLogs } from "./raft-logs.ts";

/**
 * Leader Completeness: who leads a term has every entry that was committed in an earlier one.
 *
 * Not every entry that was committed before: a candidate that stands still may count its votes when
 * later terms have come and gone, and leads a term that is long over until it hears of them. An
 * entry counts for the term in which its first applier was, which is that of its commit or later.
 */
export class LeaderCompleteness implements Checker {
  readonly name = "leader-completeness";
  readonly source = "Raft paper, figure 3: Leader Completeness";
  checks = 0;
  readonly #logs: RaftLogs;

  constructor(logs: RaftLogs) {
    this.#logs = logs;
  }

  happened(host: RaftHost, event: NodeEvent): void {
    if (event.kind !== "role" || event.role !== "leader" || this.#logs.isSuperseded(host)) return;
    this.elected(host, event.term);
  }

  elected(host: RaftHost, term: number): void {
    this.checks += 1;
    const index = this.#logs.lastCommittedBefore(term);
    const log = this.#logs.volatile[host.number];
    const hash = log?.at(index);
    if (hash === this.#logs.committedHashes.get(index)) return;
    const isCompacted = hash === undefined && (log?.lastIndex ?? 0) > index;
    if (isCompacted) return;
    const detail = `the leader of term ${term} lacks the committed entry ${index}`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }
}
