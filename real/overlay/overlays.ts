import { isIP } from "node:net";
import type { Logger } from "pino";
import type { OverlayState } from "../../core/model/overlay.ts";
import type { OverlayPort } from "../../core/ports/overlay.ts";
import { type IpRoute, newIpRoute } from "./iproute.ts";
import { NamesThread } from "./names-thread.ts";
import { mtuBetween, Tunnel } from "./tunnel.ts";

/** How often what could not be had is tried again. */
const retryMs = 5_000;

/** One overlay that this node has tasks in, or had. */
interface Carried {
  /** Null: not told of in this life, or not any more. */
  state: OverlayState | null;
  readonly tunnel: Tunnel;
  /** The engine has its bridge. */
  isMade: boolean;
  /** Why its packets do not reach other nodes; null: they do, or there is nobody. */
  problem: string | null;
  /** What is done about it, one after the other. */
  last: Promise<unknown>;
}

type OverlayNames = Pick<NamesThread, "carry" | "open" | "close">;

/** What they are made with. */
export interface OverlayParts {
  readonly ip: IpRoute;
  readonly names: OverlayNames;
}

/** What there is of overlays, for metrics. */
export interface OverlayFigures {
  readonly overlays: number;
  /** Tasks on other nodes. */
  readonly remote: number;
  /** Overlays whose packets do not reach other nodes. */
  readonly broken: number;
}

/**
 * The overlays of this node: who is where, as core tells it, made into VXLAN beside the bridges of
 * the engine, and into names.
 */
export class Overlays implements OverlayPort {
  readonly #log: Logger;
  readonly #ip: IpRoute;
  readonly #names: OverlayNames;
  readonly #carried = new Map<string, Carried>();
  readonly #retry = setInterval(() => this.#again(), retryMs).unref();

  constructor(log: Logger, parts: Partial<OverlayParts> = {}) {
    this.#log = log;
    this.#ip = parts.ip ?? newIpRoute();
    this.#names = parts.names ?? new NamesThread(log);
  }

  carry(overlay: OverlayState): void {
    const carried = this.#of(overlay.id);
    this.#names.carry(overlay);
    carried.state = overlay.peers === null ? null : overlay;
    if (!carried.isMade) return this.#drop(overlay.id, carried);
    void this.#lead(carried);
    if (carried.state !== null) void this.#names.open(overlay.id);
  }

  /**
   * The engine has the overlay's bridge; `anew`: since now. Resolves to what keeps names from being
   * answered, null: nothing. Rejects when there are tasks on other nodes and no way to them.
   */
  async made(network: string, anew: boolean): Promise<string | null> {
    const carried = this.#of(network);
    if (anew) await this.#inTurn(carried, () => carried.tunnel.remove());
    carried.isMade = true;
    const { state } = carried;
    if (state === null) return null;
    const [, names] = await Promise.all([this.#lead(carried), this.#names.open(network)]);
    if (carried.problem === null) return names;
    throw new Error(`network ${state.name} does not reach other nodes: ${carried.problem}`);
  }

  /** The engine has had it since before this life: what is told of it is to be made at once. */
  found(network: string): void {
    this.#of(network).isMade = true;
  }

  /** The engine has it no more. */
  async removed(network: string): Promise<void> {
    const carried = this.#of(network);
    carried.isMade = false;
    await this.#inTurn(carried, () => carried.tunnel.remove());
    this.#drop(network, carried);
  }

  /** Unless something is left of it. */
  #drop(network: string, { state, isMade }: Carried): void {
    if (state === null && !isMade) this.#carried.delete(network);
  }

  /** What fits into a packet of it, in bytes. */
  mtuOf(network: string): number {
    return mtuBetween(this.#carried.get(network)?.state?.own ?? "");
  }

  get figures(): OverlayFigures {
    const states = [...this.#carried.values()];
    return {
      overlays: states.filter(({ state }) => state !== null).length,
      remote: states.reduce((sum, { state }) => sum + remoteOf(state).size, 0),
      broken: states.filter(({ problem }) => problem !== null).length,
    };
  }

  /** Names are answered no more; packets go on as they did. */
  async close(): Promise<void> {
    clearInterval(this.#retry);
    await this.#names.close();
  }

  #of(network: string): Carried {
    const known = this.#carried.get(network);
    if (known !== undefined) return known;
    const tunnel = new Tunnel(network, this.#ip);
    const last = Promise.resolve();
    const carried = { state: null, tunnel, isMade: false, problem: null, last };
    this.#carried.set(network, carried);
    return carried;
  }

  /** Leads to where the tasks are by then. */
  #lead(carried: Carried): Promise<void> {
    return this.#inTurn(carried, async () => {
      const { state, tunnel, isMade } = carried;
      if (state === null || !isMade) {
        carried.problem = null;
        return;
      }
      const led = tunnel.lead(state, remoteOf(state));
      const problem = await led.then(() => null, messageOf);
      if (problem !== carried.problem) this.#say(state.name, problem);
      carried.problem = problem;
    });
  }

  #inTurn(carried: Carried, act: () => Promise<void>): Promise<void> {
    const turn = carried.last.then(act);
    carried.last = turn;
    return turn;
  }

  #say(network: string, problem: string | null): void {
    const what = "the overlay's tasks on other nodes";
    if (problem === null) this.#log.info({ network }, `this node reaches ${what} again`);
    else this.#log.error({ network, reason: problem }, `this node does not reach ${what}`);
  }

  #again(): void {
    for (const carried of this.#carried.values()) {
      if (carried.problem !== null) void this.#lead(carried);
    }
  }
}

function messageOf({ message }: Error): string {
  return message;
}

/**
 * The node of each task that is on another one, by the task's address. There is no way to one that
 * has said no address; and what is none must not get among the lines that `bridge` carries out.
 */
function remoteOf(state: OverlayState | null): ReadonlyMap<string, string> {
  const remote = (state?.peers ?? []).filter(({ node }) => node !== state?.own && isIP(node) > 0);
  return new Map(remote.map(({ address, node }) => [address, node]));
}
