import type { Duration } from "../base/time.ts";
import type { Certificate, Claims, Root } from "../model/certificate.ts";

/** Has one authority outside the cluster sign one certificate. */
export interface ExternalRequest {
  /** The answer names it. No two requests of a node's life have the same. */
  readonly id: number;
  readonly url: string;
  /** What the node's signer has made: a request for a certificate to its key. */
  readonly request: string;
  /** What is to be certified. How long, the authority decides for itself. */
  readonly claims: Claims;
  /** Under which it must sign, and which must vouch for its own TLS certificate. */
  readonly root: Root;
  /** Put into the certificate's chain, for those who know none but an older root. */
  readonly crossSigned: readonly string[];
  /** After this long without a whole answer it has failed. */
  readonly timeout: Duration;
}

export type ExternalAnswer =
  /**
   * The root asked for has signed it. What it says is for core to look at. `isForRequest`: it is
   * for the key of the request.
   */
  | {
      readonly kind: "signed";
      readonly id: number;
      readonly certificate: Certificate;
      readonly isForRequest: boolean;
    }
  /** There is no certificate of that root: `reason` says what came instead. */
  | { readonly kind: "failed"; readonly id: number; readonly reason: string };
