import { type ClusterCa, type Root, type SigningRoot, signingRoot } from "./certificate.ts";
import type { ClusterSpec } from "./cluster.ts";

/** An authority outside the cluster that signs the nodes' certificates (SwarmKit `ExternalCA`). */
export interface ExternalCa {
  /** CFSSL's JSON over HTTPS is the only one that there is, as in SwarmKit. */
  readonly protocol: "cfssl";
  /** Where requests are sent, whole: `https://ca.example.com:8888/api/v1/cfssl/sign`. */
  readonly url: string;
  /** What else its user has said of it; the cluster makes nothing of it, as SwarmKit does not. */
  readonly options: ReadonlyMap<string, string>;
  /** The root for which it signs; null: the one that the cluster has. */
  readonly root: Root | null;
}

/** Where certificates of that root can be had outside the cluster, in the order to try them. */
export function authoritiesFor(root: Root, { ca, spec }: WithAuthorities): string[] {
  return spec.externalCas
    .filter((each) => (each.root ?? ca.root).digest === root.digest)
    .map(({ url }) => url);
}

/**
 * Where the node's certificate is to be signed; none: here. An authority outside goes before the
 * managers' own key, as in SwarmKit, except for a founder's first certificate: nobody has one yet
 * to show to an authority.
 */
export function authoritiesOf(node: string, cluster: WithAuthorities): string[] {
  const root = signingRoot(cluster.ca);
  const isFirst = cluster.ca.founding.includes(node) && hasKey(root);
  return isFirst ? [] : authoritiesFor(root, cluster);
}

/** The cluster gets another root than this one: who has signed for it goes on to sign for it. */
export function pinned(spec: ClusterSpec, { certificate, digest }: Root): ClusterSpec {
  if (spec.externalCas.length === 0) return spec;
  const root = { certificate, digest };
  const externalCas = spec.externalCas.map((each) => ({ ...each, root: each.root ?? root }));
  return { ...spec, externalCas };
}

/** False where only authorities outside the cluster can sign for it. */
export function hasKey({ key }: SigningRoot): boolean {
  return key !== "";
}

interface WithAuthorities {
  readonly ca: ClusterCa;
  readonly spec: ClusterSpec;
}
