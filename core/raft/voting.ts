import { isVoter } from "./membership.ts";
import type { RaftMessage } from "./message.ts";
import { becomeFollower } from "./roles.ts";
import type { RaftState } from "./state.ts";

type VoteRequest = Extract<RaftMessage, { kind: "vote" | "pre-vote" }>;

/**
 * Answers a request for a vote, in any role (paper 5.2 and 5.4.1, thesis 9.6 for pre-votes). A
 * learner votes too: it may be a voter that has not heard of it yet (etcd#10998). A grant leaves
 * once the vote is durable; a pre-vote promises nothing.
 */
export function answerVote(state: RaftState, request: VoteRequest): void {
  const { kind, from, term, lastIndex, lastTerm } = request;
  const current = state.planted("R04") || state.log.isUpToDate(lastIndex, lastTerm);
  const granted = current && mayVote(state, request);
  if (kind === "pre-vote") {
    if (granted && state.planted("R34")) becomeFollower(state, Math.max(term, state.term), null);
    const answerTerm = granted ? term : state.term;
    state.send({ kind: "pre-vote-response", from: state.id, to: from, term: answerTerm, granted });
    return;
  }
  const answer: RaftMessage = { kind: "vote-response", from: state.id, to: from, term, granted };
  if (granted) {
    state.probe?.sometimes(!isVoter(state.membership, state.id), "learner-votes");
    recordVote(state, request);
  }
  if (granted && !state.planted("R01")) state.sendOnceWritten(answer);
  else state.send(answer);
}

/**
 * Whether this member heard from a leader so lately that it lets nobody else be elected (thesis
 * 4.2.3). With lease reads such a leader counts on it, even if this member has learnt of a later
 * term since, or has started again.
 */
export function leaderHolds(state: RaftState): boolean {
  const { checkQuorum, electionTicks, reads } = state.config;
  if (!checkQuorum) return false;
  if (state.leader !== null && state.electionElapsed < electionTicks) return true;
  return reads === "lease" && state.ticks - state.leaderHeardAt < electionTicks;
}

function mayVote(state: RaftState, request: VoteRequest): boolean {
  if (request.kind === "pre-vote" && request.term > state.term) return true;
  if (state.vote === request.from || state.planted("R03")) return true;
  if (state.vote !== null || state.leader !== null) return false;
  return request.transfer || !leaderHolds(state);
}

function recordVote(state: RaftState, request: VoteRequest): void {
  if (state.vote !== request.from) state.outbox.hardStateChanged = true;
  state.vote = request.from;
  state.electionElapsed = 0;
}
