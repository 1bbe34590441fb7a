import type { RaftInput, Role } from "../../core/raft/contract.ts";
import type { Raft } from "../../core/raft/raft.ts";
import { BrokenInvariant, type Property, type RaftHost } from "./checker.ts";

/** What a member is before or after it takes an input. */
export interface MemberState {
  readonly input: RaftInput;
  readonly term: number;
  readonly vote: string | null;
  readonly role: Role;
  readonly leader: string | null;
  readonly lastIndex: number;
  readonly commit: number;
  readonly commitTerm: number;
  /** How many entries of an append the log holds; null where it lacks what they follow. */
  readonly held: number | null;
}

/** What there is to see at a member that takes `input`. */
export function memberStateOf(raft: Raft, input: RaftInput): MemberState {
  const { term, vote, role, leader, lastIndex, commit } = raft.status();
  const more = { commitTerm: raft.termAt(commit), held: heldOf(raft, input) };
  return { input, term, vote, role, leader, lastIndex, commit, ...more };
}

function heldOf(raft: Raft, input: RaftInput): number | null {
  if (input.kind !== "message" || input.message.kind !== "append") return null;
  const { prevIndex, prevTerm, entries } = input.message;
  if (raft.termAt(prevIndex) !== prevTerm) return null;
  const gap = entries.findIndex(({ index, term }) => raft.termAt(index) !== term);
  return gap < 0 ? entries.length : gap;
}

/** What one step of one member broke, in words; null when nothing, undefined when it has no say. */
type Rule = (before: MemberState, after: MemberState) => string | null | undefined;

/** Looks at one step of one member: what it was, what it took, what it became. */
class StepChecker implements Property {
  readonly name: string;
  readonly source: string;
  checks = 0;
  readonly #rule: Rule;

  constructor(name: string, source: string, rule: Rule) {
    this.name = name;
    this.source = source;
    this.#rule = rule;
  }

  took(host: RaftHost, before: MemberState, after: MemberState): void {
    const problem = this.#rule(before, after);
    if (problem === undefined) return;
    this.checks += 1;
    if (problem !== null) throw new BrokenInvariant(this.name, host.name, problem);
  }
}

/** What each single step must keep to. */
export function stepCheckers(): StepChecker[] {
  return [
    new StepChecker("pre-votes-are-pure", "Raft thesis 9.6: the Pre-Vote algorithm", preVote),
    new StepChecker("later-terms-win", "Raft paper 5.1: a later term ends this one", laterTerm),
    new StepChecker(
      "earlier-terms-are-ignored",
      "Raft paper 5.1: a request with a stale term is rejected",
      earlierTerm,
    ),
    new StepChecker(
      "appends-are-taken",
      "Raft paper, figure 2: AppendEntries deletes what conflicts and appends the rest",
      append,
    ),
    new StepChecker(
      "leaders-commit-own-terms",
      "Raft paper 5.4.2: only entries of the leader's term are committed by counting",
      ownTerm,
    ),
  ];
}

/** A question about an election changes neither the term nor the vote of those who are asked. */
function preVote(before: MemberState, after: MemberState): string | null | undefined {
  const { input } = before;
  if (input.kind !== "message" || input.message.kind !== "pre-vote") return undefined;
  if (after.term !== before.term) {
    return `a pre-vote takes the term from ${before.term} to ${after.term}`;
  }
  return after.vote === before.vote ? null : `a pre-vote changes the vote to ${after.vote}`;
}

/** Whoever hears of a later term, but in a request for votes, is in it from then on. */
function laterTerm({ input, term }: MemberState, after: MemberState): string | null | undefined {
  if (input.kind !== "message" || input.message.term <= term) return undefined;
  const { message } = input;
  if (message.kind.startsWith("pre-vote") || message.kind === "vote") return undefined;
  if (after.term >= message.term) return null;
  return `it stays in term ${after.term} after ${message.kind} of term ${message.term}`;
}

/** What was said in an earlier term changes nothing. */
function earlierTerm(before: MemberState, after: MemberState): string | null | undefined {
  const { input, term } = before;
  if (input.kind !== "message" || input.message.term >= term) return undefined;
  const isSame =
    after.lastIndex === before.lastIndex &&
    after.commit === before.commit &&
    after.role === before.role &&
    after.leader === before.leader;
  if (isSame) return null;
  return `in term ${term}, ${input.message.kind} of term ${input.message.term} has an effect`;
}

/** A follower whose log the entries of its leader continue holds all of them from then on. */
function append(
  { input, commit, held }: MemberState,
  after: MemberState,
): string | null | undefined {
  const message = input.kind === "message" ? input.message : null;
  if (message?.kind !== "append" || held === null) return undefined;
  const { from, term, prevIndex, entries } = message;
  if (after.term !== term || after.leader !== from || prevIndex < commit) return undefined;
  if (after.held === entries.length) return null;
  const missing = prevIndex + 1 + (after.held ?? 0);
  return `the log does not hold entry ${missing}, which the leader of term ${term} has sent`;
}

/** What a leader finds committed by counting ends with an entry of its own term. */
function ownTerm(before: MemberState, after: MemberState): string | null | undefined {
  if (after.role !== "leader" || after.commit === before.commit) return undefined;
  if (after.commitTerm === after.term) return null;
  return `in term ${after.term} entry ${after.commit} of term ${after.commitTerm} is committed`;
}
