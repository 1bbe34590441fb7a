import { type Security, signingRoot, trustedRoots } from "./certificate.ts";
import type { Cluster } from "./cluster.ts";
import { unlocked } from "./manager-lock.ts";
import type { Node } from "./node.ts";

/** What the leader tells a node about certificates; null before the cluster has any. */
export function securityOf(cluster: Cluster, node: Node): Security | null {
  const { ca } = cluster;
  if (ca === null) return null;
  return {
    version: Math.max(cluster.meta.version, node.meta.version),
    roots: trustedRoots(ca),
    issuer: signingRoot(ca).digest,
    role: node.role,
    mustRenew: node.certificate?.mustRenew ?? false,
    lock: node.role === "manager" ? cluster.lock : unlocked,
    lastAsManager: node.certificate?.lastAsManager ?? 0,
  };
}
