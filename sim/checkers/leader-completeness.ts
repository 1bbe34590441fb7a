import type { NodeEvent } from "../../core/node/event.ts";
import { BrokenInvariant, type Checker, type RaftHost } from "./checker.ts";
import type { RaftLogs } from "./raft-logs.ts";

/** Leader Completeness: whoever is elected has every entry that was committed in earlier terms. */
export class LeaderCompleteness implements Checker {
  readonly name = "leader-completeness";
  readonly source = "Raft paper, figure 3: Leader Completeness";
  checks = 0;
  readonly #logs: RaftLogs;

  constructor(logs: RaftLogs) {
    this.#logs = logs;
  }

  happened(host: RaftHost, event: NodeEvent): void {
    if (event.kind !== "role" || event.role !== "leader") return;
    this.elected(host, event.term);
  }

  elected(host: RaftHost, term: number): void {
    this.checks += 1;
    const index = this.#logs.lastCommittedBefore(term);
    const hash = this.#logs.volatile[host.number]?.at(index);
    if (hash === this.#logs.committedHashes.get(index)) return;
    const detail = `the leader of term ${term} lacks the committed entry ${index}`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }
}
