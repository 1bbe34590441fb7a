import type { MemberId } from "./message.ts";
import { majorityOf } from "./quorum.ts";
import type { Raft } from "./raft.ts";

/** What may be read of a member by those who decide about the membership. */
export type RaftView = Pick<
  Raft,
  "id" | "role" | "leader" | "membership" | "changePending" | "lastIndex" | "progress"
>;

/** The members that a leader has heard from of late, itself among them; empty for others. */
export function reachableMembers(raft: RaftView): ReadonlySet<MemberId> {
  if (raft.role !== "leader") return new Set();
  const heard = raft.progress().filter(({ reachable }) => reachable);
  return new Set([raft.id, ...heard.map(({ member }) => member)]);
}

/**
 * Whether those who stay when `member` goes, and are heard, are a quorum of what is then left
 * (SwarmKit `CanRemoveMember`). Never while a change is under way.
 */
export function canRemove(raft: RaftView, member: MemberId): boolean {
  const { voters, outgoing } = raft.membership;
  if (outgoing.length > 0) return false;
  if (!voters.includes(member)) return true;
  const reachable = reachableMembers(raft);
  const left = voters.filter((voter) => voter !== member);
  const heard = left.filter((voter) => reachable.has(voter));
  return left.length > 0 && heard.length >= majorityOf(left.length);
}
