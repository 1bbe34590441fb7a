import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { Backend } from "../../core/model/ingress.ts";

/** One that has been silent for this long is over (Docker's `UDPConnTrackTimeout`). */
const idleMs = 90_000;
/** Datagrams that wait in a socket beyond this many bytes are dropped, as a network does. */
const queueBytes = 1024 * 1024;
/** Datagrams that wait for the socket itself. */
const waitingMost = 64;

/** What one sender says to one backend, and what comes back. */
export class UdpExchange {
  readonly backend: Backend;
  readonly #socket: Socket;
  readonly #idle: NodeJS.Timeout;
  /** Null once the socket is there. */
  #waiting: Buffer[] | null = [];
  #isOver = false;
  readonly #ended: () => void;

  /** `ended` is called once: after `end`, or when the backend is not there, or all are silent. */
  constructor(backend: Backend, answer: (datagram: Buffer) => void, ended: () => void) {
    const { address, port } = backend;
    this.backend = backend;
    this.#ended = ended;
    this.#idle = setTimeout(() => this.end(), idleMs);
    this.#socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
    this.#socket.on("error", () => this.end());
    this.#socket.on("message", (datagram) => {
      this.#idle.refresh();
      answer(datagram);
    });
    this.#socket.connect(port, address, () => this.#connected());
  }

  send(datagram: Buffer): void {
    this.#idle.refresh();
    if (this.#waiting === null) sendOn(this.#socket, datagram);
    else if (this.#waiting.length < waitingMost) this.#waiting.push(datagram);
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#idle);
    this.#socket.close();
    this.#ended();
  }

  #connected(): void {
    if (this.#isOver) return;
    for (const datagram of this.#waiting ?? []) sendOn(this.#socket, datagram);
    this.#waiting = null;
  }
}

/** Whether it arrives nobody hears, as always with datagrams. No `to`: where it is connected. */
export function sendOn(
  socket: Socket,
  datagram: Buffer,
  to?: { readonly address: string; readonly port: number },
): void {
  if (socket.getSendQueueSize() > queueBytes) return;
  if (to === undefined) socket.send(datagram, () => undefined);
  else socket.send(datagram, to.port, to.address, () => undefined);
}
