import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type HeldIdentity, noIdentity } from "../../core/ca/signer-request.ts";
import type { Root } from "../../core/model/certificate.ts";
import { unlocked } from "../../core/model/manager-lock.ts";
import { replaceFile } from "../replace-file.ts";
import { readChain } from "./chain.ts";
import { rootDigest } from "./x509.ts";

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

/**
 * The node's identity in one folder. The key and its certificate are one file, so that a crash
 * never leaves one without the other. Only the daemon's user can read it.
 */
export class IdentityFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Throws with the file's name when one of them was not written here. */
  read(): FoundIdentity {
    const node = this.#read("swarm-node.pem");
    const roots = certificatesIn(this.#read("swarm-root-ca.crt") ?? "").map(rootOf);
    const token = this.#read("join-token")?.trim() ?? null;
    if (node === null) return { held: { ...noIdentity, roots, token }, credentials: null };
    const key = /-----BEGIN PRIVATE KEY-----[^-]*-----END PRIVATE KEY-----/.exec(node)?.[0];
    const chain = certificatesIn(node).join("\n");
    const read = readChain(chain);
    if (key === undefined || read.kind === "invalid") {
      const reason = read.kind === "invalid" ? read.reason : "there is no key in it";
      throw new Error(
        `${this.#path("swarm-node.pem")} is damaged: ${reason}. Restore it from a backup, or ` +
          "remove the node from the cluster, delete its state directory and let it join again.",
      );
    }
    const held = { certificate: read.certificate, roots, token: null, lock: unlocked };
    return { held, credentials: { key, chain } };
  }

  get hasJoined(): boolean {
    return this.#read("swarm-node.pem") !== null;
  }

  writeRoots(roots: readonly Root[]): void {
    this.#write("swarm-root-ca.crt", roots.map(({ certificate }) => certificate).join("\n"));
  }

  writeCredentials({ key, chain }: Credentials): void {
    this.#write("swarm-node.pem", `${key.trimEnd()}\n${chain}`);
    this.#write("join-token", "");
  }

  writeToken(token: string): void {
    this.#write("join-token", token);
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  /** Null when the file is not there, or empty. */
  #read(name: string): string | null {
    try {
      const text = readFileSync(this.#path(name), "utf8");
      return text.trim() === "" ? null : text;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  }

  #write(name: string, text: string): void {
    replaceFile(this.#path(name), text === "" ? "" : `${text.trimEnd()}\n`);
  }
}

function certificatesIn(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
}

function rootOf(certificate: string): Root {
  return { certificate, digest: rootDigest(certificate) };
}
