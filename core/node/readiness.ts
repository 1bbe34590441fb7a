import type { Node } from "./node.ts";

/** Why the node does not take part in its cluster, for its operator; null: it does. */
export function unreadiness({ identity, member, agent }: Node): string | null {
  if (identity.certificate === null) return "the node has not joined yet";
  if (member !== null) return member.raft.leader === null ? "no leader is known" : null;
  return agent.leader === null ? "no session with a manager" : null;
}

/**
 * Whether the node has come into its cluster with the role of its certificate: its agent has a
 * session, and one that is to be a manager is one, and is ready in its own store.
 */
export function hasComeIn(node: Node): boolean {
  const { id, agent, identity, member } = node;
  if (agent.leader === null || unreadiness(node) !== null) return false;
  if (identity.certificate?.role !== "manager") return true;
  return member?.store.nodes.get(id)?.status.state === "ready";
}
