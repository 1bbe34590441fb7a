import type { Planted } from "../base/planted.ts";
import { type Duration, hours, type Timestamp } from "../base/time.ts";
import type { Certificate, Claims, ClusterCa } from "../model/certificate.ts";
import { signingRoot } from "../model/certificate.ts";
import { roleOfToken } from "../model/join-token.ts";
import { unstored } from "../model/meta.ts";
import type { Node, NodeDescription, NodeRole } from "../model/node.ts";
import { type Rejection, rejection } from "../model/rejection.ts";
import type { StoreView } from "../store/view.ts";

/** Certificates begin an hour before they are made, for nodes whose calendar is behind. */
export const backdate = hours(1);

/** Who asks for a certificate, and what it has shown for it. */
export interface Applicant {
  readonly id: string;
  readonly token: string | null;
  /** The certificate of its connection, checked by `admission.ts`; it may have expired. */
  readonly shown: Certificate | null;
  readonly description: NodeDescription;
}

/**
 * The node object with one more certificate issued, or why there is none. A node gets the role
 * that the cluster has stored for it, whatever it was: by its certificate, the expired one too, as
 * long as the node has not been removed (SwarmKit refuses expired ones, so that a cluster that was
 * off for too long had to be made anew); or by the token of its role, until it has once shown a
 * certificate. A token is only good for a role, and never makes one node speak as another.
 */
export function nextCertificate(
  view: StoreView,
  ca: ClusterCa,
  applicant: Applicant,
  planted: Planted,
): Node | Rejection {
  const node = view.nodes.get(applicant.id);
  const { shown, token } = applicant;
  if (shown !== null) {
    const isOut = planted === "K02" && shown.notAfter < view.time;
    return node === undefined || isOut ? unknown(applicant.id) : issued(node);
  }
  const role = token === null ? null : roleOf(ca, token, planted);
  if (role === null) {
    return rejection("InvalidArgument", "A valid join token is necessary to join this cluster");
  }
  if (ca.removed.some(({ id }) => id === applicant.id)) return wasRemoved(applicant.id);
  if (node === undefined) return issued(newNode(applicant, role, view.time));
  return node.role !== role || hasProven(node) ? exists(applicant.id) : issued(node);
}

/** What the certificate says that was last issued for the node. */
export function claimsOf(node: Node, ca: ClusterCa, calendar: Timestamp, life: Duration): Claims {
  const signs = signingRoot(ca);
  return {
    serial: node.certificate?.issued ?? 0,
    nodeId: node.id,
    role: node.role,
    organization: ca.organization,
    issuer: signs.digest,
    crossSignedBy: signs === ca.root ? null : ca.root.digest,
    notBefore: (calendar - backdate) as Timestamp,
    notAfter: (calendar + life) as Timestamp,
  };
}

function roleOf(ca: ClusterCa, token: string, planted: Planted): NodeRole | null {
  const role = roleOfToken(ca.joinTokens, token);
  return planted === "K03" && role === "worker" ? "manager" : role;
}

function issued(node: Node): Node {
  const before = node.certificate ?? { issued: 0, proven: null, mustRenew: false };
  return { ...node, certificate: { ...before, issued: before.issued + 1 } };
}

function hasProven({ certificate }: Node): boolean {
  return certificate !== null && certificate.proven !== null;
}

function newNode({ id, description }: Applicant, role: NodeRole, now: Timestamp): Node {
  return {
    kind: "node",
    id,
    meta: unstored,
    spec: { availability: "active", labels: new Map(), desiredRole: role },
    description,
    status: { state: "unknown", message: "", downSince: null },
    availableSince: now,
    role,
    certificate: null,
  };
}

/** The text is SwarmKit's. */
function unknown(id: string): Rejection {
  const message = `node ${id} not found when attempting to renew certificate`;
  return rejection("NotFound", message);
}

function wasRemoved(id: string): Rejection {
  const message = `node ${id} was removed from the swarm: it may join again under a new id`;
  return rejection("FailedPrecondition", message);
}

function exists(id: string): Rejection {
  const message = `node ${id} has joined already: remove it first, or join under a new id`;
  return rejection("AlreadyExists", message);
}
