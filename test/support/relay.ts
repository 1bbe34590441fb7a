import { rmSync } from "node:fs";
import { createServer, connect as dial, type Server, type Socket } from "node:net";

/** A way to a socket, or to a port of loopback, that can be cut, be slow, or stand still. */
export class Relay {
  readonly path: string | number;
  /** For so long nothing of a new connection gets through. */
  delaysFirstBytesByMs = 0;
  /** No more gets through, each way. */
  bytesPerSecond = Number.POSITIVE_INFINITY;
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

  async #pass(bytes: Buffer, from: Socket, to: Socket): Promise<void> {
    if (this.bytesPerSecond === Number.POSITIVE_INFINITY) return void to.write(bytes);
    from.pause();
    const [most, pauseMs] = [this.bytesPerSecond / 10, 100];
    for (let at = 0; at < bytes.length; at += most) {
      to.write(bytes.subarray(at, at + most));
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    if (!this.#isHeld) from.resume();
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
      from.on("data", (bytes) => this.#pass(bytes, from, to));
      if (this.#isHeld) from.pause();
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}
