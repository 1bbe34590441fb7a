import type { RaftInput, RaftOutput } from "../../core/raft/contract.ts";
import type { Membership } from "../../core/raft/message.ts";
import type { Raft } from "../../core/raft/raft.ts";
import { BrokenInvariant, type Property, type RaftHost } from "./checker.ts";

/** One leader's time as leader, in its own ticks. */
interface Leadership {
  readonly term: number;
  ticks: number;
  /** From when on it must hear of others: its election, or a change that gave it more time. */
  since: number;
  membership: Membership;
  readonly heardAt: Map<string, number>;
}

/**
 * A leader that a majority does not answer steps down: it hears of a quorum in any two election
 * timeouts, else it would serve and take commands that nobody will ever see.
 */
export class LeadersHearQuorums implements Property {
  readonly name = "leaders-hear-quorums";
  readonly source = "Raft thesis 6.2: a leader steps down if an election timeout elapses";
  checks = 0;
  readonly #electionTicks: number;
  /** By host number. */
  readonly #leaderships: (Leadership | undefined)[] = [];

  constructor(electionTicks: number) {
    this.#electionTicks = electionTicks;
  }

  taking(host: RaftHost, input: RaftInput): void {
    const leadership = this.#leaderships[host.number];
    if (leadership === undefined) return;
    if (input.kind === "tick") leadership.ticks += 1;
    // The check of the quorum starts anew with a transfer, to give it time.
    if (input.kind === "transfer") leadership.since = leadership.ticks;
    if (input.kind !== "message" || input.message.term !== leadership.term) return;
    const { kind, from } = input.message;
    if (kind.startsWith("append") || kind.startsWith("heartbeat")) {
      leadership.heardAt.set(from, leadership.ticks);
    }
  }

  stepped(host: RaftHost, input: RaftInput): void {
    const { raft, number } = host;
    if (raft === null || raft.role !== "leader") {
      this.#leaderships[number] = undefined;
      return;
    }
    const leadership = this.#leadershipOf(number, raft);
    if (input.kind !== "tick") return;
    this.checks += 1;
    const { voters, outgoing } = leadership.membership;
    if (this.#hears(host, leadership, voters) && this.#hears(host, leadership, outgoing)) return;
    const detail = `the leader of term ${raft.term} stays without a quorum that answers`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }

  #leadershipOf(number: number, raft: Raft): Leadership {
    const { membership } = raft.status();
    let leadership = this.#leaderships[number];
    if (leadership === undefined || leadership.term !== raft.term) {
      leadership = { term: raft.term, ticks: 0, since: 0, membership, heardAt: new Map() };
      this.#leaderships[number] = leadership;
    }
    if (leadership.membership !== membership) {
      leadership.membership = membership;
      leadership.since = leadership.ticks;
    }
    return leadership;
  }

  #hears({ name }: RaftHost, leadership: Leadership, half: readonly string[]): boolean {
    const oldest = leadership.ticks - 2 * this.#electionTicks;
    if (half.length === 0 || leadership.since >= oldest) return true;
    const heard = half.filter(
      (voter) => voter === name || (leadership.heardAt.get(voter) ?? -1) >= oldest,
    );
    return heard.length * 2 > half.length;
  }
}

/** A transfer under way: to whom, and how long ago it was asked for, in the leader's ticks. */
interface Transfer {
  readonly term: number;
  readonly to: string;
  ticks: number;
}

/**
 * A leader that hands over takes no proposals, and for an election timeout at most: a transfer to
 * one who never answers must not stop the cluster, and one that succeeds must lose nothing.
 */
export class TransfersEnd implements Property {
  readonly name = "transfers-end";
  readonly source = "Raft thesis 3.10: leadership transfer";
  checks = 0;
  readonly #electionTicks: number;
  readonly #transfers: (Transfer | undefined)[] = [];

  constructor(electionTicks: number) {
    this.#electionTicks = electionTicks;
  }

  stepped(host: RaftHost, input: RaftInput): void {
    const { raft, number } = host;
    const transfer = this.#transfers[number];
    if (raft === null || raft.role !== "leader" || (transfer && transfer.term !== raft.term)) {
      this.#transfers[number] = undefined;
    } else if (input.kind === "tick" && transfer !== undefined) {
      transfer.ticks += 1;
      if (transfer.ticks >= this.#electionTicks) this.#transfers[number] = undefined;
    } else if (input.kind === "transfer" && transfer?.to !== input.to) {
      const { voters, outgoing } = raft.status().membership;
      const mayLead = voters.includes(input.to) || outgoing.includes(input.to);
      if (!mayLead || input.to === host.name) return;
      this.#transfers[number] = { term: raft.term, to: input.to, ticks: 0 };
    }
  }

  /** What a member answered to a proposal. */
  answered(host: RaftHost, output: RaftOutput): void {
    const transfer = this.#transfers[host.number];
    if (output.kind === "proposed" && transfer !== undefined) {
      this.#broken(host, `takes a proposal while it hands over to ${transfer.to}`);
    }
    if (output.kind !== "refused" || output.reason !== "transferring") return;
    this.checks += 1;
    if (transfer === undefined)
      this.#broken(host, "refuses a proposal for a transfer that is over");
  }

  #broken(host: RaftHost, what: string): never {
    throw new BrokenInvariant(this.name, host.name, `the leader ${what}`);
  }
}
