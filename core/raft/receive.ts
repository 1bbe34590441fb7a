import { acceptAppend, acceptHeartbeat, acceptSnapshot } from "./accept.ts";
import { campaignForTransfer, onVoteAnswer } from "./candidate.ts";
import { onAppendResponse, onHeartbeatResponse } from "./leader.ts";
import type { MemberId, RaftMessage } from "./message.ts";
import { readAnswered, readForFollower } from "./reads.ts";
import { becomeFollower } from "./roles.ts";
import type { RaftState } from "./state.ts";
import { answerVote, leaderHolds } from "./voting.ts";

/** Terms first (paper 5.1), then by kind and role. */
export function receive(state: RaftState, message: RaftMessage): void {
  if (message.term > state.term) {
    if (!admitHigherTerm(state, message)) return;
  } else if (message.term < state.term && !state.planted("R16")) {
    answerStale(state, message);
    return;
  }
  if (message.kind === "vote" || message.kind === "pre-vote") answerVote(state, message);
  else if (state.leadership !== null) receiveAsLeader(state, message);
  else receiveAsOther(state, message);
}

/**
 * A later term ends this one, except for pre-votes, which only ask about it, and for requests that
 * a member under a live leader ignores (thesis 4.2.3). False: the message is ignored.
 */
function admitHigherTerm(state: RaftState, message: RaftMessage): boolean {
  const { kind, from, term } = message;
  if (kind === "vote" || kind === "pre-vote") {
    if (!message.transfer && leaderHolds(state)) {
      state.probe?.reachable("vote-under-live-leader");
      return false;
    }
  }
  if (kind === "pre-vote") return true;
  if (kind === "pre-vote-response" && message.granted) return true;
  if (state.leadership !== null && state.planted("R17")) return false;
  becomeFollower(state, term, isFromLeader(message) ? from : null);
  return true;
}

/**
 * A message of an earlier term is ignored, except for two whose senders would be stuck without an
 * answer: a leader that we would never vote for again, since its heartbeats are too old for us
 * (etcd#8243), and a pre-candidate with the better log (etcd#8501, etcd#8525; in a joint
 * configuration openraft#1796). The answer carries the later term.
 */
function answerStale(state: RaftState, message: RaftMessage): void {
  const { id: from, term } = state;
  const to = message.from;
  if (message.kind === "pre-vote") {
    state.send({ kind: "pre-vote-response", from, to, term, granted: false });
  } else if (isFromLeader(message) && (state.config.checkQuorum || state.config.preVote)) {
    state.probe?.reachable("stale-leader-told");
    const nothing = { index: 0, rejected: false, hintIndex: 0, hintTerm: 0 };
    state.send({ kind: "append-response", from, to, term, ...nothing });
  }
}

function isFromLeader(message: RaftMessage): boolean {
  const { kind } = message;
  return kind === "append" || kind === "heartbeat" || kind === "snapshot";
}

function receiveAsLeader(state: RaftState, message: RaftMessage): void {
  switch (message.kind) {
    case "append-response":
      return onAppendResponse(state, message);
    case "heartbeat-response":
      return onHeartbeatResponse(state, message.from, message.readContext);
    case "read-index":
      return readForFollower(state, message.from, message.readContext);
    case "append":
    case "heartbeat":
    case "snapshot":
      state.probe?.unreachable("one-leader-in-a-term");
      return;
    default:
    // Answers to the campaign that is over.
  }
}

function receiveAsOther(state: RaftState, message: RaftMessage): void {
  switch (message.kind) {
    case "append":
      follow(state, message.from, true);
      return acceptAppend(state, message);
    case "heartbeat":
      follow(state, message.from, !state.planted("R19"));
      return acceptHeartbeat(state, message);
    case "snapshot":
      follow(state, message.from, true);
      return acceptSnapshot(state, message);
    case "vote-response":
      if (state.role === "candidate") onVoteAnswer(state, message.from, message.granted);
      return;
    case "pre-vote-response":
      if (state.role === "pre-candidate") onVoteAnswer(state, message.from, message.granted);
      return;
    case "timeout-now":
      if (state.role === "follower") campaignForTransfer(state);
      return;
    case "read-index":
      return readForFollower(state, message.from, message.readContext);
    case "read-index-response":
      return readAnswered(state, message.readContext, message.index, message.heard);
    default:
    // Answers to a leader that this member no longer is.
  }
}

/** There is a leader in this term: a campaign is over, and the next one is put off. */
function follow(state: RaftState, leader: MemberId, putOff: boolean): void {
  if (state.role !== "follower") becomeFollower(state, state.term, leader);
  state.leader = leader;
  if (!putOff) return;
  state.electionElapsed = 0;
  state.leaderHeardAt = state.ticks;
}
