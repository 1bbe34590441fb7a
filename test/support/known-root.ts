import type { SigningRoot } from "../../core/model/certificate.ts";
import type { Credentials } from "../../real/signer/identity-files.ts";
import { IdentityFiles } from "../../real/signer/identity-files.ts";
import { ownRoot } from "../../real/signer/own-root.ts";
import { type RealCluster, type RealNode, until } from "./real-cluster.ts";
import { newRoot } from "./tls-nodes.ts";

/** A cluster's root of which a test has the key. */
export interface KnownRoot {
  readonly root: SigningRoot;
  /** What the cluster calls itself in certificates. */
  readonly organization: string;
}

/** Rotates the cluster's root to one of which the test has the key. */
export async function rotateToKnown(cluster: RealCluster): Promise<KnownRoot> {
  const root = await newRoot();
  const own = ownRoot(root.certificate, root.key);
  await cluster.first.client.command({ kind: "rotate-root", root: own });
  await hasRoot(cluster, root);
  return { root, organization: (await cluster.authority()).organization };
}

/** Waits until the cluster has moved to the root. */
export async function hasRoot(cluster: RealCluster, { digest }: SigningRoot): Promise<void> {
  await until("the new root", async () => {
    const ca = await cluster.authority();
    return (ca.rotation === null && ca.root.digest === digest) || null;
  });
}

/** What a node of the cluster shows. */
export function credentialsOf(node: RealNode): Credentials {
  const { credentials } = new IdentityFiles(`${node.folder}/certificates`).read();
  if (credentials === null) throw new Error(`${node.name} has no certificate`);
  return credentials;
}
