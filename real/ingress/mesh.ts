import { limits } from "../../core/base/limits.ts";
import { type PublishedPort, portKey } from "../../core/model/endpoint.ts";
import type { Route } from "../../core/model/ingress.ts";
import type { Ingress } from "../../core/ports/ingress.ts";
import { Budget } from "./budget.ts";
import type { Carrier } from "./carrier.ts";
import { TcpCarrier } from "./tcp-carrier.ts";
import { Traffic } from "./traffic.ts";
import { UdpCarrier } from "./udp-carrier.ts";

/** What the node's log is told. */
export interface MeshNotice {
  readonly level: "debug" | "info" | "warn";
  /** `tcp 8080`. */
  readonly port: string;
  readonly text: string;
}

export interface MeshOptions {
  /** The address to listen on; null: all of this machine's. */
  readonly host: string | null;
  readonly notice: (notice: MeshNotice) => void;
  /** Before a port that can't be had is tried again. */
  readonly retryMs?: number;
  /** Connections at a time, of all ports. */
  readonly most?: number;
  /** Where it is counted what is carried. */
  readonly traffic?: Traffic;
}

/** That the node is full is said this often. */
const fullEveryMs = 10_000;

/** A published port from the first route that leads somewhere to the one that does not. */
interface Port {
  readonly carrier: Carrier;
  isClosed: boolean;
}

/**
 * The ports that services publish on every node, carried in user space: each connection to one of
 * the tasks that core names, in turn. What can't be had here is told and tried again, and is no
 * trouble to any other port.
 */
export class Mesh implements Ingress {
  readonly #options: Required<MeshOptions>;
  readonly #budget: Budget;
  readonly #ports = new Map<string, Port>();
  #saidFullAt = Number.NEGATIVE_INFINITY;

  constructor(options: MeshOptions) {
    this.#options = {
      retryMs: 5_000,
      most: limits.ingressConnections,
      traffic: new Traffic(),
      ...options,
    };
    this.#budget = new Budget(this.#options.most, this.#options.traffic);
  }

  /** Connections that are carried now, and senders over UDP. */
  get connections(): number {
    return this.#budget.taken;
  }

  route(route: Route): void {
    const key = portKey(route);
    const known = this.#ports.get(key);
    if (route.backends.length > 0)
      return (known ?? this.#open(key, route)).carrier.lead(route.backends);
    if (known === undefined) return;
    this.#ports.delete(key);
    known.isClosed = true;
    known.carrier.close();
  }

  /** Listens no more; connections end with the process. */
  close(): void {
    for (const [key, port] of this.#ports) {
      this.#ports.delete(key);
      port.isClosed = true;
      port.carrier.close();
    }
  }

  #open(key: string, { protocol, publishedPort }: PublishedPort): Port {
    const { host, traffic } = this.#options;
    const full = () => this.#sayFull(key);
    const options = { port: publishedPort, host, budget: this.#budget, traffic, full };
    const carrier = protocol === "udp" ? new UdpCarrier(options) : new TcpCarrier(options);
    const port = { carrier, isClosed: false };
    this.#ports.set(key, port);
    void this.#bind(key, port, null);
    return port;
  }

  /** `trouble` is what was last said of it; null: nothing. */
  async #bind(key: string, port: Port, trouble: string | null): Promise<void> {
    const { notice, retryMs } = this.#options;
    try {
      await port.carrier.bind();
      const level = trouble === null ? "debug" : "info";
      notice({ level, port: key, text: "this node answers on the published port" });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const text = `this node can't answer on the published port: ${reasonOf(code) ?? message}`;
      if (text !== trouble) notice({ level: "warn", port: key, text });
      setTimeout(() => {
        if (!port.isClosed) void this.#bind(key, port, text);
      }, retryMs).unref();
    }
  }

  #sayFull(port: string): void {
    const now = performance.now();
    if (now - this.#saidFullAt < fullEveryMs) return;
    this.#saidFullAt = now;
    const text = `clients are turned away: this node carries ${this.#budget.taken} connections`;
    this.#options.notice({ level: "warn", port, text });
  }
}

/** What to do about it; null: the system's own words must do. */
function reasonOf(code: string | undefined): string | null {
  switch (code) {
    case "EADDRINUSE":
      return "another program has it. It is tried again; other nodes answer meanwhile";
    case "EACCES":
      return "ports below 1024 need CAP_NET_BIND_SERVICE. It is tried again";
    case "EADDRNOTAVAIL":
      return "this machine does not have the address of --listen-ingress. It is tried again";
    default:
      return null;
  }
}
