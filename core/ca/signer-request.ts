import type { Certificate, Claims, Root, SigningRoot } from "../model/certificate.ts";
import { type ManagerLock, unlocked } from "../model/manager-lock.ts";

/** What a node asks of its signer. Keys go in and out as opaque texts, or never leave it. */
export type SignerRequest =
  /** Makes a new root, with its key. */
  | { readonly kind: "make-root" }
  /** Signs the new root by the old, so that who trusts the old trusts it. */
  | { readonly kind: "cross-sign"; readonly root: Root; readonly by: SigningRoot }
  /** Signs a node's certificate. `crossSigned`, of those who vouch, is put into its chain. */
  | {
      readonly kind: "issue";
      readonly request: string;
      readonly claims: Claims;
      readonly by: SigningRoot;
      readonly crossSigned: readonly string[];
    }
  /** Makes a new key for this node, kept in memory, and a request for a certificate to it. */
  | { readonly kind: "make-request" }
  /** Keeps exactly these as the trusted roots, on disk. Refused if a digest is not its root's. */
  | { readonly kind: "trust"; readonly roots: readonly Root[] }
  /**
   * Keeps the certificate with the last key made, on disk, and shows it from now on. Refused unless
   * it is for that key and a trusted root has signed it, or vouches for who has. The issuer is
   * trusted from then on.
   */
  | { readonly kind: "install"; readonly certificate: Certificate }
  /**
   * Encrypts all that this node keeps with this key from now on, or no more: its own key, and the
   * key of its log. Answered once what is on disk can't be read without it.
   */
  | { readonly kind: "lock"; readonly lock: ManagerLock };

/** The signer's answers, one for each request, in the order of the requests. */
export type SignerAnswer =
  | { readonly kind: "root-made"; readonly root: SigningRoot }
  | { readonly kind: "cross-signed"; readonly digest: string; readonly crossSigned: string }
  | { readonly kind: "issued"; readonly certificate: Certificate }
  /** Nothing can be signed for that request, which a node has sent: it may be anything. */
  | {
      readonly kind: "not-issued";
      readonly claims: Pick<Claims, "nodeId" | "serial">;
      readonly message: string;
    }
  | { readonly kind: "request-made"; readonly request: string }
  | { readonly kind: "trusted"; readonly roots: readonly Root[] }
  | {
      readonly kind: "installed";
      readonly certificate: Certificate;
      readonly roots: readonly Root[];
    }
  | { readonly kind: "locked"; readonly lock: ManagerLock }
  | {
      readonly kind: "failed";
      readonly request: Exclude<SignerRequest["kind"], "issue">;
      readonly message: string;
    };

/** What a signer has on its disk when the node starts. */
export interface HeldIdentity {
  /** Null until the node has joined. */
  readonly certificate: Certificate | null;
  readonly roots: readonly Root[];
  /** The join token that its user gave it, as long as it has not joined. */
  readonly token: string | null;
  /** What the disk is encrypted with: whoever started the node has given the key. */
  readonly lock: ManagerLock;
}

export const noIdentity: HeldIdentity = {
  certificate: null,
  roots: [],
  token: null,
  lock: unlocked,
};
