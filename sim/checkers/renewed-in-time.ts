import { backdate } from "../../core/ca/issue.ts";
import type { CaRequest } from "../../core/ca/message.ts";
import type { NodeEvent } from "../../core/node/event.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type CheckedWorld, type Checker } from "./checker.ts";

/** In hundredths of its life: SwarmKit's latest moment, and one for clocks that run off. */
const latest = 81;
/** In microseconds: a node that was late, as it was paused, then asks within that. */
const catchesUp = 60_000_000;
/** A node that has done nothing for this long was paused. */
const idleMost = 35_000_000;

/** A certificate in use, and what its node has done to get the next. */
interface Watched {
  readonly serial: number;
  /** On the node's calendar. */
  readonly dueAt: number;
  /** How far off the calendar was when the certificate came. */
  readonly ahead: number;
  hasAsked: boolean;
  /** The node is late since then, and has last done something at `seenAt`. */
  lateSince: number;
  seenAt: number;
}

/**
 * A node asks for its next certificate while a fifth of the last one's life is left, so that the
 * others, whose clocks differ, never see it without a good one. Who was put off asks again.
 */
export class RenewedInTime implements Checker {
  readonly name = "renewed-in-time";
  readonly source = "SwarmKit ca/renewer.go: between 50 and 80 percent of its life";
  checks = 0;
  readonly #world: CheckedWorld;
  readonly #watched: (Watched | null)[];

  constructor(world: CheckedWorld) {
    this.#world = world;
    this.#watched = world.hosts.map(() => null);
  }

  recovered(host: Host): void {
    this.#watch(host);
  }

  crashed(host: Host): void {
    this.#watched[host.number] = null;
  }

  happened(host: Host, event: NodeEvent): void {
    if (event.kind === "certified") this.#watch(host);
  }

  caRequestSent(host: Host, message: CaRequest): void {
    if (message.kind !== "certificate-request") return;
    const watched = this.#watched[host.number] ?? null;
    if (watched === null || watched.hasAsked) return;
    watched.hasAsked = true;
    this.checks += 1;
  }

  atWork(host: Host): void {
    const watched = this.#watched[host.number] ?? null;
    if (watched === null || watched.hasAsked || host.clock.calendar() < watched.dueAt) return;
    if (host.clock.faults.ahead !== watched.ahead) return;
    const { now } = this.#world.kernel;
    if (now - watched.seenAt > idleMost) watched.lateSince = now;
    watched.seenAt = now;
    this.checks += 1;
    if (now - watched.lateSince <= catchesUp) return;
    const detail = `has not asked for a successor of its certificate ${watched.serial}`;
    throw new BrokenInvariant(this.name, host.name, `${host.name} ${detail}`);
  }

  /** What the node shows from now on; the signer has it already when the node is told. */
  #watch(host: Host): void {
    const { certificate } = host.signer.held;
    if (certificate === null) return;
    const { serial, notBefore, notAfter } = certificate;
    const { clock } = host;
    const issued = notBefore + backdate;
    const dueAt = Math.min(issued, clock.calendar()) + ((notAfter - issued) / 100) * latest;
    const { ahead } = clock.faults;
    const never = -Infinity;
    const fresh = { hasAsked: false, lateSince: never, seenAt: never };
    this.#watched[host.number] = { serial, dueAt, ahead, ...fresh };
  }
}
