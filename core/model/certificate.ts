import type { Timestamp } from "../base/time.ts";
import type { ManagerLock } from "./manager-lock.ts";
import type { NodeRole } from "./node.ts";

/** A certificate authority's own certificate, which signs itself. */
export interface Root {
  /** As the signer made it: PEM in the daemon, opaque to core. */
  readonly certificate: string;
  /** SHA-256 of the certificate in base 36, 50 characters: what a join token names. */
  readonly digest: string;
}

/** A root with its key, which the managers hold so that any of them can lead. */
export interface SigningRoot extends Root {
  /** Opaque to core. Empty: they do not have it, and authorities outside the cluster sign. */
  readonly key: string;
}

/** What a node's certificate says of it. */
export interface Claims {
  /** Counted up from 1 for each node, in the store: a later certificate has a higher one. */
  readonly serial: number;
  readonly nodeId: string;
  readonly role: NodeRole;
  /** `ClusterCa.organization` of the cluster that issued it. */
  readonly organization: string;
  /** Digest of the root that signed it. */
  readonly issuer: string;
  /**
   * Digests of older roots that vouch for the issuer, the newest first: each has signed the key of
   * the one after it. Who trusts none but one of these trusts the issuer; the word of an older
   * root is of no use with who has moved on.
   */
  readonly vouchers: readonly string[];
  readonly notBefore: Timestamp;
  readonly notAfter: Timestamp;
}

/**
 * A node's certificate. Who hands one to core has checked the signature, and that the peer holds
 * the key to it; whether its issuer is trusted and its time is over is for core to say.
 */
export interface Certificate extends Claims {
  /** The certificate itself, with the chain to the root that vouches for it. Opaque to core. */
  readonly text: string;
}

/** A change of root that is under way (SwarmKit `RootRotation`). Written by the leader. */
export interface RootRotation {
  /** Null until the leader's signer has made it. */
  readonly root: SigningRoot | null;
  /** The new root as the old one signed it; null until that is done. */
  readonly crossSigned: string | null;
  /** When nodes were last told to renew; null before the first time. */
  readonly markedAt: Timestamp | null;
}

/** A root that vouches for the one that came after it. */
export interface VouchingRoot {
  readonly digest: string;
  /** The next root's key under its signature: `RootRotation.crossSigned` of that time. */
  readonly crossSigned: string;
}

/** The cluster's certificate authority. The leader writes it. */
export interface ClusterCa {
  /** Names the cluster in certificates (the O of SwarmKit's). */
  readonly organization: string;
  readonly root: SigningRoot;
  /**
   * Those before it, the newest first, `limits.formerRoots` at most. A node that was away while
   * roots were rotated believes by their word who tells it what became of it; in SwarmKit nobody.
   */
  readonly formerRoots: readonly VouchingRoot[];
  readonly joinTokens: JoinTokens;
  readonly rotation: RootRotation | null;
  /**
   * The founders that have not yet shown a certificate: until then Raft takes their
   * messages without one, as there was nobody who could have issued it. It only ever shrinks.
   */
  readonly founding: readonly string[];
}

/** Whoever shows one of these gets a certificate of that role. */
export type JoinTokens = Readonly<Record<NodeRole, string>>;

/** What a node must know of the CA and of its own lock. Told with each answer to a heartbeat. */
export interface Security {
  /** The store's index of the newest of the objects it is made of: older ones are ignored. */
  readonly version: number;
  /** All roots whose certificates are to be trusted: two during a rotation. */
  readonly roots: readonly Root[];
  /** Digest of the root that signs at the moment. */
  readonly issuer: string;
  /** What the node is to be: with a certificate of another role it asks for a new one. */
  readonly role: NodeRole;
  /** A certificate of another issuer is to be renewed now. */
  readonly mustRenew: boolean;
  /** Certificates up to this serial make the node a manager no more (see `NodeCertificate`). */
  readonly lastAsManager: number;
  /** What it encrypts what it keeps with. Only managers are told a key. */
  readonly lock: ManagerLock;
}

/** The root that signs new certificates: the new one as soon as the old one has vouched for it. */
export function signingRoot(ca: ClusterCa): SigningRoot {
  const { root, rotation } = ca;
  return rotation === null || rotation.crossSigned === null ? root : (rotation.root ?? root);
}

/** Those that vouch for the root that signs, one for the other, the newest first. */
export function vouchersOf(ca: ClusterCa): readonly VouchingRoot[] {
  const { root, rotation, formerRoots } = ca;
  const crossSigned = rotation?.crossSigned ?? null;
  return crossSigned === null
    ? formerRoots
    : [{ digest: root.digest, crossSigned }, ...formerRoots];
}

/** True when one of these roots, named by their digests, has signed it or vouches for who has. */
export function isSignedUnder(
  trusted: readonly string[],
  { issuer, vouchers }: Pick<Claims, "issuer" | "vouchers">,
): boolean {
  return trusted.includes(issuer) || vouchers.some((voucher) => trusted.includes(voucher));
}

/** All roots whose certificates are good, the one that signs last. */
export function trustedRoots(ca: ClusterCa): Root[] {
  const signs = signingRoot(ca);
  const roots = signs === ca.root ? [ca.root] : [ca.root, signs];
  return roots.map(({ certificate, digest }) => ({ certificate, digest }));
}
