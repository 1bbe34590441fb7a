import { rmSync } from "node:fs";
import { createServer, connect as dial, type Server, type Socket } from "node:net";

/** A way to a socket that can be cut. */
export class Relay {
  readonly path: string;
  readonly #target: string;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;

  constructor(path: string, target: string) {
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
    rmSync(this.path, { force: true });
  }

  #join(socket: Socket): void {
    const target = dial(this.#target);
    for (const [from, to] of [
      [socket, target],
      [target, socket],
    ] as const) {
      this.#sockets.add(from);
      from.on("data", (bytes) => to.write(bytes));
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}
