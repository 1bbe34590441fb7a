import { type Certificate, isSignedUnder, type Root } from "../../core/model/certificate.ts";
import { readChain, readLeaf } from "../signer/chain.ts";
import type { Credentials } from "../signer/identity-files.ts";

/** What this node shows of itself to its peers, and whose certificates it believes. */
export class Trust {
  readonly #pinned: readonly string[];
  #credentials: Credentials | null;
  #own: Certificate | null;
  #roots: readonly Root[];
  /** Their digests. */
  #digests: readonly string[];

  /** `pinned`: digests of roots that are believed as long as `roots` is empty. */
  constructor(credentials: Credentials | null, roots: readonly Root[], pinned: readonly string[]) {
    this.#pinned = pinned;
    this.#credentials = credentials;
    this.#own = credentials === null ? null : certificateIn(credentials);
    this.#roots = roots;
    this.#digests = digestsOf(roots);
  }

  /** Null before the node has joined. */
  get credentials(): Credentials | null {
    return this.#credentials;
  }

  /** The certificate that others see. */
  get own(): Certificate | null {
    return this.#own;
  }

  show(credentials: Credentials): void {
    this.#credentials = credentials;
    this.#own = certificateIn(credentials);
  }

  trust(roots: readonly Root[]): void {
    this.#roots = roots;
    this.#digests = digestsOf(roots);
  }

  /** Whether a certificate that a connection has shown is of a root that counts. */
  believes(certificate: Certificate | null): boolean {
    const good = this.#roots.length > 0 ? this.#digests : this.#pinned;
    return certificate !== null && isSignedUnder(good, certificate);
  }

  /** What was shown in a TLS handshake, held against the roots. */
  read(shown: Buffer): ReturnType<typeof readLeaf> {
    return readLeaf(shown, this.#roots);
  }
}

function digestsOf(roots: readonly Root[]): string[] {
  return roots.map(({ digest }) => digest);
}

function certificateIn({ chain }: Credentials): Certificate | null {
  const read = readChain(chain);
  return read.kind === "chain" ? read.certificate : null;
}
