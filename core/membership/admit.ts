import { isRemoved } from "../model/cluster.ts";
import { unstored } from "../model/meta.ts";
import type { Node, NodeDescription, NodeRole, NodeStatus } from "../model/node.ts";
import type { PlanContext } from "../plan/plan.ts";
import { membersOf } from "../raft/membership.ts";
import type { Membership } from "../raft/message.ts";

/** A node that has registered, and that the store does not know. */
export interface Applicant {
  readonly id: string;
  readonly description: NodeDescription;
  readonly status: NodeStatus;
  /** What it asks to be. */
  readonly joinsAs: NodeRole;
}

/**
 * The one place where a node gets into the cluster: its object, or null when it must stay out. A
 * founder is a manager already. Whoever asks to be one is promoted like any other node.
 */
export function admit(
  { view, now, planted }: PlanContext,
  membership: Membership,
  applicant: Applicant,
): Node | null {
  const { id, description, status, joinsAs } = applicant;
  if (isRemoved(view.cluster, id) && planted !== "M04") return null;
  const isFounder = membersOf(membership).includes(id);
  const desiredRole = isFounder ? "manager" : joinsAs;
  return {
    kind: "node",
    id,
    meta: unstored,
    spec: { availability: "active", labels: new Map(), desiredRole },
    description,
    status,
    availableSince: now,
    role: isFounder ? "manager" : "worker",
    raftId: isFounder ? id : null,
  };
}
