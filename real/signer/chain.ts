import { X509Certificate } from "node:crypto";
import { limits } from "../../core/base/limits.ts";
import type { Timestamp } from "../../core/base/time.ts";
import type { Certificate, Root } from "../../core/model/certificate.ts";
import type { NodeRole } from "../../core/model/node.ts";
import { certificatesIn, rootDigest, serialNamed, serialOf } from "./x509.ts";

/** A certificate of a node, read and checked as far as itself can prove. */
export type ReadChain =
  | {
      readonly kind: "chain";
      readonly certificate: Certificate;
      /**
       * The certificate itself, in DER. What else reads the text may take another for the first: to
       * OpenSSL some PEM is a certificate that is none here.
       */
      readonly der: Buffer;
      readonly root: Root;
    }
  /** It proves nothing: `reason` says why. */
  | { readonly kind: "invalid"; readonly reason: string };

const microsPerMs = 1000;
/** Behind a node's certificate: its root, and two for each older one that vouches for it. */
const chainMost = 1 + 2 * (limits.formerRoots + 1);

/**
 * What a node's certificate says, with the chain that comes along: the root in the chain has
 * signed it, and older roots have vouched for that one, and each for the next, if it says so.
 * Whether any of these roots is to be trusted, and whether the time is over, is for core to say.
 * The roots' names are all the same, so that signatures are followed by their keys.
 */
export function readChain(text: string): ReadChain {
  const texts = certificatesIn(text);
  if (texts.length > 1 + chainMost) return invalid(`${texts.length - 1} others come with it`);
  try {
    return readAll(
      text,
      texts.map((each) => new X509Certificate(each)),
    );
  } catch {
    // Some is only found out when it is asked for, such as a key of a kind that nobody knows.
    return invalid("it is no X.509 certificate");
  }
}

function readAll(text: string, [leaf, ...chain]: readonly X509Certificate[]): ReadChain {
  if (leaf === undefined) return invalid("there is no certificate");
  const roots = chain.filter(isRoot);
  const issuer = roots.find((each) => leaf.verify(each.publicKey));
  if (issuer === undefined) return invalid(unsigned);
  const root = rootOf(issuer);
  const claims = claimsOf(leaf);
  if (claims === null) return invalid("it is not the certificate of a node");
  const crossed = chain.filter((each) => each.ca && !roots.includes(each));
  const vouchers = vouchersOf(issuer, roots, crossed);
  const certificate = { ...claims, issuer: root.digest, vouchers, text };
  return { kind: "chain", certificate, der: leaf.raw, root };
}

/** The same of a certificate without its chain, in DER, which one of `roots` must have signed. */
export function readLeaf(der: Uint8Array, roots: readonly Root[]): ReadChain {
  const pem = Buffer.from(der).toString("base64");
  const leaf = `-----BEGIN CERTIFICATE-----\n${pem}\n-----END CERTIFICATE-----`;
  const read = readChain([leaf, ...roots.map(({ certificate }) => certificate)].join("\n"));
  if (read.kind === "chain" || read.reason !== unsigned) return read;
  return invalid("certificate signed by unknown authority");
}

const unsigned = "no root that comes with it has signed it";

function invalid(reason: string): ReadChain {
  return { kind: "invalid", reason };
}

function isRoot(certificate: X509Certificate): boolean {
  return certificate.ca && certificate.verify(certificate.publicKey);
}

function rootOf(certificate: X509Certificate): Root {
  const text = certificate.toString().trimEnd();
  return { certificate: text, digest: rootDigest(text) };
}

/**
 * Digests of the roots that vouch for the issuer, one for the other, the newest first: the next is
 * the one under whose signature the key is in the chain once more, in one of `crossed`.
 */
function vouchersOf(
  issuer: X509Certificate,
  roots: readonly X509Certificate[],
  crossed: readonly X509Certificate[],
): string[] {
  const vouchers: string[] = [];
  const left = [...crossed];
  for (let root: X509Certificate | undefined = issuer; root !== undefined; ) {
    const key = keyOf(root);
    const at = left.findIndex((each) => keyOf(each) === key);
    const [found] = at < 0 ? [] : left.splice(at, 1);
    root = roots.find((each) => found?.verify(each.publicKey));
    if (root !== undefined) vouchers.push(rootOf(root).digest);
  }
  return vouchers;
}

/** The public key as a text that can be compared. */
export function keyOf({ publicKey }: X509Certificate): string {
  return publicKey.export({ type: "spki", format: "pem" }).toString();
}

/** Extended usages of TLS servers and clients (RFC 5280, 4.2.1.12). */
const bothWays = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"];

/** True for a certificate (PEM) with which a node can both answer connections and open them. */
export function servesBothWays(text: string): boolean {
  const usages = new X509Certificate(text).keyUsage as string[] | undefined;
  return usages === undefined || bothWays.every((usage) => usages.includes(usage));
}

type OwnClaims = Omit<Certificate, "issuer" | "vouchers" | "text">;

function claimsOf(leaf: X509Certificate): OwnClaims | null {
  const { CN, OU, O } = leaf.toLegacyObject().subject as unknown as Record<string, unknown>;
  const serial = serialOf(leaf.serialNumber) ?? serialNamed(leaf.subjectAltName ?? "");
  const role = roleOf(OU);
  if (leaf.ca || typeof CN !== "string" || typeof O !== "string") return null;
  if (serial === null || role === null) return null;
  const notBefore = timestampOf(leaf.validFrom);
  const notAfter = timestampOf(leaf.validTo);
  return { serial, nodeId: CN, role, organization: O, notBefore, notAfter };
}

function roleOf(unit: unknown): NodeRole | null {
  if (unit === "swarm-manager") return "manager";
  return unit === "swarm-worker" ? "worker" : null;
}

function timestampOf(date: string): Timestamp {
  return (Date.parse(date) * microsPerMs) as Timestamp;
}
