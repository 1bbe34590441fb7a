import { hours, type Timestamp } from "../../core/base/time.ts";
import type {
  Certificate,
  ClusterCa,
  RootRotation,
  SigningRoot,
} from "../../core/model/certificate.ts";
import type { Cluster } from "../../core/model/cluster.ts";
import { newTokens } from "../../core/model/join-token.ts";
import { type Node, type NodeRole, noCertificate } from "../../core/model/node.ts";
import { meta, moment, node, cluster as plainCluster } from "./model.ts";
import { secrets } from "./store.ts";

/** Builders of certificates and of what the store knows of them. */

export const day = hours(24);
/** Everybody's calendar in these tests. */
export const today = moment(1_000 * 24 * 3600);

export function root(name: string): SigningRoot {
  const digest = name.padEnd(50, "0");
  return { certificate: `root ${name}`, digest, key: `key of ${name}` };
}

export function ca(traits: Partial<ClusterCa> = {}): ClusterCa {
  const first = root("r1");
  return {
    organization: "org",
    root: first,
    joinTokens: newTokens(first.digest, secrets()),
    formerRoots: [],
    rotation: null,
    founding: [],
    ...traits,
  };
}

/** A rotation to `root("r2")` for which the old root has vouched. */
export function rotation(traits: Partial<RootRotation> = {}): RootRotation {
  return { root: root("r2"), crossSigned: "r1 vouches for r2", markedAt: null, ...traits };
}

export function cluster(authority: ClusterCa | null, version = 1): Cluster {
  return plainCluster({ meta: meta(version), ca: authority });
}

export function certificate(nodeId: string, traits: Partial<Certificate> = {}): Certificate {
  return {
    serial: 1,
    nodeId,
    role: "worker",
    organization: "org",
    issuer: root("r1").digest,
    vouchers: [],
    notBefore: (today - day) as Timestamp,
    notAfter: (today + 30 * day) as Timestamp,
    text: `certificate of ${nodeId}`,
    ...traits,
  };
}

/** A node that has shown certificate `serial` of the root named `issuer`. */
export function member(id: string, role: NodeRole = "worker", serial = 1, issuer = "r1"): Node {
  const proven = { serial, issuer: root(issuer).digest, notAfter: (today + day) as Timestamp };
  const certificate = { ...noCertificate, issued: serial, goodUntil: proven.notAfter, proven };
  return { ...node(id, { role }), certificate };
}
