import { BrokenInvariant, type Checker, type RaftHost } from "./checker.ts";

/**
 * Election Safety: at most one leader is ever elected in a term.
 *
 * Two leaders at one moment are legal, in different terms: a deposed leader behind a partition has
 * not heard yet. So this remembers, and does not count the leaders of now.
 */
export class ElectionSafety implements Checker {
  readonly name = "election-safety";
  readonly source = "Raft paper, figure 3: Election Safety";
  checks = 0;
  readonly #leaders = new Map<number, RaftHost>();

  stepped(host: RaftHost): void {
    const raft = host.raft;
    if (raft === null || raft.role !== "leader") return;
    this.checks += 1;
    const elected = this.#leaders.get(raft.term);
    if (elected === host) return;
    if (elected === undefined) {
      this.#leaders.set(raft.term, host);
      return;
    }
    const detail = `term ${raft.term} elected ${elected.name} and ${host.name}`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }
}
