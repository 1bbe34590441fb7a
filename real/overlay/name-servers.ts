import { Resolver } from "node:dns/promises";
import { overlaps, parseBlock } from "../../core/model/ipv4.ts";
import type { OverlayState } from "../../core/model/overlay.ts";
import { ownName } from "./answer.ts";
import { NameServer } from "./name-server.ts";
import { Names } from "./names.ts";
import { Upstream } from "./upstream.ts";

/** What is to be done about one overlay's names. */
export type NamesOrder =
  | { readonly kind: "carry"; readonly overlay: OverlayState }
  /** Its gateway is an address of this machine by now. */
  | { readonly kind: "open"; readonly network: string };

/** Whether its names are answered here. */
export interface NamesNotice {
  /** Its id. */
  readonly network: string;
  /** What is in the way; null: they are, by this process or another that serves the network. */
  readonly problem: string | null;
}

export interface NameServersOptions {
  readonly notice: (notice: NamesNotice) => void;
  readonly port?: number;
  readonly upstream?: Upstream;
  /** Before a port that can't be had is tried again. */
  readonly retryMs?: number;
}

/** An overlay from the first word of it to the last. */
interface Served {
  readonly server: NameServer;
  readonly gateway: string;
  isOpen: boolean;
  isOver: boolean;
}

/** The servers of names of all overlays that this node has tasks in, each at its gateway. */
export class NameServers {
  readonly #options: Required<NameServersOptions>;
  readonly #names = new Names();
  readonly #served = new Map<string, Served>();

  constructor(options: NameServersOptions) {
    this.#options = { port: 53, retryMs: 1_000, upstream: new Upstream(), ...options };
  }

  order(order: NamesOrder): void {
    if (order.kind === "carry") this.#carry(order.overlay);
    else this.#open(order.network);
  }

  close(): void {
    for (const network of [...this.#served.keys()]) this.#forget(network);
  }

  #carry(overlay: OverlayState): void {
    const { id, gateway, subnet, peers } = overlay;
    this.#names.carry(overlay);
    if (peers === null) return this.#forget(id);
    if (this.#served.has(id)) return;
    const { port, upstream } = this.#options;
    const server = new NameServer({
      address: gateway,
      port,
      lookup: (asker) => (isIn(subnet, asker) ? this.#names.for(id, asker) : null),
      elsewhere: (query, by) => upstream.ask(query, by),
    });
    this.#served.set(id, { server, gateway, isOpen: false, isOver: false });
  }

  #forget(network: string): void {
    const served = this.#served.get(network);
    if (served === undefined) return;
    this.#served.delete(network);
    served.isOver = true;
    served.server.close();
  }

  #open(network: string): void {
    const served = this.#served.get(network);
    if (served === undefined || served.isOpen) return;
    served.isOpen = true;
    void this.#bind(network, served, undefined);
  }

  /** `said` is what was last said of it; undefined: nothing. */
  async #bind(network: string, served: Served, said: string | null | undefined): Promise<void> {
    const { notice, retryMs } = this.#options;
    const { server, gateway } = served;
    const error = await server.bind().then(
      () => null,
      (reason: NodeJS.ErrnoException) => reason,
    );
    if (served.isOver) return server.close();
    const problem = error === null ? null : await this.#problem(network, gateway, error);
    if (problem !== said) notice({ network, problem });
    if (error === null || served.isOver) return;
    setTimeout(() => {
      if (!served.isOver) void this.#bind(network, served, problem);
    }, retryMs).unref();
  }

  /** Null: another process answers, which serves the same network. */
  async #problem(
    network: string,
    gateway: string,
    { code, message }: NodeJS.ErrnoException,
  ): Promise<string | null> {
    const { port } = this.#options;
    switch (code) {
      case "EADDRINUSE":
        if ((await askedWho(gateway, port)) === network) return null;
        return `another program has port ${port} of ${gateway}: have it listen on other addresses`;
      case "EACCES":
        return `port ${port} needs root or CAP_NET_BIND_SERVICE`;
      case "EADDRNOTAVAIL":
        return `${gateway} is no address of this machine: its engine's networks are elsewhere`;
      default:
        return message;
    }
  }
}

/** The machine itself asks from the gateway's address. */
function isIn(subnet: string, address: string): boolean {
  const [block, asker] = [parseBlock(subnet), parseBlock(`${address}/32`)];
  return block !== null && asker !== null && overlaps(block, asker);
}

/** The id of the network that the server there is of; null: it is of none. */
async function askedWho(gateway: string, port: number): Promise<string | null> {
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([`${gateway}:${port}`]);
  const found = await resolver.resolveTxt(ownName).catch(() => []);
  return found[0]?.join("") ?? null;
}
