import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Backend } from "../../core/model/ingress.ts";
import type { Carrier, CarrierOptions } from "./carrier.ts";
import type { Traffic } from "./traffic.ts";
import { Turns } from "./turns.ts";

/** A backend that has not accepted by then is not there. */
const connectTimeoutMs = 2_000;
/** No further backend is tried for a client that has waited this long. */
const patienceMs = 10_000;
/** An end that is gone without a word is found out by asking it after this much silence. */
const keepAliveMs = 60_000;

/** Connections of one published port: bytes are carried as they are, both ways, in either order. */
export class TcpCarrier implements Carrier {
  readonly #options: CarrierOptions;
  readonly #turns = new Turns();
  #server: Server | null = null;
  #isClosed = false;

  constructor(options: CarrierOptions) {
    this.#options = options;
  }

  async bind(): Promise<void> {
    const { port, host } = this.#options;
    const sockets = { allowHalfOpen: true, pauseOnConnect: true, noDelay: true };
    const server = createServer(sockets, (client) => void this.#carry(client));
    server.listen({ port, ...(host === null ? {} : { host }) });
    await once(server, "listening");
    server.on("error", () => undefined);
    this.#server = server;
    if (this.#isClosed) server.close();
  }

  lead(backends: readonly Backend[]): void {
    this.#turns.backends = backends;
  }

  close(): void {
    this.#isClosed = true;
    this.#server?.close();
  }

  async #carry(client: Socket): Promise<void> {
    const { budget, traffic, full } = this.#options;
    client.on("error", () => undefined);
    if (!budget.take()) {
      full();
      return void client.resetAndDestroy();
    }
    const backend = await this.#reach();
    if (backend !== null) {
      traffic.add("carried");
      return join(client, backend, traffic, () => budget.give());
    }
    traffic.add("unreachable");
    client.resetAndDestroy();
    budget.give();
  }

  /** The first backend that accepts; null: none does. Of the client nothing is heard until then. */
  async #reach(): Promise<Socket | null> {
    const end = performance.now() + patienceMs;
    for (const { address, port } of this.#turns.take()) {
      if (performance.now() > end) return null;
      const backend = await reached(address, port);
      if (backend !== null) return backend;
    }
    return null;
  }
}

function reached(host: string, port: number): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
    const timer = setTimeout(() => socket.destroy(), connectTimeoutMs);
    socket.on("error", () => undefined);
    socket.once("connect", () => {
      clearTimeout(timer);
      resolve(socket);
    });
    socket.once("close", () => {
      clearTimeout(timer);
      resolve(null);
    });
  });
}

/**
 * Each end hears what the other says, its end too, and no faster than it listens. When one breaks
 * so does the other. `done` is called when both are over.
 */
function join(client: Socket, backend: Socket, traffic: Traffic, done: () => void): void {
  let open = 2;
  const follow = (from: Socket, to: Socket, way: "bytesIn" | "bytesOut") => {
    from.setKeepAlive(true, keepAliveMs);
    from.pipe(to);
    from.on("data", ({ length }: Buffer) => traffic.add(way, length));
    from.once("close", () => {
      if (!from.readableEnded || from.errored !== null) to.resetAndDestroy();
      open -= 1;
      if (open === 0) done();
    });
  };
  follow(client, backend, "bytesIn");
  follow(backend, client, "bytesOut");
}
