import type { RaftInput, RaftOutput } from "../../core/raft/contract.ts";
import type { Membership } from "../../core/raft/message.ts";
import type { Raft } from "../../core/raft/raft.ts";
import { BrokenInvariant, type Property, type RaftHost } from "./checker.ts";

/** One leader's time in office, in its own ticks. */
interface Office {
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
  readonly #offices: (Office | undefined)[] = [];

  constructor(electionTicks: number) {
    this.#electionTicks = electionTicks;
  }

  taking(host: RaftHost, input: RaftInput): void {
    const office = this.#offices[host.number];
    if (office === undefined) return;
    if (input.kind === "tick") office.ticks += 1;
    // The check of the quorum starts anew with a transfer, to give it time.
    if (input.kind === "transfer") office.since = office.ticks;
    if (input.kind !== "message" || input.message.term !== office.term) return;
    const { kind, from } = input.message;
    if (kind.startsWith("append") || kind.startsWith("heartbeat")) {
      office.heardAt.set(from, office.ticks);
    }
  }

  stepped(host: RaftHost, input: RaftInput): void {
    const { raft, number } = host;
    if (raft === null || raft.role !== "leader") {
      this.#offices[number] = undefined;
      return;
    }
    const office = this.#officeOf(number, raft);
    if (input.kind !== "tick") return;
    this.checks += 1;
    const { voters, outgoing } = office.membership;
    if (this.#hears(host, office, voters) && this.#hears(host, office, outgoing)) return;
    const detail = `the leader of term ${raft.term} stays without a quorum that answers`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }

  #officeOf(number: number, raft: Raft): Office {
    const { membership } = raft.status();
    let office = this.#offices[number];
    if (office === undefined || office.term !== raft.term) {
      office = { term: raft.term, ticks: 0, since: 0, membership, heardAt: new Map() };
      this.#offices[number] = office;
    }
    if (office.membership !== membership) {
      office.membership = membership;
      office.since = office.ticks;
    }
    return office;
  }

  #hears({ name }: RaftHost, office: Office, half: readonly string[]): boolean {
    const oldest = office.ticks - 2 * this.#electionTicks;
    if (half.length === 0 || office.since >= oldest) return true;
    const heard = half.filter(
      (voter) => voter === name || (office.heardAt.get(voter) ?? -1) >= oldest,
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
