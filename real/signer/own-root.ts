import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import type { Timestamp } from "../../core/base/time.ts";
import type { OwnRoot } from "../../core/control/ca.ts";
import type { Root } from "../../core/model/certificate.ts";
import { keyOf } from "./chain.ts";
import { certificatesIn, rootDigest } from "./x509.ts";

/**
 * A root of the user's own, from its two PEM texts; without a key authorities outside sign for it.
 * Throws with what is wrong with them.
 */
export function ownRoot(certificate: string, key: string | null): OwnRoot {
  const { texts, text, read } = rootAmong(certificate);
  return {
    certificate: text,
    digest: rootDigest(text),
    key: key === null ? "" : keyFor(read, key),
    notAfter: (Date.parse(read.validTo) * 1000) as Timestamp,
    certificates: texts.length,
  };
}

/** The root in a PEM text. Throws with what is wrong with it. */
export function rootIn(certificate: string): Root {
  const { text } = rootAmong(certificate);
  return { certificate: text, digest: rootDigest(text) };
}

function rootAmong(certificate: string) {
  const texts = certificatesIn(certificate);
  const [text] = texts;
  if (text === undefined) throw new Error("the root certificate is no PEM of a certificate");
  const read = new X509Certificate(text);
  if (!read.ca || !read.verify(read.publicKey)) {
    throw new Error("the certificate is no root: it must be a CA's and signed by itself");
  }
  return { texts, text, read };
}

/** The key in PKCS 8. */
function keyFor(read: X509Certificate, key: string): string {
  const own = createPrivateKey(key);
  if (own.asymmetricKeyType !== "ec" || own.asymmetricKeyDetails?.namedCurve !== "prime256v1") {
    throw new Error("the root's key must be ECDSA on P-256 (prime256v1)");
  }
  const publicText = createPublicKey(own).export({ type: "spki", format: "pem" }).toString();
  if (keyOf(read) !== publicText) throw new Error("the key is not that of the root certificate");
  return own.export({ type: "pkcs8", format: "pem" }).toString();
}
