import { rmSync } from "node:fs";
import { createServer, connect as dial, type Server, type Socket } from "node:net";

/** A way to a socket, or to a port of loopback, that can be cut, or stand still. */
export class Relay {
  readonly path: string | number;
  /** For so long nothing of a new connection gets through. */
  delaysFirstBytesByMs = 0;
  readonly #target: string | number;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #isHeld = false;

  constructor(path: string | number, target: string | number) {
    this.path = path;
    this.#target = target;
  }

  open(): Promise<void> {
    const server = createServer((socket) => this.#join(socket));
    this.#server = server;
    return new Promise((resolve) => server.listen(this.path, resolve));
  }

  /** Whoever speaks is cut off, and nobody gets through any more. */
  cut(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
    if (typeof this.path === "string") rmSync(this.path, { force: true });
  }

  /** Whoever speaks is not read any more, nor who comes, before `release`. */
  hold(): void {
    this.#isHeld = true;
    for (const socket of this.#sockets) socket.pause();
  }

  release(): void {
    this.#isHeld = false;
    for (const socket of this.#sockets) socket.resume();
  }

  async #join(socket: Socket): Promise<void> {
    socket.on("error", () => socket.destroy()).pause();
    await new Promise((resolve) => setTimeout(resolve, this.delaysFirstBytesByMs));
    const target = dial(this.#target as string);
    socket.resume();
    for (const [from, to] of [
      [socket, target],
      [target, socket],
    ] as const) {
      this.#sockets.add(from);
      from.on("data", (bytes) => to.write(bytes));
      if (this.#isHeld) from.pause();
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}
