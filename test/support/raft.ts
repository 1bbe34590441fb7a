import type { Asked } from "../../core/control/answer.ts";
import { simpleMembership } from "../../core/raft/membership.ts";
import type { FollowerProgress } from "../../core/raft/progress.ts";
import type { RaftView } from "../../core/raft/reach.ts";

export interface RaftTraits {
  readonly id?: string;
  readonly voters?: readonly string[];
  readonly learners?: readonly string[];
  readonly leader?: string;
  /** Members who are not heard. */
  readonly silent?: readonly string[];
  /** Members of whose log the leader does not know where it ends. */
  readonly probed?: readonly string[];
  readonly changePending?: boolean;
  readonly lastIndex?: number;
  /** By member: how much of the log it holds; all of it unless said. */
  readonly match?: Readonly<Record<string, number>>;
}

/** What the leader m1, or another, sees of its cluster; a follower if another leads. */
export function raftView(traits: RaftTraits = {}): RaftView {
  const { voters = ["m1", "m2", "m3"], learners = [], leader = "m1" } = traits;
  const { id = leader, silent = [], probed = [] } = traits;
  const isLeader = id === leader;
  const { changePending = false, lastIndex = 100, match = {} } = traits;
  const others = [...voters, ...learners].filter((member) => member !== id);
  const progress = others.map((member): FollowerProgress => {
    const held = match[member] ?? lastIndex;
    const isHeard = !silent.includes(member);
    const sent = { inflightMessages: 0, inflightBytes: 0, active: isHeard, reachable: isHeard };
    const learner = learners.includes(member);
    const state = probed.includes(member) ? "probe" : "replicate";
    return { member, learner, state, match: held, next: held + 1, ...sent };
  });
  const membership = simpleMembership(voters, learners);
  const role = isLeader ? "leader" : "follower";
  const common = { id, role, leader, membership, changePending, lastIndex } as const;
  return { ...common, progress: () => (isLeader ? progress : []) };
}

/** The same as whom a client asks, with whom its leader hears if it is a follower. */
export function askedManager(traits: RaftTraits = {}, heard: readonly string[] = []): Asked {
  const raft = raftView(traits);
  const { id, role, leader, membership, lastIndex } = raft;
  const indexes = { commit: lastIndex, applied: lastIndex, stable: lastIndex, firstIndex: 1 };
  const status = { id, role, leader, membership, lastIndex, ...indexes };
  return {
    raft: { ...raft, status: () => ({ ...status, term: 1, vote: id, lastTerm: 1 }) },
    isManaging: role === "leader",
    heard,
  };
}
