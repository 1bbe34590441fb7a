/**
 * A node's place in its cluster: what the leader tells its agent, and what the node keeps on its
 * disk of it. The leader derives it from the store and from Raft's membership.
 */
export interface Standing {
  /** How often the cluster has been started anew from one manager (`force-new-cluster`). */
  readonly incarnation: number;
  /** The `meta.version` of the node's object: within an incarnation, a higher one is newer. */
  readonly version: number;
  /** Raft's name for the node; null: it is a worker. */
  readonly memberId: string | null;
  /** The nodes that are managers, sorted. Never empty. */
  readonly managers: readonly string[];
  /** Raft's names of the voters with whom the cluster's log began. */
  readonly founders: readonly string[];
}

/** True when `left` was derived from a later state of the cluster than `right`. */
export function isNewer(left: Standing, right: Standing): boolean {
  if (left.incarnation !== right.incarnation) return left.incarnation > right.incarnation;
  return left.version > right.version;
}

/** True when the node would do the same with either. */
export function isSameStanding(left: Standing, right: Standing): boolean {
  return (
    left.incarnation === right.incarnation &&
    left.version === right.version &&
    left.memberId === right.memberId &&
    (left.managers === right.managers || left.managers.join() === right.managers.join())
  );
}

const separator = "/";

/**
 * Raft's name for a node that becomes a manager by the entry after `index`. A node that was a
 * manager before gets another name, as SwarmKit gives it another number: what it said under the
 * old one, and forgot, does not count for the new one.
 */
export function memberIdFor(node: string, index: number): string {
  return `${node}${separator}${index + 1}`;
}

/** The node that has, or had, this name in Raft. A founder's name is its node's id. */
export function nodeOfMember(memberId: string): string {
  const end = memberId.indexOf(separator);
  return end < 0 ? memberId : memberId.slice(0, end);
}
