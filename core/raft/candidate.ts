import { becomeLeader } from "./leader.ts";
import { isVoter, membersOf } from "./membership.ts";
import type { MemberId, RaftMessage } from "./message.ts";
import { failReads } from "./reads.ts";
import { becomeFollower, enterTerm } from "./roles.ts";
import type { RaftState } from "./state.ts";
import { leaderHolds } from "./voting.ts";

/** Campaigns, unless this member may not. A leader has nothing to campaign for. */
export function campaign(state: RaftState): void {
  if (state.role === "leader" || !mayCampaign(state)) return;
  state.probe?.sometimes(!isVoter(state.membership, state.id), "leaving-member-campaigns");
  if (defiesRemoval(state)) campaignForVotes(state, true);
  else if (state.config.preVote) campaignForPreVotes(state);
  else campaignForVotes(state, false);
}

/** The host asks for a campaign. It does not break a leader's lease that reads rely on. */
export function campaignNow(state: RaftState): void {
  if (state.config.reads === "lease" && leaderHolds(state)) return;
  campaign(state);
}

/** The leader hands over: campaigns at once, without pre-votes (thesis 3.10). */
export function campaignForTransfer(state: RaftState): void {
  if (mayCampaign(state)) campaignForVotes(state, true);
}

/** An answer to this campaign; of each voter the first counts. */
export function onVoteAnswer(state: RaftState, from: MemberId, granted: boolean): void {
  if (!state.votes.has(from)) state.votes.set(from, granted);
  switch (state.countVotes()) {
    case "won":
      if (state.role === "candidate") becomeLeader(state);
      else campaignForVotes(state, false);
      return;
    case "lost":
      state.probe?.reachable("campaign-lost");
      becomeFollower(state, state.term, null);
      return;
    case "pending":
  }
}

/** The candidate's own vote is durable. */
export function onOwnVoteWritten(state: RaftState, term: number): void {
  if (state.role === "candidate" && state.term === term) onVoteAnswer(state, state.id, true);
}

function mayCampaign(state: RaftState): boolean {
  return state.promotable || (defiesRemoval(state) && !state.log.restoring);
}

function defiesRemoval(state: RaftState): boolean {
  if (!state.planted("R42") || state.membership.voters.length === 0) return false;
  return !membersOf(state.membership).includes(state.id);
}

/** Asks whether an election could be won; neither the term nor the vote changes (thesis 9.6). */
function campaignForPreVotes(state: RaftState): void {
  failReads(state);
  state.role = "pre-candidate";
  state.leader = null;
  state.votes.clear();
  state.electionElapsed = 0;
  state.drawElectionTimeout();
  for (const message of voteRequests(state, "pre-vote", state.term + 1, false)) state.send(message);
  onVoteAnswer(state, state.id, true);
}

/** The requests leave once the new term, the own vote and all they say of the log are durable. */
function campaignForVotes(state: RaftState, transfer: boolean): void {
  enterTerm(state, state.term + 1);
  state.role = "candidate";
  state.vote = state.id;
  state.outbox.ownVoteTerm = state.term;
  for (const message of voteRequests(state, "vote", state.term, transfer)) {
    state.sendOnceWritten(message);
  }
}

function voteRequests(
  state: RaftState,
  kind: "vote" | "pre-vote",
  term: number,
  transfer: boolean,
): RaftMessage[] {
  const { lastIndex, lastTerm } = state.log;
  const { voters, outgoing } = state.membership;
  const others = [...voters, ...outgoing.filter((member) => !voters.includes(member))];
  return others
    .filter((to) => to !== state.id)
    .map((to) => ({ kind, from: state.id, to, term, lastIndex, lastTerm, transfer }));
}
