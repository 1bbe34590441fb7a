import { sortedById } from "../base/order.ts";
import type { Secrets } from "../base/secrets.ts";
import { hours, type Timestamp, until } from "../base/time.ts";
import { type ClusterCa, type SigningRoot, trustedRoots } from "../model/certificate.ts";
import { updateOf } from "../model/change.ts";
import { changedCluster, changedNode } from "../model/changed.ts";
import type { Cluster, ClusterSpec } from "../model/cluster.ts";
import { hasKey } from "../model/external-ca.ts";
import { newToken } from "../model/join-token.ts";
import type { Node, NodeRole } from "../model/node.ts";
import { invalidArgument, type Rejection, rejection } from "../model/rejection.ts";
import type { StoreView } from "../store/view.ts";
import { type Decided, updating } from "./decided.ts";
import { isSigned, unsigned } from "./external-cas.ts";

/** A root of the user's own, as whoever has read it tells core. Its key may be held outside. */
export interface OwnRoot extends SigningRoot {
  readonly notAfter: Timestamp;
  /** How many certificates the text holds. */
  readonly certificates: number;
}

/** SwarmKit's least time that a root must still be good for. */
const rootExpiryLeast = hours(365 * 24);

/** The old token of that role is of no use from now on; nodes that have joined stay. */
export function rotateJoinToken(
  view: StoreView,
  role: NodeRole,
  secrets: Secrets,
): Decided | Rejection {
  const { cluster } = view;
  const ca = cluster?.ca ?? null;
  if (cluster === null || ca === null) return notYet();
  const token = newToken(ca.root.digest, secrets);
  return changing(cluster, { ...ca, joinTokens: { ...ca.joinTokens, [role]: token } });
}

/**
 * Begins to replace the root, by `own` or by a new one. A rotation under way is given up for it:
 * the old root vouches for the new one again, so that nodes that have moved can move once more.
 * The root that there is may be named to bring its key, or to have the managers forget it.
 */
export function rotateRoot(view: StoreView, own: OwnRoot | null): Decided | Rejection {
  const { cluster } = view;
  const ca = cluster?.ca ?? null;
  if (cluster === null || ca === null) return notYet();
  const problem = rotationProblem(ca, cluster.spec, own, view.time);
  if (problem !== null) return invalidArgument(problem);
  const root = own === null ? null : signing(own);
  if (root?.digest === ca.root.digest) return changing(cluster, { ...ca, root });
  const rotation = { root, crossSigned: null, markedAt: null };
  const begun = updateOf(changedCluster(cluster, { ca: { ...ca, rotation } }));
  const doubted = ca.rotation === null ? [] : inDoubt(view).map(updateOf);
  return { id: cluster.id, changes: [begun, ...doubted] };
}

/**
 * The nodes whose certificates may be of any root, as far as is known: what was issued last is
 * of the root that is given up, and was not shown yet. Else one that is away with it would be left
 * behind when the cluster moves to a root that it has had before.
 */
function inDoubt({ nodes }: StoreView): Node[] {
  return sortedById(nodes.values()).flatMap((node) => {
    const { certificate } = node;
    const proven = certificate?.proven ?? null;
    if (certificate === null || proven === null || certificate.issued <= proven.serial) return [];
    const doubted = { ...certificate, proven: { ...proven, issuer: "" } };
    return [changedNode(node, { certificate: doubted })];
  });
}

/** The keys of the roots are for managers only (SwarmKit `redactClusters`). */
export function withoutKeys(cluster: Cluster): Cluster {
  const { ca } = cluster;
  if (ca === null) return cluster;
  const { root, rotation } = ca;
  const next = rotation?.root ?? null;
  const hidden =
    rotation === null || next === null ? rotation : { ...rotation, root: keyless(next) };
  return changedCluster(cluster, { ca: { ...ca, root: keyless(root), rotation: hidden } });
}

function keyless(root: SigningRoot): SigningRoot {
  return { ...root, key: "" };
}

function rotationProblem(
  ca: ClusterCa,
  spec: ClusterSpec,
  own: OwnRoot | null,
  now: Timestamp,
): string | null {
  const problem = own === null ? null : problemOf(ca, own, now);
  if (problem !== null) return problem;
  if (own !== null && !isSigned(own, ca, spec)) return unsigned("desired");
  if (hasKey(ca.root) || own?.digest === ca.root.digest) return null;
  return own !== null && !hasKey(own) ? externalToExternal : vouchingNeedsKey;
}

/** The words are SwarmKit's. */
const externalToExternal =
  "rotating from one external CA to a different external CA is not supported";
/** SwarmKit has the authority outside vouch for the new root; CFSSL needs a profile `CA` for it. */
const vouchingNeedsKey =
  "the managers do not have the key of the current CA certificate, which must vouch for the new " +
  "one: bring it first, with 'ca --rotate --ca-cert FILE --ca-key FILE' for the current one";

function problemOf(ca: ClusterCa, own: OwnRoot, now: Timestamp): string | null {
  if (own.certificates !== 1)
    return "the desired CA certificate cannot contain multiple certificates";
  if (until(now, own.notAfter) < rootExpiryLeast) {
    return "the desired CA certificate expires too soon: it must be good for a year at least";
  }
  const known = trustedRoots(ca).some(({ digest }) => digest === own.digest);
  const isMove = own.digest === ca.root.digest && hasKey(own) !== hasKey(ca.root);
  if (isMove && ca.rotation === null) return null;
  if (!known && (own.key !== ca.root.key || !hasKey(own))) return null;
  return "the desired CA certificate and key are those that the cluster uses: choose others";
}

function signing({ certificate, digest, key }: OwnRoot): SigningRoot {
  return { certificate, digest, key };
}

function changing(cluster: Cluster, ca: ClusterCa): Decided {
  return updating(changedCluster(cluster, { ca }));
}

function notYet(): Rejection {
  return rejection("Unavailable", "the cluster has no certificates yet: try again");
}
