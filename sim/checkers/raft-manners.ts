import type { RaftInput, Role } from "../../core/raft/contract.ts";
import { BrokenInvariant, type Property, type RaftHost } from "./checker.ts";

/** What a member was before it took an input. */
export interface Before {
  readonly input: RaftInput;
  readonly term: number;
  readonly vote: string | null;
  readonly role: Role;
  readonly leader: string | null;
  readonly lastIndex: number;
  readonly commit: number;
}

/** What one step of one member broke, in words; null when nothing, undefined when it has no say. */
type Rule = (before: Before, after: Before) => string | null | undefined;

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

  stepped(host: RaftHost, before: Before, after: Before): void {
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
  ];
}

/** A question about an election changes neither the term nor the vote of those who are asked. */
function preVote(before: Before, after: Before): string | null | undefined {
  const { input } = before;
  if (input.kind !== "message" || input.message.kind !== "pre-vote") return undefined;
  if (after.term !== before.term) {
    return `a pre-vote takes the term from ${before.term} to ${after.term}`;
  }
  return after.vote === before.vote ? null : `a pre-vote changes the vote to ${after.vote}`;
}

/** Whoever hears of a later term, but in a request for votes, is in it from then on. */
function laterTerm({ input, term }: Before, after: Before): string | null | undefined {
  if (input.kind !== "message" || input.message.term <= term) return undefined;
  const { message } = input;
  if (message.kind.startsWith("pre-vote") || message.kind === "vote") return undefined;
  if (after.term >= message.term) return null;
  return `it stays in term ${after.term} after ${message.kind} of term ${message.term}`;
}

/** What was said in an earlier term changes nothing. */
function earlierTerm(before: Before, after: Before): string | null | undefined {
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
