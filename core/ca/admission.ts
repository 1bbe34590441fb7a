import type { Planted } from "../base/planted.ts";
import { type Duration, minutes, type Timestamp } from "../base/time.ts";
import { type Certificate, isSignedUnder } from "../model/certificate.ts";
import { type Cluster, isRemoved } from "../model/cluster.ts";
import type { Node } from "../model/node.ts";

/**
 * What a message is about, as far as it matters who may send it. `raft`: among managers, with the
 * snapshots that belong to it. `forward`: between managers, for clients. `dispatcher`: a leader to
 * its agents; `agent`: the way back. `hint`: whom to ask instead; a root, which is
 * believed for its digest; or that there is a newer incarnation, which nobody believes who has not
 * asked a manager; and words of an older incarnation, which are answered with such a hint and not
 * taken. `addresses`: where managers are reached.
 */
export type Traffic =
  | "raft"
  | "forward"
  | "agent"
  | "dispatcher"
  | "hint"
  | "addresses"
  | "ca-request"
  | "ca-answer";

/** A peer at the other end of a connection, as far as the connection proves it. */
export interface Peer {
  readonly id: string;
  /** Null when it has shown none. */
  readonly certificate: Certificate | null;
}

/** A peer, and which process it is. */
export interface Speaker extends Peer {
  /** Drawn by the process at its start; empty: it does not say. */
  readonly instance: string;
}

/** What the receiver knows. */
export interface Receiver {
  readonly self: string;
  readonly calendar: Timestamp;
  /** Digests of the roots that are trusted here; before it has joined, the one in its token. */
  readonly trusted: readonly string[];
  /** The managers that found the cluster, if the receiver is one of them; else none. */
  readonly founders: readonly string[];
  /** The receiver's copy of the cluster; null on workers, and before there is any. */
  readonly cluster: Cluster | null;
  /** The peer in the receiver's copy of the store. */
  readonly stored: Node | undefined;
  readonly planted: Planted;
}

/** Why a message is not let in, in SwarmKit's words where it has some. */
export interface Refusal {
  readonly reason: string;
  /** The sender was removed from the cluster. */
  readonly isFinal: boolean;
}

/**
 * What a connection to a peer is good for. `member`: all that its role may say. `guest`: only for a
 * certificate that is good, or to hear why it gets none; it may stay for this long. `refused`:
 * nothing.
 */
export type Welcome =
  | { readonly kind: "member" }
  | { readonly kind: "guest"; readonly reason: string; readonly patience: Duration }
  | { readonly kind: "refused"; readonly reason: string };

const asMember: Welcome = { kind: "member" };
/** A join takes less than a second. */
const guestPatience = minutes(1);

/** Of everybody, before the node has started: it can't tell yet whom it knows. */
export const starting = asGuest("the node is starting: try again");

/**
 * Whether a peer may have a connection here, and for what; each message is looked at besides. An
 * expired certificate is refused at once when the cluster has seen a newer one of that node: then
 * somebody else has kept the key, to whom nothing is to be sent.
 */
export function welcome({ id, certificate }: Peer, receiver: Receiver): Welcome {
  if (certificate === null || receiver.trusted.length === 0) {
    return asGuest(denied(`${id} has shown no certificate`).reason);
  }
  if (isRemoved(receiver.cluster, id)) return asGuest(removed(id).reason);
  const problem = strange(id, certificate, receiver);
  if (problem !== null) return { kind: "refused", reason: denied(problem).reason };
  if (receiver.calendar <= certificate.notAfter) return asMember;
  const { reason } = denied(`the certificate of ${id} has expired`);
  return hasNewer(certificate, receiver) ? { kind: "refused", reason } : asGuest(reason);
}

/**
 * Whether a node may not be heard since another process speaks as the same one: what it keeps is in
 * use twice, as on a machine that was cloned. Both would vote, and acknowledge what the other does
 * not hold. The newer certificate counts, and with the same the process that was there first: it
 * has gone on since the copy was made. One that has ended is there no more.
 */
export function isTwin(newcomer: Speaker, present: Speaker): boolean {
  const isSame = newcomer.instance === present.instance;
  if (isSame || newcomer.instance === "" || present.instance === "") return false;
  return (newcomer.certificate?.serial ?? 0) <= (present.certificate?.serial ?? 0);
}

/** Why a twin is not heard. `host`: where the other one is. */
export function twinProblem(id: string, host: string): string {
  return (
    `another process speaks as node ${id} already, from ${host}: a copy of its state directory ` +
    "must not run; stop it, and have that machine join as a node of its own"
  );
}

function asGuest(reason: string): Welcome & { readonly kind: "guest" } {
  return { kind: "guest", reason, patience: guestPatience };
}

/**
 * Whether what a peer says of where managers are reached is believed. Before the node has started,
 * where `receiver` is null, its certificate's role counts: it is only where to dial, and who is
 * there proves who it is.
 */
export function knowsManagers(peer: Peer, receiver: Receiver | null): boolean {
  if (receiver === null) return peer.certificate?.role === "manager";
  return refusal("addresses", peer, receiver) === null;
}

/**
 * Why a message is not let in; null when it is.
 *
 * Every message but a request to the CA needs a certificate of this cluster, of a trusted root, of
 * the role that sends such messages, and of a node that has not been removed. A manager's
 * certificate from before it was demoted is worth as much as a worker's; in SwarmKit it is a
 * manager's until it expires. Two exceptions let a cluster recover whose certificates have all
 * expired while it was off:
 *   1. Raft's messages, hints and the CA's answers pass with an expired one. That is safe: the
 *      connection still proves that the peer holds the key, and the root has said whose key it is.
 *      What the expiry guards against is a key that was stolen some time ago; so an expired
 *      certificate passes only while the cluster has seen no newer one of that node. A certificate
 *      in an answer is believed for its own signature, not for who sends it.
 *   2. A founder without a certificate takes part in Raft until it has first shown one, since
 *      somebody must agree on the root. A cluster that is founded by one node, as the daemon's
 *      are, has no peer of which this could be true.
 */
export function refusal(traffic: Traffic, peer: Peer, receiver: Receiver): Refusal | null {
  const { id, certificate } = peer;
  if (id === receiver.self) return null;
  if (certificate === null || receiver.trusted.length === 0) {
    const isLetIn = traffic === "ca-request" || isFounding(traffic, id, receiver);
    return isLetIn || receiver.planted === "K12" ? null : denied(`${id} has shown no certificate`);
  }
  const isBarred = receiver.planted !== "M04" && receiver.planted !== "K17";
  if (isBarred && isRemoved(receiver.cluster, id)) return removed(id);
  const problem =
    strange(id, certificate, receiver) ??
    wrongRole(traffic, certificate, receiver) ??
    expired(traffic, certificate, receiver);
  return problem === null ? null : denied(problem);
}

/**
 * True when the peer is a manager whose word may end this node's part in the cluster. A founder
 * needs no certificate for that only as long as there is no root that could have issued one.
 */
export function speaksAsManager({ id, certificate }: Peer, receiver: Receiver): boolean {
  if (id === receiver.self || receiver.planted === "K11") return true;
  if (receiver.trusted.length === 0) return isFounding("raft", id, receiver);
  return (
    certificate !== null &&
    isManagers(certificate, receiver) &&
    receiver.calendar <= certificate.notAfter
  );
}

/** True for what a founder may say before it has a certificate. */
function isFounding(traffic: Traffic, id: string, { cluster, founders }: Receiver): boolean {
  if (traffic !== "raft" && traffic !== "ca-answer" && traffic !== "hint") return false;
  return (cluster?.ca?.founding ?? founders).includes(id);
}

function strange(id: string, certificate: Certificate, receiver: Receiver): string | null {
  const { organization, nodeId } = certificate;
  if (nodeId !== id && receiver.planted !== "K09")
    return `${id} has shown the certificate of ${nodeId}`;
  if (!isSignedUnder(trustedBy(receiver), certificate) && receiver.planted !== "K10") {
    return "certificate signed by unknown authority";
  }
  const own = receiver.cluster?.ca?.organization ?? organization;
  if (organization === own) return null;
  return `remote certificate not part of organization: ${own}`;
}

function trustedBy({ trusted, cluster, planted }: Receiver): readonly string[] {
  if (planted !== "K16") return trusted;
  return [...trusted, ...(cluster?.ca?.formerRoots ?? []).map(({ digest }) => digest)];
}

/** Workers send as agents only; managers are agents too, and ask the CA like everybody. */
function wrongRole(traffic: Traffic, certificate: Certificate, receiver: Receiver): string | null {
  if (traffic === "agent" || traffic === "ca-request" || traffic === "hint") return null;
  if (isManagers(certificate, receiver) || receiver.planted === "K06") return null;
  return certificate.role === "manager"
    ? `the certificate of ${certificate.nodeId} is from before it was demoted`
    : `unauthorized peer role: swarm-${certificate.role}`;
}

function isManagers({ role, serial }: Certificate, { stored, planted }: Receiver): boolean {
  const demotedAt = planted === "K07" ? 0 : (stored?.certificate?.lastAsManager ?? 0);
  return role === "manager" && serial > demotedAt;
}

function expired(traffic: Traffic, certificate: Certificate, receiver: Receiver): string | null {
  const { notAfter, nodeId } = certificate;
  if (receiver.calendar <= notAfter || receiver.planted === "K08") return null;
  const mayRecover = traffic !== "agent" && traffic !== "dispatcher" && traffic !== "forward";
  if (mayRecover && !hasNewer(certificate, receiver)) return null;
  return `the certificate of ${nodeId} has expired`;
}

/** True when the cluster has seen a newer certificate of that node. */
function hasNewer({ serial }: Certificate, { stored }: Receiver): boolean {
  return serial < (stored?.certificate?.proven?.serial ?? 0);
}

function removed(id: string): Refusal {
  return { reason: `Permission denied: node ${id} was removed from swarm`, isFinal: true };
}

function denied(problem: string): Refusal {
  return { reason: `Permission denied: ${problem}`, isFinal: false };
}
