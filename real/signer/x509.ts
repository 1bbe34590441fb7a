import { createHash, randomBytes, webcrypto } from "node:crypto";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import type { Timestamp } from "../../core/base/time.ts";
import type { Claims, Root, SigningRoot } from "../../core/model/certificate.ts";

/**
 * X.509 as the cluster's CA uses it: ECDSA on P-256, a root called `swarm-ca` for twenty years,
 * nodes' certificates with the node's id as CN, its role as OU and the cluster as O, as SwarmKit's.
 */

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const usages: readonly KeyUsage[] = ["sign", "verify"];
const rootName = "CN=swarm-ca";
const rootLifeYears = 20;
const microsPerMs = 1000;

type KeyUsage = "sign" | "verify";

x509.cryptoProvider.set(webcrypto);

/** A key of this node's, and the request for a certificate to it; both PEM. */
export interface KeyRequest {
  readonly key: string;
  readonly request: string;
}

export async function makeRoot(now: Date, name = rootName): Promise<SigningRoot> {
  const keys = await newKeys();
  const notAfter = new Date(now);
  notAfter.setUTCFullYear(now.getUTCFullYear() + rootLifeYears);
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name,
    keys,
    serialNumber: `01${randomBytes(15).toString("hex")}`,
    notBefore: hourBefore(now),
    notAfter,
    signingAlgorithm: algorithm,
    extensions: authorityExtensions(),
  });
  const certificate = made.toString("pem");
  return { certificate, digest: rootDigest(certificate), key: await privatePem(keys.privateKey) };
}

/** Whose certificate (PEM) it is: the name and the public key, both DER. */
export function subjectOf(certificate: string): { readonly name: Buffer; readonly key: Buffer } {
  const { subjectName, publicKey } = new x509.X509Certificate(certificate);
  return { name: Buffer.from(subjectName.toArrayBuffer()), key: Buffer.from(publicKey.rawData) };
}

/**
 * The new root's key under the old root's signature, with the old root's own certificate behind it
 * for those that follow the chain.
 */
export async function crossSign(root: Root, by: SigningRoot): Promise<string> {
  const [subject, issuer] = [root, by].map((each) => new x509.X509Certificate(each.certificate));
  if (subject === undefined || issuer === undefined) throw new Error("two roots have two texts");
  const made = await x509.X509CertificateGenerator.create({
    subject: subject.subject,
    issuer: issuer.subject,
    serialNumber: `01${randomBytes(15).toString("hex")}`,
    notBefore: subject.notBefore,
    notAfter: issuer.notAfter < subject.notAfter ? issuer.notAfter : subject.notAfter,
    publicKey: subject.publicKey,
    signingKey: await privateKeyOf(by.key),
    signingAlgorithm: algorithm,
    extensions: authorityExtensions(),
  });
  return joinedPem([made.toString("pem"), by.certificate]);
}

/** A key and a request for it. The request says nothing but the key: the CA knows the rest. */
export async function makeRequest(): Promise<KeyRequest> {
  const keys = await newKeys();
  const made = await x509.Pkcs10CertificateRequestGenerator.create({
    name: "CN=swarm-node",
    keys,
    signingAlgorithm: algorithm,
  });
  return { key: await privatePem(keys.privateKey), request: made.toString("pem") };
}

/** The node's certificate, and behind it the root that signed it and those that vouch for that. */
export async function issue(
  request: string,
  claims: Claims,
  by: SigningRoot,
  crossSigned: readonly string[],
): Promise<string> {
  const asked = new x509.Pkcs10CertificateRequest(request);
  if (!(await asked.verify())) throw new Error("the request is not signed with its own key");
  const { nodeId, role, organization, notBefore, notAfter } = claims;
  const made = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [nodeId] }, { OU: [`swarm-${role}`] }, { O: [organization] }],
    issuer: new x509.X509Certificate(by.certificate).subject,
    serialNumber: serialText(claims.serial),
    notBefore: dateOf(notBefore),
    notAfter: dateOf(notAfter),
    publicKey: asked.publicKey,
    signingKey: await privateKeyOf(by.key),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        x509.ExtendedKeyUsage.serverAuth,
        x509.ExtendedKeyUsage.clientAuth,
      ]),
      new x509.SubjectAlternativeNameExtension([{ type: "dns", value: nodeId }]),
    ],
  });
  return joinedPem([made.toString("pem"), by.certificate, ...crossSigned]);
}

/** SHA-256 of the certificate in base 36, 50 characters. */
export function rootDigest(certificate: string): string {
  const der = new Uint8Array(new x509.X509Certificate(certificate).rawData);
  const hash = createHash("sha256").update(der).digest("hex");
  return BigInt(`0x${hash}`).toString(36).padStart(50, "0");
}

/** One byte so that it is not negative, seven of the node's own number, eight that nobody knows. */
function serialText(serial: number): string {
  return `01${serial.toString(16).padStart(14, "0")}${randomBytes(8).toString("hex")}`;
}

/** The node's own number of its certificate; null when the text is not one of ours. */
export function serialOf(text: string): number | null {
  const digits = /^0?1([0-9a-f]{14})[0-9a-f]{16}$/i.exec(text)?.[1];
  const serial = digits === undefined ? Number.NaN : Number.parseInt(digits, 16);
  return Number.isSafeInteger(serial) ? serial : null;
}

const serialHost = /DNS:serial-(\d+)\.swarm(?=,|$)/g;

/** The same number as a host name, in certificates of those who do not let us choose theirs. */
export function serialName(serial: number): string {
  return `serial-${serial}.swarm`;
}

/** The number among the alternative names of a subject; null when there is none, or several. */
export function serialNamed(names: string): number | null {
  const found = [...names.matchAll(serialHost)];
  const serial = Number(found[0]?.[1]);
  return found.length === 1 && Number.isSafeInteger(serial) ? serial : null;
}

/** The public key in a request (PEM), DER. */
export function requestKey(request: string): Buffer {
  return Buffer.from(new x509.Pkcs10CertificateRequest(request).publicKey.rawData);
}

function authorityExtensions(): x509.Extension[] {
  const { keyCertSign, cRLSign } = x509.KeyUsageFlags;
  return [
    new x509.BasicConstraintsExtension(true, 1, true),
    new x509.KeyUsagesExtension(keyCertSign | cRLSign, true),
  ];
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, [...usages]);
}

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = await webcrypto.subtle.exportKey("pkcs8", key);
  return x509.PemConverter.encode(bytes, "PRIVATE KEY");
}

async function privateKeyOf(pem: string): Promise<webcrypto.CryptoKey> {
  const bytes = x509.PemConverter.decodeFirst(pem);
  return webcrypto.subtle.importKey("pkcs8", bytes, algorithm, false, ["sign"]);
}

/** The certificates in a text, each in PEM. */
export function certificatesIn(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
}

/** Several PEM texts as one. */
export function joinedPem(parts: readonly string[]): string {
  return parts.map((part) => part.trimEnd()).join("\n");
}

function dateOf(timestamp: Timestamp): Date {
  return new Date(Math.floor(timestamp / microsPerMs));
}

function hourBefore(date: Date): Date {
  return new Date(date.getTime() - 3_600_000);
}
