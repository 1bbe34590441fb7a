import { sortedById } from "../base/order.ts";
import { type Transaction, updateOf } from "../model/change.ts";
import { changedNode } from "../model/changed.ts";
import { hasProven, type Node } from "../model/node.ts";
import { memberIdFor } from "../model/standing.ts";
import { type PlanContext, transaction } from "../plan/plan.ts";
import { membersOf } from "../raft/membership.ts";
import type { RaftView } from "../raft/reach.ts";

/**
 * Moves roles towards what users want (SwarmKit role manager).
 *
 * Up: as soon as the node has shown its first certificate, since until then it has only its token,
 * which is a worker's. It neither votes nor leads before Raft has taken it in. Down: only once Raft
 * has let the member go, so that nobody is told to forget what still counts.
 */
export function planRoles(context: PlanContext, raft: RaftView): Transaction[] {
  const nodes: Node[] = [];
  for (const node of context.view.nodes.values()) {
    if (node.spec.desiredRole !== node.role && mayChange(node, raft)) nodes.push(node);
  }
  return sortedById(nodes).map((node) => {
    const object = node.role === "worker" ? promoted(node, context.view.index) : demoted(node);
    return transaction("role-manager", [updateOf(object)]);
  });
}

function mayChange(node: Node, raft: RaftView): boolean {
  if (node.raftId === null) return node.certificate === null || hasProven(node);
  return !raft.changePending && !membersOf(raft.membership).includes(node.raftId);
}

function promoted(node: Node, index: number): Node {
  return changedNode(node, { role: "manager", raftId: memberIdFor(node.id, index) });
}

/** Certificates that were issued so far make a worker of it, whatever they say. */
export function demoted(node: Node): Node {
  const { certificate } = node;
  const known = certificate === null ? null : { ...certificate, lastAsManager: certificate.issued };
  return changedNode(node, { role: "worker", raftId: null, certificate: known });
}
