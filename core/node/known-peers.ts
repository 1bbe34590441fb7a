import { type Peer, type Receiver, type Refusal, refusal, type Traffic } from "../ca/admission.ts";
import type { Certificate } from "../model/certificate.ts";
import type { Cluster } from "../model/cluster.ts";
import type { Node } from "../model/node.ts";

/** All that it rests on that a sender was let in: none of it is ever changed, only replaced. */
interface LetIn {
  readonly traffic: Traffic;
  readonly certificate: Certificate;
  readonly trusted: readonly string[];
  readonly cluster: Cluster | null;
  readonly stored: Node | undefined;
}

/**
 * Who may come in (see `refusal`). Nearly every message is of the same kind as its sender's last
 * one, and nothing has changed since on which the verdict rests: that is seen at a glance.
 */
export class KnownPeers {
  /** By sender: nodes of the cluster, for they have shown its certificates. */
  readonly #letIn = new Map<string, LetIn>();
  #cluster: Cluster | null = null;

  /** Why the message is not let in; null when it is. */
  refusal(traffic: Traffic, peer: Peer, receiver: Receiver): Refusal | null {
    const { id, certificate } = peer;
    const { cluster, stored, trusted } = receiver;
    if (certificate === null) return refusal(traffic, peer, receiver);
    const last = this.#letIn.get(id);
    if (last !== undefined && isSame(last, traffic, certificate, receiver)) return null;
    const refused = refusal(traffic, peer, receiver);
    if (refused !== null) return refused;
    this.#forgetIfOther(cluster);
    this.#letIn.set(id, { traffic, certificate, trusted, cluster, stored });
    return null;
  }

  /** Those that were removed, too. */
  #forgetIfOther(cluster: Cluster | null): void {
    if (cluster === this.#cluster) return;
    this.#cluster = cluster;
    this.#letIn.clear();
  }
}

function isSame(
  last: LetIn,
  traffic: Traffic,
  certificate: Certificate,
  receiver: Receiver,
): boolean {
  return (
    last.traffic === traffic &&
    last.certificate === certificate &&
    last.stored === receiver.stored &&
    last.cluster === receiver.cluster &&
    last.trusted === receiver.trusted &&
    receiver.calendar <= certificate.notAfter
  );
}
