import { createSocket, type RemoteInfo, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { answerTo, failureTo, type Query, queryIn } from "./answer.ts";
import { Frames, framed } from "./frames.ts";
import type { Lookup } from "./names.ts";
import type { Transport } from "./upstream.ts";

/** Of DNS. */
const namesPort = 53;
/** Clients over TCP at a time; one that is silent for this long is let go. */
const clientsMost = 128;
const idleMs = 5_000;
/** Queries that wait for other resolvers; those beyond are turned down. */
const waitingMost = 256;
const streamBytes = 65_535;
/** Of answers that a client over TCP has not read. */
const unreadMost = 16 * streamBytes;

export interface NameServerOptions {
  /** The address to answer on: the network's gateway. */
  readonly address: string;
  readonly port?: number;
  /** What the client at this address finds; null: it is no address of the network's. */
  readonly lookup: (asker: string) => Lookup | null;
  /** Asks somebody else; null: there is nobody to be asked here. */
  readonly elsewhere: (query: Buffer, by: Transport) => Promise<Buffer | null>;
}

/**
 * Answers for the names of one overlay, over UDP and TCP. What it does not know it refuses, so that
 * the engine's own resolver in each container turns to the next one that the container has; unless
 * only this machine can reach its resolvers: then it asks them.
 */
export class NameServer {
  readonly #options: Required<NameServerOptions>;
  #waiting = 0;
  #udp: UdpSocket | null = null;
  #tcp: Server | null = null;

  constructor(options: NameServerOptions) {
    this.#options = { port: namesPort, ...options };
  }

  /** Rejects with the system's error when the port can't be had; may be called again then. */
  async bind(): Promise<void> {
    const { address, port } = this.#options;
    try {
      this.#udp = await boundSocket(address, port);
      this.#udp.on("message", (bytes, from) => void this.#datagram(bytes, from));
      this.#tcp = createServer({ noDelay: true }, (client) => this.#stream(client));
      this.#tcp.maxConnections = clientsMost;
      this.#tcp.listen(this.#udp.address().port, address);
      await once(this.#tcp, "listening");
      this.#tcp.on("error", () => undefined);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Where it answers, once it is bound. */
  get port(): number {
    return this.#udp?.address().port ?? 0;
  }

  close(): void {
    this.#udp?.close();
    this.#tcp?.close();
    this.#udp = null;
    this.#tcp = null;
  }

  async #datagram(bytes: Buffer, { address, port }: RemoteInfo): Promise<void> {
    const query = queryIn(bytes);
    if (query === null) return;
    const answer = await this.#answer(query, bytes, address, "udp");
    this.#udp?.send(answer, port, address, () => undefined);
  }

  #stream(client: Socket): void {
    const asker = client.remoteAddress ?? "";
    const frames = new Frames(async (bytes) => {
      const query = queryIn(bytes);
      if (query === null) return void client.destroy();
      const answer = await this.#answer(query, bytes, asker, "tcp");
      if (client.writableLength > unreadMost) client.destroy();
      else if (client.writable) client.write(framed(answer));
    });
    client.on("error", () => undefined);
    client.setTimeout(idleMs, () => client.destroy());
    client.on("data", (bytes) => frames.take(bytes));
  }

  async #answer(query: Query, bytes: Buffer, asker: string, by: Transport): Promise<Buffer> {
    const lookup = this.#options.lookup(asker);
    if (lookup === null) return failureTo(query, "refused");
    const known = answerTo(query, lookup, by === "udp" ? query.room : streamBytes);
    if (known !== null) return known;
    if (this.#waiting >= waitingMost) return failureTo(query, "refused");
    this.#waiting += 1;
    const found = await this.#options.elsewhere(bytes, by).catch(() => null);
    this.#waiting -= 1;
    return found ?? failureTo(query, "refused");
  }
}

async function boundSocket(address: string, port: number): Promise<UdpSocket> {
  const socket = createSocket("udp4");
  try {
    socket.bind({ address, port, exclusive: true });
    await once(socket, "listening");
  } catch (error) {
    socket.close();
    throw error;
  }
  return socket.on("error", () => undefined);
}
