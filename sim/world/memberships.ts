import { membershipIn } from "../../core/node/force-new-cluster.ts";
import { firstStanding } from "../../core/node/standing.ts";
import type { Membership } from "../../core/raft/message.ts";
import type { Host } from "./host.ts";

/**
 * The newest membership in the log of a manager, which may be off; null for a worker, and for one
 * who has joined and not heard yet whom.
 */
function membershipOf(host: Host): Membership | null {
  const { image } = host.disk;
  const { founders, memberId } = image.standing ?? firstStanding(host.config);
  if (memberId === null) return null;
  const lastIndex = host.raft?.lastIndex ?? Math.max(image.lastIndex, image.snapshot?.index ?? 0);
  if (lastIndex === 0 && !founders.includes(memberId)) return null;
  return host.raft?.membership ?? membershipIn(image.load(), founders);
}

/**
 * True when the hosts are a quorum in the eyes of every voter, however old its log is. Who does not
 * know yet that it votes has nothing to say.
 */
export function areQuorum(hosts: readonly Host[], managers: readonly Host[]): boolean {
  const names = new Set(hosts.map(({ memberId }) => memberId));
  const hasMajority = (half: readonly string[]) =>
    half.length === 0 || half.filter((each) => names.has(each)).length * 2 > half.length;
  return managers.every((manager) => {
    const membership = membershipOf(manager);
    if (membership === null || !votes(membership, manager)) return true;
    return hasMajority(membership.voters) && hasMajority(membership.outgoing);
  });
}

/** True for a manager that is a voter, as far as its own log knows. */
export function isVoter(host: Host): boolean {
  const membership = membershipOf(host);
  return membership !== null && votes(membership, host);
}

function votes({ voters, outgoing }: Membership, { memberId }: Host): boolean {
  return memberId !== null && (voters.includes(memberId) || outgoing.includes(memberId));
}
