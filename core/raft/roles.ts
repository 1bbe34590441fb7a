import type { MemberId } from "./message.ts";
import { failReads } from "./reads.ts";
import type { RaftState } from "./state.ts";

/** Follows `leader` (null: not known yet) in `term`, which is this one or a later one. */
export function becomeFollower(state: RaftState, term: number, leader: MemberId | null): void {
  enterTerm(state, term);
  state.role = "follower";
  state.leader = leader;
}

/**
 * What every change of role but a pre-vote shares: the vote is kept only within its term, and
 * whatever belonged to the old role is gone.
 */
export function enterTerm(state: RaftState, term: number): void {
  if (term !== state.term) {
    state.term = term;
    state.vote = null;
    state.outbox.hardStateChanged = true;
  }
  failReads(state);
  state.leader = null;
  state.leadership = null;
  state.votes.clear();
  state.electionElapsed = 0;
  state.drawElectionTimeout();
}
