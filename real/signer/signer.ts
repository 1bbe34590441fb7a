import { createPublicKey, X509Certificate } from "node:crypto";
import { unreachable } from "../../core/base/assert.ts";
import type { SignerAnswer, SignerRequest } from "../../core/ca/signer-request.ts";
import { type Certificate, isSignedUnder, type Root } from "../../core/model/certificate.ts";
import type { ManagerLock } from "../../core/model/manager-lock.ts";
import type { Signer } from "../../core/ports/signer.ts";
import { keyOf, readChain } from "./chain.ts";
import type { Credentials, IdentityFiles } from "./identity-files.ts";
import { certificatesIn, crossSign, issue, makeRequest, makeRoot, rootDigest } from "./x509.ts";

/** Told when the node is to show other credentials, or to trust other roots. */
export interface IdentityListener {
  show(credentials: Credentials): void;
  trust(roots: readonly Root[]): void;
}

/** Where what the node keeps beside its identity is locked. */
export interface Vault {
  setLock(lock: ManagerLock): Promise<void>;
  /** What the TLS key is to be sealed under; null: under nothing. */
  readonly identityKey: Uint8Array | null;
}

/**
 * The node's keys, and the only place that signs. Answers come in the order of the requests: each
 * begins when the one before it is done.
 */
export class RealSigner implements Signer {
  readonly #files: IdentityFiles;
  readonly #vault: Vault;
  readonly #listener: IdentityListener;
  readonly #answer: (answer: SignerAnswer) => void;
  #roots: readonly Root[];
  /** The key that waits for its certificate; in memory only. */
  #key: string | null = null;
  #last: Promise<void> = Promise.resolve();

  constructor(
    files: IdentityFiles,
    vault: Vault,
    roots: readonly Root[],
    listener: IdentityListener,
    answer: (answer: SignerAnswer) => void,
  ) {
    this.#files = files;
    this.#vault = vault;
    this.#roots = roots;
    this.#listener = listener;
    this.#answer = answer;
  }

  sign(request: SignerRequest): void {
    this.#last = this.#last.then(async () => this.#answer(await this.#tried(request)));
  }

  async #tried(request: SignerRequest): Promise<SignerAnswer> {
    try {
      return await this.#carryOut(request);
    } catch (error) {
      const { message } = error as Error;
      if (request.kind !== "issue") return { kind: "failed", request: request.kind, message };
      return { kind: "not-issued", claims: request.claims, message };
    }
  }

  async #carryOut(request: SignerRequest): Promise<SignerAnswer> {
    switch (request.kind) {
      case "make-root":
        return { kind: "root-made", root: await makeRoot(new Date()) };
      case "cross-sign": {
        const crossSigned = await crossSign(request.root, request.by);
        return { kind: "cross-signed", digest: request.root.digest, crossSigned };
      }
      case "issue": {
        const { claims, by, crossSigned } = request;
        const text = await issue(request.request, claims, by, crossSigned);
        return { kind: "issued", certificate: checked(text) };
      }
      case "make-request": {
        const { key, request: made } = await makeRequest();
        this.#key = key;
        return { kind: "request-made", request: made };
      }
      case "trust":
        return this.#trust(request.roots);
      case "install":
        return this.#install(request.certificate);
      case "lock":
        return this.#lock(request.lock);
      default:
        return unreachable(request);
    }
  }

  #trust(told: readonly Root[]): SignerAnswer {
    const roots = told.map(checkedRoot);
    this.#files.writeRoots(roots);
    this.#roots = roots;
    this.#listener.trust(roots);
    return { kind: "trusted", roots };
  }

  #install({ text }: Certificate): SignerAnswer {
    const key = this.#key;
    const read = readChain(text);
    if (read.kind === "invalid") throw new Error(`the certificate is not good: ${read.reason}`);
    const { certificate, der, root } = read;
    if (key === null || keyOf(new X509Certificate(der)) !== publicPem(key)) {
      throw new Error("the certificate is for another key");
    }
    const digests = this.#roots.map(({ digest }) => digest);
    if (!isSignedUnder(digests, certificate)) {
      throw new Error("no trusted root has signed the certificate");
    }
    if (!digests.includes(certificate.issuer)) this.#trust([...this.#roots, root]);
    const credentials = { key, chain: text };
    this.#files.writeCredentials(credentials);
    this.#key = null;
    this.#listener.show(credentials);
    return { kind: "installed", certificate, roots: this.#roots };
  }

  /**
   * What the vault says holds after a crash in between: so the TLS key is sealed after it has been
   * locked, and is open before it has been opened.
   */
  async #lock(lock: ManagerLock): Promise<SignerAnswer> {
    if (lock.key === null) this.#files.sealUnder(null);
    await this.#vault.setLock(lock);
    if (lock.key !== null) this.#files.sealUnder(this.#vault.identityKey);
    return { kind: "locked", lock };
  }
}

/** The root and nothing else of its text: whatever is in the file is trusted at the next start. */
function checkedRoot({ certificate: text, digest }: Root): Root {
  const [certificate, ...others] = certificatesIn(text);
  if (certificate !== undefined && others.length === 0 && rootDigest(certificate) === digest) {
    return { certificate, digest };
  }
  throw new Error("a root's digest is not that of its certificate");
}

function publicPem(key: string): string {
  return createPublicKey(key).export({ type: "spki", format: "pem" }).toString();
}

function checked(text: string): Certificate {
  const read = readChain(text);
  if (read.kind === "invalid") throw new Error(`the certificate is not good: ${read.reason}`);
  return read.certificate;
}
