import type { Random } from "../../core/base/random.ts";
import type { ClientReply, ClientRequest } from "../../core/control/command.ts";
import { EventKind, type Kernel, type SimTime } from "../kernel.ts";
import type { Host } from "../world/host.ts";
import type { WorldObserver } from "../world/observer.ts";

/** A reply that says what became of the request. */
export type FinalReply = Exclude<ClientReply, { kind: "try-again" }>;

/** How long a caller waits, in microseconds. */
export interface Patience {
  /** For one manager's answer, before another manager is asked. */
  readonly answerTimeout: number;
  /** From the first attempt to the last; never giving up is `Infinity`. */
  readonly giveUpAfter: number;
}

/** The world as a caller needs it. */
export interface CallerWorld {
  readonly kernel: Kernel;
  readonly hosts: readonly Host[];
  readonly observer: WorldObserver;
}

const requestLatency = 200;
const pauseBeforeRetry = 500_000;

/** The request on its way: repeated word for word until something is known of it. */
interface Pending {
  readonly token: number;
  readonly request: ClientRequest;
  readonly giveUpAt: SimTime;
  readonly told: (answer: FinalReply | null) => void;
}

/**
 * Asks managers one thing at a time, and repeats it, here and there, until one of them has said
 * what became of it or the patience is over.
 */
export class Caller {
  readonly #world: CallerWorld;
  readonly #random: Random;
  readonly #patience: Patience;
  #pending: Pending | null = null;
  #target: Host;
  /** Tokens are counted up from here, so that no two callers share one. */
  #lastToken: number;

  constructor(world: CallerWorld, random: Random, patience: Patience, firstToken: number) {
    this.#world = world;
    this.#random = random;
    this.#patience = patience;
    this.#lastToken = firstToken;
    this.#target = random.pick(managersOf(world));
  }

  get isWaiting(): boolean {
    return this.#pending !== null;
  }

  /** Turns to any manager with the next request. */
  moveOn(): void {
    this.#target = this.#anyManager();
  }

  /** `told` hears the answer, or null when the patience is over and nothing is known. */
  ask(request: ClientRequest, told: (answer: FinalReply | null) => void): void {
    const giveUpAt = this.#world.kernel.now + this.#patience.giveUpAfter;
    this.#attempt({ request, giveUpAt, told });
  }

  /** The answer of a manager to the request with `token`; late ones are no longer waited for. */
  reply(token: number, reply: ClientReply): void {
    this.#world.kernel.schedule(requestLatency, EventKind.REPLY, -1, reply, () => {
      const pending = this.#pending;
      if (pending === null || pending.token !== token) return false;
      this.#world.observer.acknowledged(pending.request, reply);
      if (reply.kind === "try-again") this.#retryLater(token, reply.leader);
      else this.#end(pending, reply);
      return true;
    });
  }

  #attempt(asked: Omit<Pending, "token">): void {
    this.#lastToken += 1;
    const token = this.#lastToken;
    const { request, giveUpAt, told } = asked;
    this.#pending = { token, request, giveUpAt, told };
    const target = this.#target;
    const { kernel } = this.#world;
    kernel.schedule(requestLatency, EventKind.REQUEST, target.number, request, () => {
      if (this.#pending?.token !== token) return false;
      if (!target.receive({ kind: "request", token, request })) this.#retryLater(token, null);
      return true;
    });
    kernel.schedule(this.#patience.answerTimeout, EventKind.CLIENT, -1, "timeout", () => {
      if (this.#pending?.token !== token) return false;
      this.#retry(token, null);
      return true;
    });
  }

  #retryLater(token: number, leader: string | null): void {
    this.#world.kernel.schedule(pauseBeforeRetry, EventKind.CLIENT, -1, "retry", () => {
      if (this.#pending?.token !== token) return false;
      this.#retry(token, leader);
      return true;
    });
  }

  #retry(token: number, leader: string | null): void {
    const pending = this.#pending;
    if (pending === null || pending.token !== token) return;
    const { kernel, hosts } = this.#world;
    if (kernel.now >= pending.giveUpAt) return this.#end(pending, null);
    const hinted = hosts.find(({ name }) => name === leader);
    this.#target = hinted ?? this.#anyManager();
    this.#attempt(pending);
  }

  /** While there is none, as all have lost their disks, the last one goes on being asked. */
  #anyManager(): Host {
    const managers = managersOf(this.#world);
    return managers.length === 0 ? this.#target : this.#random.pick(managers);
  }

  #end(pending: Pending, answer: FinalReply | null): void {
    this.#pending = null;
    pending.told(answer);
  }
}

/** A user knows which nodes are managers. */
function managersOf({ hosts }: CallerWorld): Host[] {
  return hosts.filter((host) => host.isManager);
}
