import { createSocket } from "node:dgram";
import { connect, isIPv6 } from "node:net";
import { Frames, framed } from "./frames.ts";
import { hostResolvers, isOnlyHere } from "./resolvers.ts";

export type Transport = "udp" | "tcp";

/** A resolver that has not answered by then is not there. */
const patienceMs = 1_500;
/** Resolvers are looked up this often. */
const freshMs = 5_000;
const namesPort = 53;

/**
 * The machine's own resolvers, for what nobody here knows: where they listen on nothing but the
 * machine's loopback no container can ask them itself.
 */
export class Upstream {
  readonly #list: () => string[];
  readonly #port: number;
  #resolvers: readonly string[] = [];
  #listedAt = Number.NEGATIVE_INFINITY;

  constructor(list: () => string[] = hostResolvers, port = namesPort) {
    this.#list = list;
    this.#port = port;
  }

  /** Null: none answers, or containers are to ask by themselves. */
  async ask(query: Buffer, by: Transport): Promise<Buffer | null> {
    const resolvers = this.#now();
    if (!resolvers.every(isOnlyHere)) return null;
    for (const resolver of resolvers) {
      const answer = await asked[by](query, resolver, this.#port);
      if (answer !== null) return answer;
    }
    return null;
  }

  #now(): readonly string[] {
    const now = performance.now();
    if (now - this.#listedAt > freshMs) {
      this.#listedAt = now;
      this.#resolvers = this.#list();
    }
    return this.#resolvers;
  }
}

type Ask = (query: Buffer, resolver: string, port: number) => Promise<Buffer | null>;

const asked: Readonly<Record<Transport, Ask>> = { udp: askByUdp, tcp: askByTcp };

function askByUdp(query: Buffer, resolver: string, port: number): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(resolver) ? "udp6" : "udp4");
    const end = (answer: Buffer | null) => {
      clearTimeout(timer);
      socket.removeAllListeners().on("error", () => undefined);
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(end, patienceMs, null);
    socket.on("error", () => end(null));
    socket.on("message", end);
    socket.connect(port, resolver, () => socket.send(query));
  });
}

function askByTcp(query: Buffer, resolver: string, port: number): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: resolver, port, timeout: patienceMs });
    const end = (answer: Buffer | null) => {
      socket.destroy();
      resolve(answer);
    };
    const frames = new Frames(end);
    socket.on("error", () => end(null));
    socket.on("timeout", () => end(null));
    socket.on("close", () => end(null));
    socket.on("data", (bytes) => frames.take(bytes));
    socket.write(framed(query));
  });
}
