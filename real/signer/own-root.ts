import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import type { Timestamp } from "../../core/base/time.ts";
import type { OwnRoot } from "../../core/control/ca.ts";
import { keyOf } from "./chain.ts";
import { rootDigest } from "./x509.ts";

/** A root of the user's own, from its two PEM texts. Throws with what is wrong with them. */
export function ownRoot(certificate: string, key: string): OwnRoot {
  const texts = certificate.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
  if (texts === null) throw new Error("the root certificate is no PEM of a certificate");
  const text = texts[0] as string;
  const read = new X509Certificate(text);
  const own = createPrivateKey(key);
  if (own.asymmetricKeyType !== "ec" || own.asymmetricKeyDetails?.namedCurve !== "prime256v1") {
    throw new Error("the root's key must be ECDSA on P-256 (prime256v1)");
  }
  const publicText = createPublicKey(own).export({ type: "spki", format: "pem" }).toString();
  if (keyOf(read) !== publicText) throw new Error("the key is not that of the root certificate");
  if (!read.ca || !read.verify(read.publicKey)) {
    throw new Error("the certificate is no root: it must be a CA's and signed by itself");
  }
  return {
    certificate: text,
    digest: rootDigest(text),
    key: own.export({ type: "pkcs8", format: "pem" }).toString(),
    notAfter: (Date.parse(read.validTo) * 1000) as Timestamp,
    certificates: texts.length,
  };
}
