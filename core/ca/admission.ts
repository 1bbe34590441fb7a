import type { Timestamp } from "../base/time.ts";
import type { Certificate, ClusterCa } from "../model/certificate.ts";
import type { Node, NodeRole } from "../model/node.ts";

/**
 * What a message is about, as far as it matters who may send it. `raft`: among managers, with the
 * snapshots that belong to it. `forward`: between managers, for clients. `dispatcher`: a leader to
 * its agents; `agent`: the way back.
 */
export type Traffic = "raft" | "forward" | "agent" | "dispatcher" | "ca-request" | "ca-answer";

/** A peer at the other end of a connection, as far as the connection proves it. */
export interface Peer {
  readonly id: string;
  /** Null when it has shown none. */
  readonly certificate: Certificate | null;
}

/** What the receiver knows. */
export interface Gate {
  readonly self: string;
  readonly calendar: Timestamp;
  /** Digests of the roots that are trusted here; before it has joined, the one in its token. */
  readonly trusted: readonly string[];
  /** The managers that found the cluster, if the receiver is one of them; else none. */
  readonly founders: readonly string[];
  /** The receiver's copy of the CA; null on workers, and before there is any. */
  readonly ca: ClusterCa | null;
  /** The peer in the receiver's copy of the store. */
  readonly stored: Node | undefined;
  /** The receiver leads and has caught up: a node that it does not know has been removed. */
  readonly isLeading: boolean;
}

/**
 * Why a message is not let in, in SwarmKit's words where it has some; or null when it is.
 *
 * Every message but a request to the CA needs a certificate of this cluster, of a trusted root, of
 * the role that sends such messages, and of a node that has not been removed. Two exceptions let a
 * cluster recover whose certificates have all expired while it was off:
 *   1. Raft's messages and the CA's answers pass with an expired one. That is safe: the connection
 *      still proves that the peer holds the key, and the root has said whose key it is. What the
 *      expiry guards against is a key that was stolen some time ago; so an expired certificate
 *      passes only while the cluster has seen no newer one of that node. A certificate in an answer
 *      is believed for its own signature, not for who sends it.
 *   2. A founder without a certificate takes part in Raft until it has first shown one, since
 *      somebody must agree on the root. A cluster that is founded by one node, as the daemon's
 *      are, has no peer of which this could be true.
 */
export function refusal(traffic: Traffic, peer: Peer, gate: Gate): string | null {
  if (peer.id === gate.self) return null;
  const { certificate } = peer;
  if (certificate === null || gate.trusted.length === 0) {
    return withoutCertificate(traffic, peer.id, gate);
  }
  return (
    strange(peer.id, certificate, gate) ??
    removed(traffic, peer.id, gate) ??
    wrongRole(traffic, certificate.role) ??
    expired(traffic, certificate, gate)
  );
}

function withoutCertificate(traffic: Traffic, id: string, gate: Gate): string | null {
  if (traffic === "ca-request") return null;
  const isFounder = (gate.ca?.founding ?? gate.founders).includes(id);
  if (isFounder && (traffic === "raft" || traffic === "ca-answer")) return null;
  return `Permission denied: ${id} has shown no certificate`;
}

function strange(id: string, certificate: Certificate, gate: Gate): string | null {
  const { issuer, crossSignedBy, organization, nodeId } = certificate;
  if (nodeId !== id) return `Permission denied: ${id} has shown the certificate of ${nodeId}`;
  const isTrusted = [issuer, crossSignedBy].some((root) => gate.trusted.includes(root ?? ""));
  if (!isTrusted) return "Permission denied: certificate signed by unknown authority";
  if (gate.ca === null || organization === gate.ca.organization) return null;
  return `Permission denied: remote certificate not part of organization: ${gate.ca.organization}`;
}

/** A manager may not have heard yet of a node that joined; a leader knows them all. */
function removed(traffic: Traffic, id: string, gate: Gate): string | null {
  const isListed = gate.ca?.removed.some((each) => each.id === id) ?? false;
  const isGone = traffic === "agent" && gate.isLeading && gate.stored === undefined;
  if (!isListed && !isGone) return null;
  return `Permission denied: node ${id} was removed from swarm`;
}

/** Workers send as agents only; managers are agents too, and ask the CA like everybody. */
function wrongRole(traffic: Traffic, role: NodeRole): string | null {
  if (role === "manager" || traffic === "agent" || traffic === "ca-request") return null;
  return `Permission denied: unauthorized peer role: swarm-${role}`;
}

function expired(traffic: Traffic, certificate: Certificate, gate: Gate): string | null {
  const { serial, notAfter } = certificate;
  if (gate.calendar <= notAfter) return null;
  const proven = gate.stored?.certificate?.proven?.serial ?? 0;
  const mayRecover = traffic === "raft" || traffic === "ca-answer" || traffic === "ca-request";
  if (mayRecover && serial >= proven) return null;
  return `Permission denied: the certificate of ${certificate.nodeId} has expired`;
}
