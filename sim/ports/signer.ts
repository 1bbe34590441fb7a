import { newId } from "../../core/base/id.ts";
import type { Random } from "../../core/base/random.ts";
import {
  type HeldIdentity,
  noIdentity,
  type SignerAnswer,
  type SignerRequest,
} from "../../core/ca/signer-request.ts";
import {
  type Certificate,
  type Claims,
  isSignedUnder,
  type Root,
  type SigningRoot,
} from "../../core/model/certificate.ts";
import type { Signer } from "../../core/ports/signer.ts";
import { exponential } from "../chance/draw.ts";
import { digestOf } from "../digest.ts";
import { EventKind, type Kernel } from "../kernel.ts";

/** What making a key or a signature takes, in microseconds. */
const workMean = 300;
/** What it takes to keep everything under another lock, which may mean to write it all anew. */
const lockMean = 300_000;

/**
 * One machine's keys, simulated: a key is a random text, a public key its digest, a signature the
 * digest of what is signed and the key. Nobody else could make one, for core never looks into
 * texts. What is kept is on disk before the answer; a key without a certificate is lost in a crash.
 */
export class SimSigner implements Signer {
  /** The token that the machine's user gave it last; null when there was no need for one. */
  token: string | null = null;
  /** What is on the disk. */
  held: HeldIdentity = noIdentity;
  /** The certificates that it had before, with their keys, as who copied its disk would have. */
  readonly past: Certificate[] = [];
  readonly #kernel: Kernel;
  readonly #host: number;
  readonly #random: Random;
  readonly #answer: (answer: SignerAnswer) => void;
  /** The key that waits for a certificate; null when none does. */
  #key: string | null = null;
  #life = 0;
  #freeAt = 0;

  constructor(
    kernel: Kernel,
    host: number,
    random: Random,
    answer: (answer: SignerAnswer) => void,
  ) {
    this.#kernel = kernel;
    this.#host = host;
    this.#random = random;
    this.#answer = answer;
  }

  sign(request: SignerRequest): void {
    const life = this.#life;
    const { now } = this.#kernel;
    const mean = request.kind === "lock" ? lockMean : workMean;
    this.#freeAt = Math.max(now, this.#freeAt) + 1 + exponential(this.#random, mean);
    this.#kernel.schedule(this.#freeAt - now, EventKind.SIGNER, this.#host, request.kind, () => {
      if (life !== this.#life) return false;
      this.#answer(this.#carryOut(request));
      return true;
    });
  }

  /** The user gives the machine a token to join with. */
  give(token: string): void {
    if (this.held.certificate !== null) return;
    this.token = token;
    this.#hold({ token });
  }

  crash(): void {
    this.#life += 1;
    this.#key = null;
    this.#freeAt = 0;
  }

  #carryOut(request: SignerRequest): SignerAnswer {
    switch (request.kind) {
      case "make-root":
        return { kind: "root-made", root: this.#newRoot() };
      case "cross-sign":
        return crossSigned(request.root, request.by);
      case "issue":
        return issued(request);
      case "make-request":
        this.#key = newId(this.#random);
        return { kind: "request-made", request: publicKey(this.#key) };
      case "trust":
        return this.#trust(request.roots);
      case "lock":
        this.#hold({ lock: request.lock });
        return { kind: "locked", lock: request.lock };
      default:
        return this.#install(request.certificate);
    }
  }

  /** Field by field, so that all have one shape (see `core/model/changed.ts`). */
  #hold(change: Partial<HeldIdentity>): void {
    const { certificate, roots, token, lock } = this.held;
    this.held = Object.assign({ certificate, roots, token, lock }, change);
  }

  #newRoot(): SigningRoot {
    return madeRoot(newId(this.#random));
  }

  #trust(roots: readonly Root[]): SignerAnswer {
    const isWrong = roots.some(({ certificate, digest }) => rootDigest(certificate) !== digest);
    if (isWrong) return failed("trust", "a root's digest is not that of its certificate");
    this.#hold({ roots });
    return { kind: "trusted", roots };
  }

  /** True when a root that it holds has signed this, or vouches for who has. */
  trusts(certificate: Certificate): boolean {
    return isSignedUnder(
      this.held.roots.map(({ digest }) => digest),
      certificate,
    );
  }

  #install(certificate: Certificate): SignerAnswer {
    const key = this.#key;
    if (key === null || !certificate.text.startsWith(`node ${publicKey(key)} `)) {
      return failed("install", "the certificate is for another key");
    }
    if (!this.trusts(certificate)) return failed("install", "no trusted root has signed it");
    const { roots } = this.held;
    const isKnown = roots.some(({ digest }) => digest === certificate.issuer);
    const trusted = isKnown ? roots : [...roots, rootIn(certificate)];
    this.#key = null;
    if (this.held.certificate !== null) this.past.push(this.held.certificate);
    this.#hold({ certificate, roots: trusted, token: null });
    return { kind: "installed", certificate, roots: trusted };
  }
}

function issued(asked: SignerRequest & { kind: "issue" }): SignerAnswer {
  const { request, claims, by, crossSigned: chain } = asked;
  const text = signedText(request, claims, by, chain);
  return { kind: "issued", certificate: { text, ...claims } };
}

/** The root that this key makes. */
export function madeRoot(key: string): SigningRoot {
  const certificate = `root ${publicKey(key)}`;
  return { certificate, digest: rootDigest(certificate), key };
}

/** A certificate with its chain, as whoever holds the root's key makes it. */
export function signedText(
  request: string,
  claims: Claims,
  by: SigningRoot,
  chain: readonly string[],
): string {
  const own = [`node ${request} ${signature(claims, by.key)}`, by.certificate];
  return [...own, ...chain].join("\n");
}

function crossSigned({ certificate, digest }: Root, by: SigningRoot): SignerAnswer {
  const text = `cross ${digestOf([certificate, by.key])}`;
  return { kind: "cross-signed", digest, crossSigned: text };
}

/** The issuer's own certificate, as the chain has it. */
function rootIn({ text }: Certificate): Root {
  const certificate = text.split("\n")[1] ?? "";
  return { certificate, digest: rootDigest(certificate) };
}

function publicKey(key: string): string {
  return digestOf(["public", key]);
}

function signature(claims: Claims, key: string): string {
  return digestOf([claims, key]);
}

/** Fifty digits, which are digits of base 36 too. */
function rootDigest(certificate: string): string {
  const parts = ["a", "b", "c", "d"].map((salt) => digestOf([salt, certificate]));
  return parts.join("").slice(0, 50);
}

function failed(request: "trust" | "install", message: string): SignerAnswer {
  return { kind: "failed", request, message };
}
