import type { Secrets } from "../base/secrets.ts";
import { hours, type Timestamp, until } from "../base/time.ts";
import { type ClusterCa, type SigningRoot, trustedRoots } from "../model/certificate.ts";
import type { Cluster } from "../model/cluster.ts";
import { newToken } from "../model/join-token.ts";
import type { NodeRole } from "../model/node.ts";
import { type Rejection, rejection } from "../model/rejection.ts";
import type { StoreView } from "../store/view.ts";
import type { Decided } from "./decided.ts";

/** A root of the user's own, as whoever has read it tells core. */
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
 */
export function rotateRoot(view: StoreView, own: OwnRoot | null): Decided | Rejection {
  const { cluster } = view;
  const ca = cluster?.ca ?? null;
  if (cluster === null || ca === null) return notYet();
  const problem = own === null ? null : problemOf(ca, own, view.time);
  if (problem !== null) return rejection("InvalidArgument", problem);
  const root = own === null ? null : signing(own);
  return changing(cluster, { ...ca, rotation: { root, crossSigned: null, markedAt: null } });
}

/** The keys of the roots are for managers only (SwarmKit `redactClusters`). */
export function withoutKeys(cluster: Cluster): Cluster {
  const { ca } = cluster;
  if (ca === null) return cluster;
  const { root, rotation } = ca;
  const next = rotation?.root ?? null;
  const hidden =
    rotation === null || next === null ? rotation : { ...rotation, root: keyless(next) };
  return { ...cluster, ca: { ...ca, root: keyless(root), rotation: hidden } };
}

function keyless(root: SigningRoot): SigningRoot {
  return { ...root, key: "" };
}

function problemOf(ca: ClusterCa, own: OwnRoot, now: Timestamp): string | null {
  if (own.certificates !== 1)
    return "the desired CA certificate cannot contain multiple certificates";
  if (until(now, own.notAfter) < rootExpiryLeast) {
    return "the desired CA certificate expires too soon: it must be good for a year at least";
  }
  const known = trustedRoots(ca).some(({ digest }) => digest === own.digest);
  if (!known && own.key !== ca.root.key) return null;
  return "the desired CA certificate and key are those that the cluster uses: choose others";
}

function signing({ certificate, digest, key }: OwnRoot): SigningRoot {
  return { certificate, digest, key };
}

function changing(cluster: Cluster, ca: ClusterCa): Decided {
  return { id: cluster.id, changes: [{ kind: "update", object: { ...cluster, ca } }] };
}

function notYet(): Rejection {
  return rejection("Unavailable", "the cluster has no certificates yet: try again");
}
