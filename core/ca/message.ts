import type { Certificate, Root } from "../model/certificate.ts";
import type { Availability, NodeDescription } from "../model/node.ts";

/** From a node to whom it takes for a manager. The only messages that need no certificate. */
export type CaRequest =
  /** Which root is yours? Asked by a node that joins, which knows its digest from the token. */
  | { readonly kind: "root-request" }
  /** Certify me: by the join token, or by the certificate that the connection has shown. */
  | {
      readonly kind: "certificate-request";
      /** Numbers the tries of this node; the answer names it. */
      readonly attempt: number;
      /** What the signer made for this node's new key. */
      readonly request: string;
      readonly token: string | null;
      readonly description: NodeDescription;
      /** What its user wants of it: a node that the cluster does not know yet begins with that. */
      readonly availability: Availability;
    };

/** To the node that asked: from a manager, or a root and whom to ask from a worker. */
export type CaAnswer =
  | { readonly kind: "root"; readonly root: Root }
  | { readonly kind: "certificate"; readonly attempt: number; readonly certificate: Certificate }
  | {
      readonly kind: "certificate-refused";
      readonly attempt: number;
      readonly reason: string;
      /** It has shown a certificate of the cluster, which does not know it: it was removed. */
      readonly isOut: boolean;
    }
  /** Only the leader issues certificates; null when none is known. */
  | { readonly kind: "ask-leader"; readonly attempt: number; readonly leader: string | null };

/** A message for a node that asked. */
export interface ToApplicant {
  readonly to: string;
  readonly message: CaAnswer;
}
