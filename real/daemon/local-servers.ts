import { rmSync } from "node:fs";
import type { Server } from "node:http";
import { type ServedLocally, serveSocket } from "../grpc/server.ts";
import { serveDebug } from "./debug-http.ts";
import { type HttpPages, serveHttp } from "./http.ts";
import type { DaemonOptions } from "./options.ts";

/**
 * What a node serves on its own machine: the socket for `swarmctl`, and the pages for those who
 * watch over it. A locked node opens it at once, any other when it is up.
 */
export class LocalServers {
  readonly #options: DaemonOptions;
  readonly #served: ServedLocally;
  readonly #pages: HttpPages;
  #opened: Promise<void> | null = null;
  #socket: (() => Promise<void>) | null = null;
  readonly #http: Server[] = [];

  constructor(options: DaemonOptions, served: ServedLocally, pages: HttpPages) {
    this.#options = options;
    this.#served = served;
    this.#pages = pages;
  }

  /** Rejects when an address is taken. Once: later calls wait for the first. */
  open(): Promise<void> {
    this.#opened ??= this.#open();
    return this.#opened;
  }

  async close(): Promise<void> {
    for (const server of this.#http) server.close();
    await this.#socket?.();
  }

  async #open(): Promise<void> {
    const { listenControlApi, listenMetrics, listenDebug } = this.#options;
    rmSync(listenControlApi, { force: true });
    this.#socket = await serveSocket(listenControlApi, this.#served);
    if (listenMetrics !== "") this.#http.push(await serveHttp(listenMetrics, this.#pages));
    if (listenDebug !== "") this.#http.push(await serveDebug(listenDebug));
  }
}
