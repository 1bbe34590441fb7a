import { found } from "../../core/base/gather.ts";
import type { Membership } from "../../core/raft/message.ts";
import type { Raft } from "../../core/raft/raft.ts";
import { BrokenInvariant, type Property, type RaftHost } from "./checker.ts";

/** A member that could win an election now, and everyone whose votes it could get. */
interface Electable {
  readonly host: RaftHost;
  readonly membership: Membership;
  readonly voters: readonly string[];
}

interface End {
  readonly index: number;
  readonly term: number;
}

/**
 * No two members can be elected by quorums without a common member, whatever memberships their
 * logs hold: else one and the same term could have two leaders. Looked at whenever a membership
 * changes, before any election goes wrong.
 */
export class QuorumsOverlap implements Property {
  readonly name = "quorums-overlap";
  readonly source = "Raft thesis 4.1; Ongaro 2015, bug in single-server membership changes";
  checks = 0;
  readonly #hosts: readonly RaftHost[];
  readonly #answers = new Map<string, boolean>();
  /** By host number: the membership that was looked at last. */
  readonly #seen: Membership[] = [];

  constructor(hosts: readonly RaftHost[]) {
    this.#hosts = hosts;
  }

  memberTurned(host: RaftHost, { membership }: Raft): void {
    if (membership === this.#seen[host.number]) return;
    this.#seen[host.number] = membership;
    this.#compareAll();
  }

  #compareAll(): void {
    const able = found(this.#hosts, (host) => this.#electable(host));
    for (const [at, left] of able.entries()) {
      for (const right of able.slice(at + 1)) {
        // Terms of two incarnations are never the same, nor does one vote in the other.
        if (left.host.incarnation !== right.host.incarnation) continue;
        if (sameVoters(left.membership, right.membership)) continue;
        this.checks += 1;
        if (this.#canBothBeElected(left, right)) this.#broken(left, right);
      }
    }
  }

  #electable(host: RaftHost): Electable | null {
    const membership = host.raft?.membership;
    if (membership === undefined || membership.voters.length === 0) return null;
    const end = endOf(host);
    const voters = found(
      this.#hosts
        .filter(({ incarnation }) => incarnation === host.incarnation)
        .filter((voter) => !isNewer(endOf(voter), end)),
      ({ memberId }) => memberId,
    );
    return isQuorum(membership, voters) ? { host, membership, voters } : null;
  }

  /** The same question comes back again and again. */
  #canBothBeElected(left: Electable, right: Electable): boolean {
    const question = [left, right]
      .map(({ membership, voters }) => `${sides(membership)}: ${voters.join(" ")}`)
      .join("; ");
    let answer = this.#answers.get(question);
    if (answer === undefined) {
      answer = canBothBeElected(left, right);
      this.#answers.set(question, answer);
    }
    return answer;
  }

  #broken(left: Electable, right: Electable): never {
    const detail =
      `${left.host.name} and ${right.host.name} could both be elected in one term, ` +
      `by quorums of ${sides(left.membership)} and of ${sides(right.membership)}`;
    throw new BrokenInvariant(this.name, left.host.name, detail);
  }
}

/** Whether some quorum of one leaves enough members for a quorum of the other. */
function canBothBeElected(left: Electable, right: Electable): boolean {
  const candidates = left.voters;
  for (let subset = 0; subset < 1 << candidates.length; subset += 1) {
    const chosen = candidates.filter((_, at) => (subset & (1 << at)) !== 0);
    if (!isQuorum(left.membership, chosen)) continue;
    const others = right.voters.filter((voter) => !chosen.includes(voter));
    if (isQuorum(right.membership, others)) return true;
  }
  return false;
}

function isQuorum({ voters, outgoing }: Membership, granted: readonly string[]): boolean {
  return hasMajority(voters, granted) && hasMajority(outgoing, granted);
}

function hasMajority(half: readonly string[], granted: readonly string[]): boolean {
  return (
    half.length === 0 || half.filter((each) => granted.includes(each)).length * 2 > half.length
  );
}

function sameVoters(left: Membership, right: Membership): boolean {
  return left === right || sides(left) === sides(right);
}

function sides({ voters, outgoing }: Membership): string {
  return `${voters.join(" ")}${outgoing.length > 0 ? ` with ${outgoing.join(" ")}` : ""}`;
}

/** Where a member's log ends; that of one which is off is what its disk holds. */
function endOf({ raft, disk }: RaftHost): End {
  if (raft !== null) return { index: raft.lastIndex, term: raft.termAt(raft.lastIndex) };
  const { lastIndex, snapshot } = disk.image;
  const index = Math.max(lastIndex, snapshot?.index ?? 0);
  return { index, term: disk.image.termAt(index) };
}

function isNewer(left: End, right: End): boolean {
  return left.term > right.term || (left.term === right.term && left.index > right.index);
}
