import type { Server } from "node:http";
import { type LocalSocket, type ServedLocally, serveSocket } from "../grpc/server.ts";
import { makeRoom } from "../unix-socket.ts";
import { serveDebug } from "./debug-http.ts";
import { type HttpPages, serveHttp } from "./http.ts";
import type { DaemonOptions } from "./options.ts";

/**
 * What a node serves on its own machine: pages for those who watch over it, as soon as it has its
 * state directory, and the socket for `swarmctl` when it is up, or locked.
 */
export class LocalServers {
  readonly #options: DaemonOptions;
  readonly #pages: HttpPages;
  #socket: LocalSocket | null = null;
  readonly #http: Server[] = [];

  constructor(options: DaemonOptions, pages: HttpPages) {
    this.#options = options;
    this.#pages = pages;
  }

  /** Rejects when it could not be had, so that a node is nothing yet that nobody could ask. */
  async checkSocket(): Promise<void> {
    if (this.#socket === null) await makeRoom(this.#options.listenControlApi);
  }

  /** Rejects when an address is taken. Does nothing when they are open already. */
  async openPages(): Promise<void> {
    if (this.#http.length > 0) return;
    const { listenMetrics, listenDebug } = this.#options;
    if (listenMetrics !== "") this.#http.push(await serveHttp(listenMetrics, this.#pages));
    if (listenDebug !== "") this.#http.push(await serveDebug(listenDebug));
  }

  /** In the place of what it served before. Rejects when it can't be had. */
  async openSocket(served: ServedLocally): Promise<void> {
    if (this.#socket !== null) return this.#socket.serve(served);
    const path = this.#options.listenControlApi;
    await makeRoom(path);
    this.#socket = await serveSocket(path, served);
  }

  async close(): Promise<void> {
    for (const server of this.#http) server.close();
    await this.#socket?.stop();
  }
}
