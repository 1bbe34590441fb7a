import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";
import type { Backend } from "../../core/model/ingress.ts";
import type { Carrier, CarrierOptions } from "./carrier.ts";
import { Turns } from "./turns.ts";
import { sendOn, UdpExchange } from "./udp-exchange.ts";

/** Datagrams of one published port: each sender has a backend, until that one is gone. */
export class UdpCarrier implements Carrier {
  readonly #options: CarrierOptions;
  readonly #turns = new Turns();
  /** By the sender's address and port. */
  readonly #exchanges = new Map<string, UdpExchange>();
  #socket: Socket | null = null;
  #isClosed = false;

  constructor(options: CarrierOptions) {
    this.#options = options;
  }

  /** On all addresses, of both families where the machine has both. */
  async bind(): Promise<void> {
    const { host } = this.#options;
    if (host !== null) return this.#bind(isIPv6(host) ? "udp6" : "udp4", host);
    try {
      await this.#bind("udp6", "::");
    } catch (error) {
      if (!isFamilyMissing(error)) throw error;
      await this.#bind("udp4", "0.0.0.0");
    }
  }

  lead(backends: readonly Backend[]): void {
    this.#turns.backends = backends;
    for (const exchange of [...this.#exchanges.values()]) {
      if (!this.#turns.has(exchange.backend)) exchange.end();
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const exchange of [...this.#exchanges.values()]) exchange.end();
    this.#socket?.close();
    this.#socket = null;
  }

  async #bind(type: "udp4" | "udp6", address: string): Promise<void> {
    const socket = createSocket({ type, ipv6Only: false });
    try {
      socket.bind({ address, port: this.#options.port, exclusive: true });
      await once(socket, "listening");
    } catch (error) {
      socket.close();
      throw error;
    }
    if (this.#isClosed) return void socket.close();
    this.#socket = socket;
    socket.on("error", () => undefined);
    socket.on("message", (datagram, from) => {
      const exchange = this.#exchange(socket, from);
      if (exchange === null) return;
      exchange.send(datagram);
      this.#options.traffic.add("bytesIn", datagram.length);
    });
  }

  /** Null: nobody takes it. */
  #exchange(socket: Socket, from: RemoteInfo): UdpExchange | null {
    const sender = `${from.address} ${from.port}`;
    const known = this.#exchanges.get(sender);
    if (known !== undefined) return known;
    const [backend] = this.#turns.take();
    if (backend === undefined) return null;
    const { budget, traffic, full } = this.#options;
    if (!budget.take()) {
      full();
      return null;
    }
    const answer = (datagram: Buffer) => {
      if (this.#isClosed) return;
      sendOn(socket, datagram, from);
      traffic.add("bytesOut", datagram.length);
    };
    const exchange = new UdpExchange(backend, answer, () => {
      this.#exchanges.delete(sender);
      budget.give();
    });
    this.#exchanges.set(sender, exchange);
    traffic.add("carried");
    return exchange;
  }
}

function isFamilyMissing(error: unknown): boolean {
  const { code = "" } = error as NodeJS.ErrnoException;
  return code === "EAFNOSUPPORT" || code === "EADDRNOTAVAIL" || code === "EINVAL";
}
