import type { Random } from "../../core/base/random.ts";
import type { Certificate } from "../../core/model/certificate.ts";
import type { NodeMessage } from "../../core/node/message.ts";
import { delayOf } from "../chance/draw.ts";
import { EventKind, type Kernel, type SimEvent } from "../kernel.ts";
import type { Delays } from "../scenario/network-words.ts";

/** How messages fare between hosts that can reach each other. Microseconds; per million. */
export interface LinkConditions {
  latencyMin: number;
  latencyMean: number;
  delays: Delays;
  lossPerMillion: number;
  duplicatesPerMillion: number;
  reorderedPerMillion: number;
  /** Messages that may be on their way on one link; 0: any number. */
  capacity: number;
}

/** A message on its way. */
export interface Packet {
  readonly from: number;
  readonly to: number;
  /** What the sender's connection shows. */
  readonly certificate: Certificate | null;
  readonly message: NodeMessage;
}

/**
 * What links are where they are streams between nodes, each on mutual TLS, as the daemon's are
 * (`real/grpc/link.ts`).
 */
export interface Streams {
  /** Whether what is sent later may get by the message on its way. */
  isBulk(message: NodeMessage): boolean;
  /** Whether the message may be said to `to`, by the certificate that this one shows. */
  carries(to: number, message: NodeMessage): boolean;
}

interface StreamEnd {
  /** No sooner arrives what is sent next over it. */
  urgentAt: number;
  bulkAt: number;
  /** What a message takes until the next is drawn: each by itself would hold up all behind it. */
  latency: number;
  drawAt: number;
}

const loopbackLatency = 20;
/** How many times as long a message takes that others are to overtake. */
const strayingBy = 10;

/**
 * The network between all hosts. Each message draws its own delay; some are lost, some come twice.
 * Without streams messages overtake one another. A stream keeps them in order, but for what is
 * urgent, which may get by what is bulk; for the second of two copies; and for those that the
 * conditions let stray, as on an older connection that is still being read.
 *
 * A cut link loses what is sent into it, and what was under way and arrives while it is cut. Links
 * are cut in one direction at a time, and as often as they were cut they must be mended. A clogged
 * link keeps everything back until it is free again.
 */
export class SimNetwork {
  readonly conditions: LinkConditions = {
    latencyMin: 200,
    latencyMean: 300,
    delays: "exponential",
    lossPerMillion: 0,
    duplicatesPerMillion: 0,
    reorderedPerMillion: 0,
    capacity: 0,
  };
  sent = 0;
  dropped = 0;
  /** Told of each message that sets out, and after how long it arrives; null: nobody looks. */
  launched: ((packet: Packet, delay: number) => void) | null = null;
  readonly #kernel: Kernel;
  readonly #random: Random;
  readonly #deliver: (packet: Packet) => boolean;
  readonly #hosts: number;
  readonly #streams: Streams | null;
  readonly #streamEnds = new Map<number, StreamEnd>();
  /** How often the link `from * hosts + to` is cut at the moment. */
  readonly #cuts: Uint8Array;
  /** How many messages are on their way on each link. */
  readonly #underWay: Uint32Array;
  /** Until when links are clogged, for those that are or were. */
  readonly #cloggedUntil = new Map<number, number>();

  /** `streams`: null where links are not streams. */
  constructor(
    kernel: Kernel,
    random: Random,
    hosts: number,
    deliver: (packet: Packet) => boolean,
    streams: Streams | null = null,
  ) {
    this.#streams = streams;
    this.#kernel = kernel;
    this.#random = random;
    this.#deliver = deliver;
    this.#hosts = hosts;
    this.#cuts = new Uint8Array(hosts * hosts);
    this.#underWay = new Uint32Array(hosts * hosts);
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
    if (!this.#isTaken(packet)) {
      this.dropped += 1;
      return;
    }
    const { duplicatesPerMillion } = this.conditions;
    this.#schedule(packet, this.#delay(packet));
    if (this.#random.chance(duplicatesPerMillion)) this.#schedule(packet, this.#delay(null));
  }

  /**
   * The machine that the packet has reached answers that nobody listens there. TCP sees to it that
   * the answer comes, unless the way back is cut. `tell`: false where it came too late to matter.
   */
  refuse({ from: at, to: silent }: Packet, tell: () => boolean): void {
    this.#kernel.schedule(this.#delay(null), EventKind.UNREACHABLE, at, silent, () => {
      return !this.isCut(silent, at) && tell();
    });
  }

  isCut(from: number, to: number): boolean {
    return this.#cuts[from * this.#hosts + to] !== 0;
  }

  cut(from: number, to: number): void {
    const link = from * this.#hosts + to;
    this.#cuts[link] = (this.#cuts[link] as number) + 1;
  }

  /** Every link that is cut at the moment. */
  cutLinks(): (readonly [from: number, to: number])[] {
    const hosts = Array.from({ length: this.#hosts }, (_, number) => number);
    return hosts.flatMap((from) =>
      hosts.filter((to) => this.isCut(from, to)).map((to) => [from, to] as const),
    );
  }

  /** Undoes one `cut` of the same link. */
  mend(from: number, to: number): void {
    const link = from * this.#hosts + to;
    this.#cuts[link] = Math.max(0, (this.#cuts[link] as number) - 1);
  }

  /** What `from` sends to `to` waits for this long from now on, or longer if it does already. */
  clog(from: number, to: number, lasting: number): void {
    const link = from * this.#hosts + to;
    const until = this.#kernel.now + lasting;
    this.#cloggedUntil.set(link, Math.max(this.#cloggedUntil.get(link) ?? 0, until));
  }

  /** No link is clogged any more; what waits arrives when it would have. */
  unclog(): void {
    this.#cloggedUntil.clear();
  }

  /** For how long the link is clogged from now on; not above 0: it is free. */
  #clogged(link: number): number {
    return (this.#cloggedUntil.get(link) ?? 0) - this.#kernel.now;
  }

  #isFull(from: number, to: number): boolean {
    const { capacity } = this.conditions;
    return capacity > 0 && (this.#underWay[from * this.#hosts + to] as number) >= capacity;
  }

  /** False: it is lost before it is on its way. */
  #isTaken({ from, to, message }: Packet): boolean {
    if (this.#streams?.carries(to, message) === false || this.isCut(from, to)) return false;
    return !this.#random.chance(this.conditions.lossPerMillion) && !this.#isFull(from, to);
  }

  #latency(): number {
    const { latencyMin, latencyMean, delays } = this.conditions;
    return latencyMin + delayOf(this.#random, delays, latencyMean);
  }

  #strays(): boolean {
    return this.#random.chance(this.conditions.reorderedPerMillion);
  }

  /** Null: of what is in no order with others. */
  #delay(packet: Packet | null): number {
    if (this.#strays()) return strayingBy * this.#latency();
    if (packet === null || this.#streams === null) return this.#latency();
    return this.#inOrder(packet, this.#streams);
  }

  /** How long it takes behind all that it may not overtake. */
  #inOrder({ from, to, message }: Packet, streams: Streams): number {
    const { now } = this.#kernel;
    const end = this.#endOf(from * this.#hosts + to);
    if (now >= end.drawAt) {
      end.latency = this.#latency();
      end.drawAt = now + this.conditions.latencyMean;
    }
    const isBulk = streams.isBulk(message);
    const at = Math.max(now + end.latency, isBulk ? end.bulkAt : end.urgentAt);
    end.bulkAt = Math.max(end.bulkAt, at);
    if (!isBulk) end.urgentAt = at;
    return at - now;
  }

  /** What it was not to be overtaken by does not overtake it now. */
  #holdBack(packet: Packet, wait: number): void {
    this.#arriveAfter(packet, wait);
    if (this.#streams === null) return;
    const end = this.#endOf(packet.from * this.#hosts + packet.to);
    const at = this.#kernel.now + wait;
    end.bulkAt = Math.max(end.bulkAt, at);
    if (!this.#streams.isBulk(packet.message)) end.urgentAt = Math.max(end.urgentAt, at);
  }

  #endOf(link: number): StreamEnd {
    const known = this.#streamEnds.get(link);
    if (known !== undefined) return known;
    const end = { urgentAt: 0, bulkAt: 0, latency: 0, drawAt: 0 };
    this.#streamEnds.set(link, end);
    return end;
  }

  #schedule(packet: Packet, delay: number): void {
    const link = packet.from * this.#hosts + packet.to;
    this.#underWay[link] = (this.#underWay[link] as number) + 1;
    this.#arriveAfter(packet, delay);
  }

  #arriveAfter(packet: Packet, delay: number): void {
    this.launched?.(packet, delay);
    this.#kernel.schedule(delay, EventKind.DELIVER, packet.to, packet, this.#arrives);
  }

  /** One function for all messages: one a message would be a third of what it takes in memory. */
  readonly #arrives = ({ subject }: SimEvent): boolean => {
    const packet = subject as Packet;
    const link = packet.from * this.#hosts + packet.to;
    const wait = this.#cloggedUntil.size === 0 ? 0 : this.#clogged(link);
    if (wait > 0) {
      this.#holdBack(packet, wait);
      return false;
    }
    this.#underWay[link] = (this.#underWay[link] as number) - 1;
    if ((this.#cuts[link] as number) === 0 && this.#deliver(packet)) return true;
    this.dropped += 1;
    return false;
  };
}
