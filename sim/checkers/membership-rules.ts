import type { ConfigChange, Entry, MemberId, Membership } from "../../core/raft/message.ts";
import type { Raft } from "../../core/raft/raft.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

type Rule = (raft: Raft, before: Membership, change: ConfigChange) => string | null | undefined;

/** Looks at each change of membership when its leader writes it. */
class ChangeChecker implements Checker {
  readonly name: string;
  readonly source: string;
  checks = 0;
  readonly #rule: Rule;
  /** By host number: the membership before the step under way. */
  readonly #before: Membership[] = [];

  constructor(name: string, source: string, rule: Rule) {
    this.name = name;
    this.source = source;
    this.#rule = rule;
  }

  memberTurned(host: Host, { membership }: Raft): void {
    this.#before[host.number] = membership;
  }

  proposed(leader: Host, entry: Entry, raft: Raft): void {
    const before = this.#before[leader.number];
    if (entry.kind !== "config" || before === undefined) return;
    this.#check(leader, this.#rule(raft, before, entry.change));
  }

  #check(host: Host, problem: string | null | undefined): void {
    if (problem === undefined) return;
    this.checks += 1;
    if (problem !== null) throw new BrokenInvariant(this.name, host.name, problem);
  }
}

/** What the leader's changes of membership must keep to. */
export function membershipRules(): Checker[] {
  return [
    new ChangeChecker(
      "learners-first",
      "Raft thesis 4.2.1: catching up new servers",
      learnersFirst,
    ),
    new ChangeChecker("removal-keeps-quorum", "SwarmKit raft.go: CanRemoveMember", keepsQuorum),
    new ChangeChecker(
      "leader-hands-over",
      "SwarmKit role_manager.go: TransferLeadership",
      handsOver,
    ),
  ];
}

/** A member that becomes a voter was a learner before, and holds all that was committed by then. */
function learnersFirst(raft: Raft, before: Membership, change: ConfigChange) {
  const member = added(change);
  if (member === null) return undefined;
  if (!before.learners.includes(member)) return `${member} is to vote and was no learner`;
  const match = raft.progress().find((peer) => peer.member === member)?.match ?? 0;
  const lag = raft.commit - match;
  return lag <= mostLag ? null : `${member} is to vote, and lacks ${lag} entries`;
}

/** Entries that may have come since the learner caught up. */
const mostLag = 1_000;

/** Those who stay and are heard are a quorum without the one who goes. */
function keepsQuorum(raft: Raft, before: Membership, { steps }: ConfigChange) {
  const [step] = steps;
  if (step?.kind !== "remove" || !before.voters.includes(step.member)) return undefined;
  const heard = new Set([raft.id]);
  for (const { member, reachable } of raft.progress()) if (reachable) heard.add(member);
  const staying = before.voters.filter((voter) => voter !== step.member);
  const isQuorum = 2 * staying.filter((voter) => heard.has(voter)).length > staying.length;
  if (isQuorum && before.outgoing.length === 0) return null;
  return `${step.member} is to leave, and those who are heard are no quorum without it`;
}

/** A leader does not remove itself: for an election timeout nobody would lead. */
function handsOver(raft: Raft, _before: Membership, { steps }: ConfigChange) {
  const [step] = steps;
  if (step?.kind !== "remove") return undefined;
  return step.member === raft.id ? "the leader removes itself and has not handed over" : null;
}

function added({ steps }: ConfigChange): MemberId | null {
  const [step] = steps;
  return step?.kind === "add-voter" ? step.member : null;
}
