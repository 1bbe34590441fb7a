import { limits } from "../base/limits.ts";
import { sortedById } from "../base/order.ts";
import { after, type Timestamp } from "../base/time.ts";
import { removalOf, updateOf } from "../model/change.ts";
import { changedCluster, changedNode } from "../model/changed.ts";
import type { Cluster, RemovedNode } from "../model/cluster.ts";
import type { ListedNode, ManagerStatus, Node, NodeSpec } from "../model/node.ts";
import { type Rejection, rejection } from "../model/rejection.ts";
import { orphaned } from "../model/task.ts";
import { TaskState } from "../model/task-state.ts";
import { membersOf } from "../raft/membership.ts";
import type { MemberId } from "../raft/message.ts";
import { canRemove, type RaftView, reachableMembers } from "../raft/reach.ts";
import type { StoreView } from "../store/view.ts";
import type { Command } from "./command.ts";
import { type Decided, notFound, outOfSequence, updating } from "./decided.ts";

/** In SwarmKit's words. */
const ofRemovedNode = "Task belonged to a node that has been deleted";

/** Takes over what the user wants of the node. */
export function updateNode(
  view: StoreView,
  command: Command & { kind: "update-node" },
  raft: RaftView,
): Decided | Rejection {
  const node = view.nodes.get(command.id);
  if (node === undefined) return notFound("node", command.id);
  if (node.meta.version !== command.version) return outOfSequence();
  const refusal = roleRefusal(view, node, command.spec, raft);
  if (refusal !== null) return refusal;
  return updating(changedNode(node, { spec: command.spec }));
}

/** Removes the node, and gives up what it may still run. */
export function removeNode(
  view: StoreView,
  { id, force }: Command & { kind: "remove-node" },
  raft: RaftView,
): Decided | Rejection {
  const node = view.nodes.get(id);
  if (node === undefined) return notFound("node", id);
  const problem = removalProblem(node, force, raft);
  if (problem !== null) return rejection("FailedPrecondition", problem);
  const tasks = sortedById(view.tasksOnNode(id).values());
  const lost = tasks.filter((task) => task.status.state < TaskState.COMPLETE);
  const orphans = lost.map((task) => orphaned(task, ofRemovedNode, view.time));
  const changes = [removalOf(node), ...orphans.map(updateOf)];
  if (view.cluster !== null) changes.push(updateOf(without(view.cluster, node, view.time)));
  return { id, changes };
}

/** Why the node stays, in SwarmKit's words; or null. */
function removalProblem(node: Node, force: boolean, raft: RaftView): string | null {
  const { id, spec, role, raftId, status } = node;
  const isMember = raftId !== null && membersOf(raft.membership).includes(raftId);
  if (spec.desiredRole === "manager" || role === "manager" || isMember) {
    const why = `node ${id} is a cluster manager and is a member of the raft cluster.`;
    return `${why} It must be demoted to worker before removal`;
  }
  const isReady = status.state === "ready" && !force;
  return isReady ? `node ${id} is not down and can't be removed` : null;
}

/** All nodes, sorted by id. `heard`: whom the leader hears, where it is another and has told. */
export function listNodes(
  view: StoreView,
  { raft, heard }: { readonly raft: RaftView; readonly heard: readonly MemberId[] },
): ListedNode[] {
  const reachable = raft.role === "leader" ? reachableMembers(raft) : new Set(heard);
  return sortedById(view.nodes.values()).map((node) => ({
    ...node,
    managerStatus: node.raftId === null ? null : statusOf(node.raftId, raft, reachable),
  }));
}

function statusOf(member: string, raft: RaftView, reachable: ReadonlySet<string>): ManagerStatus {
  const leader = raft.leader === member;
  if (!raft.membership.voters.includes(member)) return { leader, reachability: "unknown" };
  if (leader || member === raft.id) return { leader, reachability: "reachable" };
  if (reachable.size === 0) return { leader, reachability: "unknown" };
  return { leader, reachability: reachable.has(member) ? "reachable" : "unreachable" };
}

function isLastVoter({ raftId }: Node, raft: RaftView): boolean {
  const { voters } = raft.membership;
  return voters.length === 1 && raftId !== null && voters.includes(raftId);
}

/**
 * Remembers who must not come back, for as long as it may have a certificate, and a life longer
 * where calendars are wrong.
 */
function without(cluster: Cluster, node: Node, now: Timestamp): Cluster {
  const latest = Math.max(node.certificate?.goodUntil ?? 0, now);
  const removed: RemovedNode = {
    id: node.id,
    until: after(latest as Timestamp, cluster.spec.nodeCertExpiry),
  };
  const others = cluster.removedNodes.filter(({ id, until }) => id !== node.id && until > now);
  const removedNodes = [...others, removed].slice(-limits.removedNodes);
  return changedCluster(cluster, { removedNodes });
}

/** Why the node's role can't be changed so, or null. Texts are SwarmKit's (`controlapi`). */
function roleRefusal(view: StoreView, node: Node, to: NodeSpec, raft: RaftView): Rejection | null {
  const isDemoted = node.spec.desiredRole === "manager" && to.desiredRole === "worker";
  if (!isDemoted) return null;
  const managers = [...view.nodes.values()].filter(({ spec }) => spec.desiredRole === "manager");
  if (managers.length === 1 || isLastVoter(node, raft)) {
    return rejection("FailedPrecondition", "attempting to demote the last manager of the swarm");
  }
  if (node.raftId === null || canRemove(raft, node.raftId)) return null;
  const reason = "can't remove member from the raft: this would result in a loss of quorum";
  return rejection("FailedPrecondition", reason);
}
