import { nodeOfMember } from "../core/model/standing.ts";
import { membershipIn } from "../core/node/lone-start.ts";
import { firstStanding } from "../core/node/standing.ts";
import type { Membership } from "../core/raft/message.ts";
import type { Host } from "./host.ts";

/**
 * The newest membership in the log of a manager, which may be off; null for a worker, and for one
 * that has joined since and has heard nothing yet.
 */
function membershipOf(host: Host): Membership | null {
  const { raft } = host;
  if (raft !== null) return knownTo(raft.id, raft.membership, raft.lastIndex === 0);
  const { image } = host.disk;
  const { founders, memberId } = image.standing ?? firstStanding(host.config);
  if (memberId === null) return null;
  const log = image.load();
  const isEmpty = log.snapshot === null && log.entries.length === 0;
  return knownTo(memberId, membershipIn(log, founders), isEmpty);
}

function knownTo(member: string, membership: Membership, isEmpty: boolean): Membership | null {
  return isEmpty && !membership.voters.includes(member) ? null : membership;
}

/**
 * True when the hosts are a quorum in the eyes of every manager, however old its log is. One that
 * knows only a membership most of which no longer exists has been overtaken: those machines count
 * for it under whatever name, for they know who leads now.
 */
export function areQuorum(hosts: readonly Host[], managers: readonly Host[]): boolean {
  const members = new Set(hosts.map(({ memberId }) => memberId ?? ""));
  const nodes = new Set(hosts.map(({ name }) => name));
  const all = new Set(managers.map(({ memberId }) => memberId ?? ""));
  return managers.every((manager) => {
    const membership = membershipOf(manager);
    if (membership === null) return true;
    return hasQuorum(membership, all)
      ? hasQuorum(membership, members)
      : hasQuorum(onNodes(membership), nodes);
  });
}

function hasQuorum({ voters, outgoing }: Membership, names: ReadonlySet<string>): boolean {
  const hasMajority = (half: readonly string[]) =>
    half.length === 0 || half.filter((each) => names.has(each)).length * 2 > half.length;
  return hasMajority(voters) && hasMajority(outgoing);
}

function onNodes({ voters, outgoing, ...rest }: Membership): Membership {
  return { ...rest, voters: voters.map(nodeOfMember), outgoing: outgoing.map(nodeOfMember) };
}
