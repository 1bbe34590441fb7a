import { X509Certificate } from "node:crypto";
import type { Timestamp } from "../../core/base/time.ts";
import type { Certificate, Root } from "../../core/model/certificate.ts";
import type { NodeRole } from "../../core/model/node.ts";
import { rootDigest, serialNamed, serialOf } from "./x509.ts";

/** A certificate of a node, read and checked as far as itself can prove. */
export type ReadChain =
  | { readonly kind: "chain"; readonly certificate: Certificate; readonly root: Root }
  /** It proves nothing: `reason` says why. */
  | { readonly kind: "invalid"; readonly reason: string };

const microsPerMs = 1000;

/**
 * What a node's certificate says, with the chain that comes along: the root in the chain has signed
 * it, and an older root has vouched for that one if it says so. Whether any of these roots is to be
 * trusted, and whether the time is over, is for core to say. The roots' names are all the same, so
 * that signatures are followed by their keys.
 */
export function readChain(text: string): ReadChain {
  const parsed = parse(text);
  if (parsed === null) return invalid("it is no X.509 certificate");
  const [leaf, ...chain] = parsed;
  if (leaf === undefined) return invalid("there is no certificate");
  const issuer = chain.find((each) => isRoot(each) && leaf.verify(each.publicKey));
  if (issuer === undefined) return invalid(unsigned);
  const root = rootOf(issuer);
  const claims = claimsOf(leaf);
  if (claims === null) return invalid("it is not the certificate of a node");
  const crossSignedBy = voucherOf(issuer, chain);
  const certificate = { ...claims, issuer: root.digest, crossSignedBy, text };
  return { kind: "chain", certificate, root };
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

function parse(text: string): X509Certificate[] | null {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return null;
  }
}

function isRoot(certificate: X509Certificate): boolean {
  return certificate.ca && certificate.verify(certificate.publicKey);
}

function rootOf(certificate: X509Certificate): Root {
  const text = certificate.toString().trimEnd();
  return { certificate: text, digest: rootDigest(text) };
}

/** The digest of the root under whose signature the issuer's key is in the chain once more. */
function voucherOf(issuer: X509Certificate, chain: readonly X509Certificate[]): string | null {
  const key = keyOf(issuer);
  const crossed = chain.find((each) => each.ca && !isRoot(each) && keyOf(each) === key);
  const voucher = chain.find((each) => isRoot(each) && crossed?.verify(each.publicKey));
  return voucher === undefined ? null : rootOf(voucher).digest;
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

type OwnClaims = Omit<Certificate, "issuer" | "crossSignedBy" | "text">;

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
