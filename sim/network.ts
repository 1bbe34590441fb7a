import type { Random } from "../core/base/random.ts";
import type { Certificate } from "../core/model/certificate.ts";
import type { NodeMessage } from "../core/node/message.ts";
import { exponential } from "./draw.ts";
import { EventKind, type Kernel } from "./kernel.ts";

/** How messages fare between hosts that can reach each other. Microseconds; per million. */
export interface LinkConditions {
  latencyMin: number;
  latencyMean: number;
  lossPerMillion: number;
  duplicatesPerMillion: number;
}

/** A message on its way. */
export interface Packet {
  readonly from: number;
  readonly to: number;
  /** What the sender's connection shows. */
  readonly certificate: Certificate | null;
  readonly message: NodeMessage;
}

const loopbackLatency = 20;

/**
 * The network between all hosts. Each message draws its own delay, so messages overtake one
 * another; some are lost, some come twice. A cut link loses what is sent into it, and what was
 * under way and arrives while it is cut. Links are cut in one direction at a time, and as often as
 * they were cut they must be mended.
 */
export class SimNetwork {
  readonly conditions: LinkConditions = {
    latencyMin: 200,
    latencyMean: 300,
    lossPerMillion: 0,
    duplicatesPerMillion: 0,
  };
  sent = 0;
  dropped = 0;
  readonly #kernel: Kernel;
  readonly #random: Random;
  readonly #deliver: (packet: Packet) => boolean;
  readonly #hosts: number;
  /** How often the link `from * hosts + to` is cut at the moment. */
  readonly #cuts: Uint8Array;

  constructor(kernel: Kernel, random: Random, hosts: number, deliver: (packet: Packet) => boolean) {
    this.#kernel = kernel;
    this.#random = random;
    this.#deliver = deliver;
    this.#hosts = hosts;
    this.#cuts = new Uint8Array(hosts * hosts);
  }

  send(
    from: number,
    to: number,
    message: NodeMessage,
    certificate: Certificate | null = null,
  ): void {
    this.sent += 1;
    const packet = { from, to, certificate, message };
    if (from === to) return this.#schedule(packet, loopbackLatency);
    const { lossPerMillion, duplicatesPerMillion } = this.conditions;
    if (this.isCut(from, to) || this.#random.chance(lossPerMillion)) {
      this.dropped += 1;
      return;
    }
    this.#schedule(packet, this.#latency());
    if (this.#random.chance(duplicatesPerMillion)) this.#schedule(packet, this.#latency());
  }

  isCut(from: number, to: number): boolean {
    return this.#cuts[from * this.#hosts + to] !== 0;
  }

  cut(from: number, to: number): void {
    const link = from * this.#hosts + to;
    this.#cuts[link] = (this.#cuts[link] as number) + 1;
  }

  /** Undoes one `cut` of the same link. */
  mend(from: number, to: number): void {
    const link = from * this.#hosts + to;
    this.#cuts[link] = Math.max(0, (this.#cuts[link] as number) - 1);
  }

  #latency(): number {
    return this.conditions.latencyMin + exponential(this.#random, this.conditions.latencyMean);
  }

  #schedule(packet: Packet, delay: number): void {
    this.#kernel.schedule(delay, EventKind.DELIVER, packet.to, packet, () => {
      if (!this.isCut(packet.from, packet.to) && this.#deliver(packet)) return true;
      this.dropped += 1;
      return false;
    });
  }
}
