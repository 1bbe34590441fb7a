import { isRemoved } from "../model/cluster.ts";
import { descriptionProblem } from "../model/description.ts";
import { spokenOf } from "../model/level.ts";
import { unstored } from "../model/meta.ts";
import type { Newcomer, Node } from "../model/node.ts";
import { memberIdFor } from "../model/standing.ts";
import type { PlanContext } from "../plan/plan.ts";
import { membersOf } from "../raft/membership.ts";
import type { Membership } from "../raft/message.ts";

/**
 * The one place where a node gets into the cluster: its object, or null when it must stay out,
 * as it was removed, is too old to understand the others, or says too much of itself. A founder is
 * a manager already; another manager gets a name in Raft with its object, and becomes a member like
 * any node that is promoted.
 */
export function admit(
  { view, now, planted }: PlanContext,
  membership: Membership,
  newcomer: Newcomer,
): Node | null {
  const { id, description, availability, status } = newcomer;
  if (isRemoved(view.cluster, id) && planted !== "M04") return null;
  if (descriptionProblem(view.cluster, id, description) !== null) return null;
  const isFounder = membersOf(membership).includes(id);
  const role = isFounder ? "manager" : newcomer.role;
  const founderId = isFounder ? id : null;
  return {
    kind: "node",
    id,
    meta: unstored,
    spec: { availability, labels: new Map(), desiredRole: role },
    description: spokenOf(view.cluster, description),
    status,
    availableSince: now,
    role,
    raftId: role === "manager" ? (founderId ?? memberIdFor(id, view.index)) : null,
    certificate: null,
  };
}
