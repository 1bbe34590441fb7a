import { sortedText } from "../base/order.ts";
import type { Node } from "../model/node.ts";
import { nodeOfMember, type Standing } from "../model/standing.ts";
import type { Membership } from "../raft/message.ts";
import type { StoreView } from "../store/view.ts";

/** What a node is to be told of its place; null while the store does not know it. */
export function standingOf(view: StoreView, membership: Membership, node: string): Standing | null {
  const known = view.nodes.get(node);
  const { cluster } = view;
  if (known === undefined || cluster === null) return null;
  const { incarnation, founders } = cluster;
  const { meta, raftId: memberId } = known;
  const managers = managersOf(membership);
  return { incarnation, version: meta.version, memberId, managers, founders };
}

/** The nodes that vote in Raft, sorted: each of them knows who leads. */
export function managersOf({ voters }: Membership): string[] {
  return sortedText(voters.map(nodeOfMember));
}

/** True when a node is not to wait for the next heartbeat to learn what has changed. */
export function mustHear(previous: Node, current: Node): boolean {
  const mustRenew = current.certificate?.mustRenew === true;
  const isNew = mustRenew && previous.certificate?.mustRenew !== true;
  return isNew || previous.raftId !== current.raftId;
}
