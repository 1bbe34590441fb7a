import type { Random } from "../../core/base/random.ts";
import type { Timestamp } from "../../core/base/time.ts";
import type { ExternalAnswer, ExternalRequest } from "../../core/ca/external-request.ts";
import type { OwnRoot } from "../../core/control/ca.ts";
import type { Claims, SigningRoot } from "../../core/model/certificate.ts";
import type { Cluster } from "../../core/model/cluster.ts";
import type { ExternalCa } from "../../core/model/external-ca.ts";
import { exponential } from "../chance/draw.ts";
import { EventKind, type Kernel } from "../kernel.ts";
import { type Mood, moods } from "../scenario/authority-words.ts";
import { madeRoot, signedText } from "./signer.ts";

/** What signing takes, in microseconds. */
const workMean = 20_000;
const year = 365 * 24 * 3_600_000_000;

/** A root whose key no manager ever has. */
const outsideRoot: SigningRoot = madeRoot("the key of the authorities outside");

/** What a user tells the cluster of it. */
export const outside: OwnRoot = {
  ...outsideRoot,
  key: "",
  notAfter: Number.MAX_SAFE_INTEGER as Timestamp,
  certificates: 1,
};

/** One that a user brings with its key. */
export const usersOwn: OwnRoot = { ...outside, ...madeRoot("the key that a user brings") };

/** Authorities by their names in a scenario: of the cluster's own root, and of the outside one. */
export function authorityOf(name: string, isOutside: boolean): ExternalCa {
  const { certificate, digest } = outsideRoot;
  const root = isOutside ? { certificate, digest } : null;
  return { protocol: "cfssl", url: `https://${name}/sign`, options: new Map(), root };
}

/** Where the answer is to go; false: nobody is there any more who has asked. */
type Answered = (answer: ExternalAnswer) => boolean;

/**
 * Authorities outside the cluster, simulated: somebody has given them the keys of the cluster's
 * roots. They are sound, or in a mood: they hang, refuse, or certify what nobody has asked for.
 */
export class Authorities {
  /** How often any of them was asked. */
  asked = 0;
  readonly #kernel: Kernel;
  readonly #newRandom: () => Random;
  #random: Random | null = null;
  readonly #cluster: () => Cluster | null;
  readonly #moods = new Map<string, Mood>();
  readonly #keys = new Map<string, SigningRoot>([[outsideRoot.digest, outsideRoot]]);

  /** `newRandom` is called when the first of them is asked. */
  constructor(kernel: Kernel, newRandom: () => Random, cluster: () => Cluster | null) {
    this.#kernel = kernel;
    this.#newRandom = newRandom;
    this.#cluster = cluster;
  }

  /** `all`: of each one that has a mood. */
  change(name: string, mood: Mood): void {
    if (name === "all") this.#moods.clear();
    if (name !== "all" || mood !== "sound") this.#moods.set(name, mood);
  }

  get areSound(): boolean {
    return [...this.#moods.values()].every((mood) => mood === "sound");
  }

  ask(host: number, request: ExternalRequest, answered: Answered): void {
    this.asked += 1;
    this.#learnKeys();
    const name = request.url.slice("https://".length, -"/sign".length);
    const mood = this.#moods.get(name) ?? this.#moods.get("all") ?? "sound";
    const { answer, delay } = this.#answer(request, mood);
    const most = Math.min(delay, request.timeout);
    this.#kernel.schedule(most, EventKind.AUTHORITY, host, `${name}: ${mood}`, () =>
      answered(answer),
    );
  }

  /** As their operators do, as soon as there is a root. */
  #learnKeys(): void {
    const { root, rotation } = this.#cluster()?.ca ?? {};
    for (const each of [root, rotation?.root]) {
      if (each && each.key !== "") this.#keys.set(each.digest, each);
    }
  }

  #answer(request: ExternalRequest, mood: Mood): { answer: ExternalAnswer; delay: number } {
    this.#random ??= this.#newRandom();
    const delay = 1 + exponential(this.#random, workMean);
    const { id, timeout } = request;
    const failed = (reason: string) => ({ kind: "failed", id, reason }) as const;
    switch (mood) {
      case "hangs":
        return { answer: failed("no answer in time"), delay: timeout };
      case "refuses":
        return { answer: failed("it refuses"), delay };
      case "slow":
        return { answer: this.#signed(request, mood), delay: this.#random.between(1, timeout) };
      default:
        return { answer: this.#signed(request, mood), delay };
    }
  }

  #signed(request: ExternalRequest, mood: Mood): ExternalAnswer {
    const { id, root, crossSigned } = request;
    const by = this.#keys.get(root.digest);
    if (by === undefined || mood === "other-root")
      return { kind: "failed", id, reason: "signed by unknown authority" };
    const isForRequest = mood !== "other-key";
    const asked = isForRequest ? request.request : "the key of somebody else";
    const claims = this.#claims(request.claims, mood);
    const text = signedText(asked, claims, by, crossSigned);
    return { kind: "signed", id, isForRequest, certificate: { text, ...claims } };
  }

  #claims(asked: Claims, mood: Mood): Claims {
    switch (mood) {
      case "other-role":
        return { ...asked, role: asked.role === "worker" ? "manager" : "worker" };
      case "other-node":
        return { ...asked, nodeId: `${asked.nodeId}-else` };
      case "other-cluster":
        return { ...asked, organization: "another" };
      case "other-serial":
        return { ...asked, serial: asked.serial + 1 };
      case "expired":
        return { ...asked, notAfter: asked.notBefore };
      case "lasting":
        return { ...asked, notAfter: (asked.notAfter + year) as Timestamp };
      default:
        return asked;
    }
  }
}

/** What an authority may be like for a while. */
export const badMoods = moods.filter((mood) => mood !== "sound");
