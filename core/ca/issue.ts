import type { Planted } from "../base/planted.ts";
import { after, type Duration, hours, type Timestamp } from "../base/time.ts";
import {
  type Certificate,
  type Claims,
  type ClusterCa,
  signingRoot,
  vouchersOf,
} from "../model/certificate.ts";
import { changedNode } from "../model/changed.ts";
import { descriptionProblem } from "../model/description.ts";
import { parseToken, roleOfToken } from "../model/join-token.ts";
import {
  type Availability,
  hasProven,
  type Newcomer,
  type Node,
  type NodeDescription,
  type NodeRole,
  noCertificate,
} from "../model/node.ts";
import { invalidArgument, type Rejection, rejection } from "../model/rejection.ts";
import type { PlanContext } from "../plan/plan.ts";
import type { StoreView } from "../store/view.ts";
import type { SignerRequest } from "./signer-request.ts";

/** Certificates begin an hour before they are made, for nodes whose calendar is behind. */
export const backdate = hours(1);

/** Who asks for a certificate, and what it has shown for it. */
export interface Applicant {
  readonly id: string;
  readonly token: string | null;
  /** The certificate of its connection, checked by `admission.ts`; it may have expired. */
  readonly shown: Certificate | null;
  readonly description: NodeDescription;
  readonly availability: Availability;
}

type Issue = SignerRequest & { readonly kind: "issue" };

/** A request for a certificate, at the leader. */
export interface WaitingRequest {
  readonly applicant: Applicant;
  readonly attempt: number;
  readonly request: string;
}

/** Makes the object of a node that joins; null: it was removed, and stays out. */
export type Admit = (context: PlanContext, newcomer: Newcomer) => Node | null;

/**
 * The node object with one more certificate issued, or why there is none. A node gets the role
 * that the cluster has stored for it, whatever it was: by its certificate, the expired one too, as
 * long as the node has not been removed (SwarmKit refuses expired ones, so that a cluster that was
 * off for too long had to be made anew: moby/moby#24132, #42660); or by the token of its role,
 * until it has once shown a certificate. A token is only good for a role, and never makes one node
 * speak as another.
 */
export function nextCertificate(
  context: PlanContext,
  ca: ClusterCa,
  applicant: Applicant,
  goodUntil: Timestamp,
  admit: Admit,
): Node | Rejection {
  const { view, planted } = context;
  const { id, shown, token, description, availability } = applicant;
  const node = view.nodes.get(id);
  const problem = descriptionProblem(view.cluster, id, description);
  if (problem !== null) return rejection("FailedPrecondition", problem);
  if (shown !== null) {
    const isOut = planted === "K02" && shown.notAfter < context.now;
    return node === undefined || isOut ? unknown(id) : issued(node, goodUntil);
  }
  const role = token === null ? null : roleOf(ca, token, planted);
  if (role === null) {
    return invalidArgument("A valid join token is necessary to join this cluster");
  }
  if (node !== undefined) {
    return isGood(node, role) && !hasProven(node) ? issued(node, goodUntil) : exists(id);
  }
  const status = { state: "unknown", message: "", downSince: null } as const;
  const admitted = admit(context, { id, description, availability, status, role });
  return admitted === null ? wasRemoved(id) : issued(admitted, goodUntil);
}

/** What the certificate says that was last issued for the node. */
export function claimsOf(node: Node, ca: ClusterCa, calendar: Timestamp, life: Duration): Claims {
  const { issued: serial, goodUntil } = node.certificate ?? noCertificate;
  return {
    serial,
    nodeId: node.id,
    role: node.role,
    organization: ca.organization,
    issuer: signingRoot(ca).digest,
    vouchers: vouchersOf(ca).map(({ digest }) => digest),
    notBefore: (calendar - backdate) as Timestamp,
    notAfter: Math.min(after(calendar, life), goodUntil) as Timestamp,
  };
}

/** What is to be signed that was issued in the store, as it stands there now; null: it is gone. */
export function toSign(
  { cluster, nodes }: StoreView,
  id: string,
  { request }: WaitingRequest,
  calendar: Timestamp,
): Issue | null {
  const node = nodes.get(id);
  if (node === undefined || cluster === null || cluster.ca === null) return null;
  const { ca, spec } = cluster;
  const crossSigned = vouchersOf(ca).map((voucher) => voucher.crossSigned);
  const claims = claimsOf(node, ca, calendar, spec.nodeCertExpiry);
  return { kind: "issue", request, claims, by: signingRoot(ca), crossSigned };
}

function roleOf(ca: ClusterCa, token: string, planted: Planted): NodeRole | null {
  const role = roleOfToken(ca.joinTokens, token);
  if (planted === "K13" && parseToken(token)?.digest === ca.root.digest) return "worker";
  return planted === "K03" && role === "worker" ? "manager" : role;
}

function issued(node: Node, until: Timestamp): Node {
  const before = node.certificate ?? noCertificate;
  const goodUntil = Math.max(before.goodUntil, until) as Timestamp;
  const { issued, proven, mustRenew, lastAsManager } = before;
  const certificate = { issued: issued + 1, goodUntil, proven, mustRenew, lastAsManager };
  return changedNode(node, { certificate });
}

/** True for the token with which the node joined, also when it was demoted since. */
function isGood({ role, certificate }: Node, tokenRole: NodeRole): boolean {
  const wasManager = certificate !== null && certificate.lastAsManager > 0;
  return tokenRole === role || (tokenRole === "manager" && wasManager);
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
