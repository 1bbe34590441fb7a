import { createPrivateKey } from "node:crypto";
import { join } from "node:path";
import { type HeldIdentity, noIdentity } from "../../core/ca/signer-request.ts";
import type { Root } from "../../core/model/certificate.ts";
import { type ManagerLock, unlocked } from "../../core/model/manager-lock.ts";
import { makeFolder } from "../folder.ts";
import { replaceFile, textIn } from "../text-file.ts";
import { readChain } from "./chain.ts";
import { certificatesIn, rootDigest } from "./x509.ts";

/** What this node shows to others: its certificate with the chain, and the key to it; both PEM. */
export interface Credentials {
  readonly key: string;
  readonly chain: string;
}

/** What was found in the folder. */
export interface FoundIdentity {
  readonly held: HeldIdentity;
  /** Null until the node has joined. */
  readonly credentials: Credentials | null;
}

const nodeFile = "swarm-node.pem";
const anyKey =
  /-----BEGIN (ENCRYPTED |)PRIVATE KEY-----[^-]*-----END (ENCRYPTED |)PRIVATE KEY-----/;

/** How what the node keeps is locked. */
export interface Seal {
  readonly lock: ManagerLock;
  /** What its TLS key is sealed under; null: under nothing. */
  readonly identityKey: Uint8Array | null;
}

const noSeal: Seal = { lock: unlocked, identityKey: null };

/**
 * The node's identity in one folder. The key and its certificate are one file, so that a crash
 * never leaves one without the other. Only the daemon's user can read it; on a locked manager the
 * key is encrypted (PKCS 8).
 */
export class IdentityFiles {
  readonly #folder: string;
  #identityKey: Uint8Array | null = null;

  constructor(folder: string) {
    this.#folder = folder;
    makeFolder(folder, 0o700);
  }

  /**
   * Throws with the file's name when one of them was not written here. Ends what a crash has
   * interrupted: where all else is locked, the key is too from now on.
   */
  read({ lock, identityKey }: Seal = noSeal): FoundIdentity {
    this.#identityKey = identityKey;
    const node = this.#read(nodeFile);
    const roots = certificatesIn(this.#read("swarm-root-ca.crt") ?? "").map(rootOf);
    const token = this.#read("join-token")?.trim() ?? null;
    if (node === null) return { held: { ...noIdentity, roots, token, lock }, credentials: null };
    const credentials = this.#credentialsIn(node);
    const read = readChain(credentials.chain);
    if (read.kind === "invalid") throw this.#damaged(read.reason);
    if (isSealed(node) !== (identityKey !== null)) this.#writeNode(credentials);
    return { held: { certificate: read.certificate, roots, token: null, lock }, credentials };
  }

  /** From now on the TLS key is sealed under this; null: under nothing. */
  sealUnder(identityKey: Uint8Array | null): void {
    const node = this.#read(nodeFile);
    const credentials = node === null ? null : this.#credentialsIn(node);
    this.#identityKey = identityKey;
    if (credentials !== null) this.#writeNode(credentials);
  }

  get hasJoined(): boolean {
    return this.#read(nodeFile) !== null;
  }

  writeRoots(roots: readonly Root[]): void {
    this.#write("swarm-root-ca.crt", roots.map(({ certificate }) => certificate).join("\n"));
  }

  writeCredentials(credentials: Credentials): void {
    this.#writeNode(credentials);
    this.#write("join-token", "");
  }

  writeToken(token: string): void {
    this.#write("join-token", token);
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  #writeNode({ key, chain }: Credentials): void {
    const kept = this.#identityKey === null ? key : sealedKey(key, this.#identityKey);
    this.#write(nodeFile, `${kept.trimEnd()}\n${chain}`);
  }

  #credentialsIn(node: string): Credentials {
    const text = anyKey.exec(node)?.[0];
    if (text === undefined) throw this.#damaged("there is no key in it");
    const key = isSealed(node) ? openedKey(text, this.#identityKey) : text;
    if (key === null) throw this.#damaged("its key can't be opened with what the node keeps");
    return { key, chain: certificatesIn(node).join("\n") };
  }

  #damaged(reason: string): Error {
    return new Error(
      `${this.#path(nodeFile)} is damaged: ${reason}. Restore it from a backup, or ` +
        "remove the node from the cluster, delete its state directory and let it join again.",
    );
  }

  /** Null when the file is not there, or empty. */
  #read(name: string): string | null {
    const text = textIn(this.#path(name));
    return text === null || text.trim() === "" ? null : text;
  }

  #write(name: string, text: string): void {
    replaceFile(this.#path(name), text === "" ? "" : `${text.trimEnd()}\n`);
  }
}

function isSealed(node: string): boolean {
  return anyKey.exec(node)?.[1] !== "";
}

function sealedKey(key: string, identityKey: Uint8Array): string {
  const passphrase = Buffer.from(identityKey).toString("base64");
  const own = createPrivateKey(key);
  return own.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase }).toString();
}

/** Null when it was sealed under another. */
function openedKey(key: string, identityKey: Uint8Array | null): string | null {
  if (identityKey === null) return null;
  const passphrase = Buffer.from(identityKey).toString("base64");
  try {
    const own = createPrivateKey({ key, format: "pem", passphrase });
    return own.export({ type: "pkcs8", format: "pem" }).toString();
  } catch {
    return null;
  }
}

function rootOf(certificate: string): Root {
  return { certificate, digest: rootDigest(certificate) };
}
