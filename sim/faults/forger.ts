import type { Duration } from "../../core/base/time.ts";
import type { Certificate } from "../../core/model/certificate.ts";
import type { NodeEvent } from "../../core/node/event.ts";
import type { NodeInput } from "../../core/node/input.ts";
import type { NodeMessage, NodeWords } from "../../core/node/message.ts";
import type { SimNetwork } from "../ports/network.ts";
import type { Guise } from "../scenario/fault-words.ts";
import type { Claim, ForgedMessage, Forgery } from "../world/forged-message.ts";
import type { Host } from "../world/host.ts";
import type { PartialObserver } from "../world/observer.ts";

/** What is needed of the world. */
interface ForgersWorld {
  readonly hosts: readonly Host[];
  readonly network: Pick<SimNetwork, "send">;
}

/** No more certificates of its past are shown at a time. */
const pastMost = 3;

/**
 * Machines that send what they must not, with certificates that are not theirs to use: an intruder
 * who has a worker, a disk from the bin, or only the network. The words are such as can do no harm
 * where somebody may rightly believe them, as a manager may who has not yet heard of a demotion.
 */
export class Forger implements PartialObserver {
  readonly #world: ForgersWorld;
  readonly #handled: (host: Host, forged: ForgedMessage) => void;
  /** It has to be told of what happens from now on. */
  readonly #begins: () => void;
  #hasBegun = false;
  /** By message; those on their way, and those that were lost. */
  readonly #sent = new Map<NodeMessage, Forgery>();
  /** What the node that is just taking an input was sent. */
  #taken: Omit<ForgedMessage, "wasDenied"> | null = null;
  #wasDenied = false;

  constructor(
    world: ForgersWorld,
    handled: (host: Host, forged: ForgedMessage) => void,
    begins: () => void,
  ) {
    this.#world = world;
    this.#handled = handled;
    this.#begins = begins;
  }

  /** A node is just looking at a forged message. */
  get isHeard(): boolean {
    return this.#taken !== null;
  }

  /** Sends to every other machine all kinds of messages in that guise, as far as it has it. */
  forge(from: Host, guise: Guise): void {
    if (!this.#hasBegun) this.#begins();
    this.#hasBegun = true;
    for (const certificate of this.#certificates(from, guise)) {
      for (const to of this.#world.hosts) {
        if (to !== from && !isMeanwhileGood(guise, certificate, to)) {
          this.#send({ from, certificate, guise }, to);
        }
      }
    }
  }

  taking(host: Host, input: NodeInput): void {
    if (input.kind !== "message") return;
    const forgery = this.#sent.get(input.message);
    if (forgery === undefined) return;
    const { kind, incarnation } = input.message;
    const incarnationBefore = host.incarnation;
    const claims = incarnation < incarnationBefore ? "hint" : forgery.claims;
    this.#taken = { ...forgery, kind, claims, incarnationBefore };
    this.#wasDenied = false;
  }

  happened(_host: Host, event: NodeEvent): void {
    if (this.#taken !== null && event.kind === "denied") this.#wasDenied = true;
  }

  stepped(host: Host): void {
    if (this.#taken === null) return;
    const message = { ...this.#taken, wasDenied: this.#wasDenied };
    this.#taken = null;
    this.#handled(host, message);
  }

  #certificates(from: Host, guise: Guise): (Certificate | null)[] {
    const { certificate } = from.signer.held;
    switch (guise) {
      case "nobody":
        return [null];
      case "itself":
        return certificate === null ? [] : [certificate];
      case "former":
        return from.signer.past.slice(-pastMost);
      case "old-root":
        return certificate === null ? [] : ofOldRoot(certificate, from.signer.past);
      case "another":
        return this.#world.hosts
          .flatMap((host) => (host === from ? [] : [host.signer.held.certificate]))
          .filter((other) => other !== null);
      default:
        return certificate === null ? [] : [made(certificate, ownRoot, [])];
    }
  }

  #send({ from, certificate, guise }: Omit<Forgery, "claims">, to: Host): void {
    const { incarnation } = from;
    for (const { claims, words } of forgedWords(from, to)) {
      const isNewer = words.kind === "superseded";
      if (isNewer && (guise === "former" || certificate?.role === "manager")) continue;
      if (claims === "request" && guise !== "stranger" && guise !== "another") continue;
      const message = { ...words, incarnation: incarnation + (isNewer ? 1 : 0) };
      this.#sent.set(message, { from, certificate, guise, claims });
      this.#world.network.send(from.number, to.number, message, certificate);
    }
  }
}

/** The root that somebody has made himself. */
const ownRoot = "0".repeat(50);

/** As whoever has the root's key would make it, and calls himself a manager. */
function made(certificate: Certificate, issuer: string, vouchers: readonly string[]): Certificate {
  return { ...certificate, role: "manager", serial: 1_000_000, issuer, vouchers };
}

/** In the middle of a rotation the old root is still good: whoever has its key may do anything. */
function isMeanwhileGood(guise: Guise, certificate: Certificate | null, { signer }: Host): boolean {
  return guise === "old-root" && certificate !== null && signer.trusts(certificate);
}

/** None before there was a rotation. */
function ofOldRoot(certificate: Certificate, past: readonly Certificate[]): Certificate[] {
  const old = past.filter(({ issuer }) => issuer !== certificate.issuer).at(-1)?.issuer;
  if (old === undefined) return [];
  return [made(certificate, old, []), made(certificate, ownRoot, [old])];
}

const forged = "forged";

function forgedWords(from: Host, to: Host): readonly { claims: Claim; words: NodeWords }[] {
  const remove = { kind: "remove-service", id: forged } as const;
  const request = { client: forged, sequence: 1 };
  const forwarded = {
    ...({ kind: "forward", token: 0 } as const),
    request: { kind: "command", request, command: remove } as const,
  };
  const beat = { kind: "heartbeat-received", session: forged, period: 1 as Duration } as const;
  const asks = { kind: "certificate-request", attempt: 0, request: forged, token: null } as const;
  const said = { description: from.config.description, availability: "active" } as const;
  const raft = {
    ...({
      kind: "pre-vote",
      from: from.memberId ?? from.name,
      to: to.memberId ?? to.name,
    } as const),
    ...{ term: 1, lastIndex: 0, lastTerm: 0, transfer: false },
  };
  const refused = { kind: "certificate-refused", attempt: 0, reason: forged, isOut: true } as const;
  return [
    { claims: "manager", words: { kind: "raft", message: raft, time: null } },
    { claims: "manager", words: { kind: "are-you-there" } },
    { claims: "manager", words: forwarded },
    {
      claims: "manager",
      words: { kind: "dispatcher", message: { ...beat, standing: null, security: null } },
    },
    { claims: "manager", words: { kind: "ca-answer", message: refused } },
    {
      claims: "agent",
      words: {
        kind: "agent",
        message: { kind: "heartbeat", session: forged, engineSilentFor: 0 as Duration },
      },
    },
    { claims: "request", words: { kind: "ca-request", message: { ...asks, ...said } } },
    { claims: "hint", words: { kind: "superseded", managers: [from.name] } },
  ];
}
