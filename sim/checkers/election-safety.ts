import type { NodeEvent } from "../../core/node/event.ts";
import type { RaftMessage } from "../../core/raft/message.ts";
import type { Raft } from "../../core/raft/raft.ts";
import { BrokenInvariant, type Checker, type RaftHost } from "./checker.ts";

const termsRemembered = 100;

/**
 * Election Safety: at most one leader is ever elected in a term, and by the votes of a majority of
 * the voters, in both halves of a joint configuration. A vote counts from when it is sent, and the
 * leader's own when its disk holds it.
 *
 * Two leaders at one moment are legal, in different terms: a deposed leader behind a partition has
 * not heard yet. So this remembers, and does not count the leaders of now.
 */
export class ElectionSafety implements Checker {
  readonly name = "election-safety";
  readonly source = "Raft paper, figure 3: Election Safety";
  checks = 0;
  readonly #leaders = new Map<number, RaftHost>();
  /** The newest votes, by term: who voted for whom. */
  readonly #votes = new Map<number, Map<string, string>>();

  happened(host: RaftHost, event: NodeEvent): void {
    if (event.kind === "role" && event.role === "leader") this.elected(host, event.term);
  }

  raftSent(_host: RaftHost, message: RaftMessage): void {
    if (message.kind !== "vote-response" || !message.granted) return;
    const { from, to, term } = message;
    const votes = this.#votes.get(term) ?? new Map<string, string>();
    this.#votes.set(term, votes.set(from, to));
    if (this.#votes.size > termsRemembered) this.#votes.delete(Math.min(...this.#votes.keys()));
  }

  elected(host: RaftHost, term: number): void {
    this.checks += 1;
    const { memberId } = host;
    const { hardState } = host.disk.image;
    const own = hardState?.term === term && hardState.vote === memberId;
    const votes = this.#votes.get(term);
    const chosenBy = (voter: string) => (voter === memberId ? own : votes?.get(voter) === memberId);
    for (const half of halvesOf(host)) {
      const count = half.filter(chosenBy).length;
      if (count * 2 > half.length) continue;
      const detail = `${count} of ${half.length} votes made it the leader of term ${term}`;
      throw new BrokenInvariant(this.name, host.name, detail);
    }
  }

  memberTurned(host: RaftHost, raft: Raft): void {
    if (raft.role !== "leader") return;
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

function halvesOf({ raft }: RaftHost): (readonly string[])[] {
  if (raft === null) return [];
  const { voters, outgoing } = raft.membership;
  return outgoing.length === 0 ? [voters] : [voters, outgoing];
}
