import { limits } from "../base/limits.ts";
import { sortedById } from "../base/order.ts";
import { after, seconds, type Timestamp } from "../base/time.ts";
import { type ClusterCa, type RootRotation, vouchersOf } from "../model/certificate.ts";
import { updateOf } from "../model/change.ts";
import { changedCluster, changedNode } from "../model/changed.ts";
import type { Cluster } from "../model/cluster.ts";
import { pinned } from "../model/external-ca.ts";
import { newTokens } from "../model/join-token.ts";
import { speaks } from "../model/level.ts";
import { type Node, noCertificate } from "../model/node.ts";
import { atOnce, nothingToDo, type Plan, type PlanContext, transaction } from "../plan/plan.ts";

/** SwarmKit's batches (`IssuanceStateRotateMaxBatchSize`), and the time between two. */
const batchSize = 30;
const batchInterval = seconds(3);

/**
 * Moves the nodes to the new root, a batch at a time, and swaps the roots when the last has shown
 * a certificate of the new one. A node that is away holds the rotation up, as in SwarmKit: it must
 * come back or be removed, for with the old root untrusted it could never be heard again. All of
 * it is in the store, the moment of the last batch too: the next leader goes on where this one was.
 */
export function planRotation({ view, now, secrets, planted }: PlanContext): Plan {
  const { cluster } = view;
  const rotation = cluster?.ca?.rotation ?? null;
  const ca = cluster?.ca ?? null;
  if (cluster === null || ca === null || rotation === null) return nothingToDo;
  const { root, crossSigned, markedAt } = rotation;
  if (root === null || crossSigned === null) return nothingToDo;
  const behind = nodesBehind([...view.nodes.values()], root.digest);
  const isOver = planted === "K04" ? behind.length <= 1 : behind.length === 0;
  if (isOver && ca.founding.length === 0) {
    const joinTokens = newTokens(root.digest, secrets);
    const spec = pinned(cluster.spec, ca.root);
    const isKept = speaks(cluster, "formerRoots") && planted !== "K15";
    const formerRoots = isKept ? vouchersOf(ca).slice(0, limits.formerRoots) : [];
    const rotated = { ...ca, root, formerRoots, joinTokens, rotation: null };
    return atOnce("ca", [updateOf(changedCluster(cluster, { spec, ca: rotated }))]);
  }
  const unmarked = behind.filter(({ certificate }) => certificate?.mustRenew !== true);
  if (unmarked.length === 0) return nothingToDo;
  const due = markedAt === null ? now : after(markedAt, batchInterval);
  if (due > now) return { transactions: [], wakeAt: due };
  return marking(cluster, ca, { ...rotation, markedAt: now }, unmarked.slice(0, batchSize));
}

/** Those that have not yet shown a certificate of this root, in order of their ids. */
export function nodesBehind<N extends Node>(nodes: readonly N[], issuer: string): N[] {
  return sortedById(nodes.filter(({ certificate }) => certificate?.proven?.issuer !== issuer));
}

function marking(
  cluster: Cluster,
  ca: ClusterCa,
  rotation: RootRotation,
  nodes: readonly Node[],
): Plan {
  const marks = nodes.map((node) => updateOf(marked(node)));
  const change = updateOf(changedCluster(cluster, { ca: { ...ca, rotation } }));
  const wakeAt = after(rotation.markedAt as Timestamp, batchInterval);
  return { transactions: [transaction("ca", [change, ...marks])], wakeAt };
}

function marked(node: Node): Node {
  return changedNode(node, {
    certificate: { ...(node.certificate ?? noCertificate), mustRenew: true },
  });
}
