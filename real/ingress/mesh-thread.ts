import { Worker } from "node:worker_threads";
import type { Logger } from "pino";
import { portKey } from "../../core/model/endpoint.ts";
import type { Route } from "../../core/model/ingress.ts";
import type { Ingress } from "../../core/ports/ingress.ts";
import { Backoff } from "../backoff.ts";
import type { MeshNotice } from "./mesh.ts";
import type { MeshWorkerData } from "./mesh-worker.ts";
import { Traffic } from "./traffic.ts";

/**
 * The mesh in a thread of its own, from the first published port on. Should the thread die, another
 * one takes over; its connections are lost.
 */
export class MeshThread implements Ingress {
  readonly #host: string | null;
  readonly #log: Logger;
  /** What it has carried. */
  readonly traffic = new Traffic();
  readonly #routes = new Map<string, Route>();
  readonly #backoff = new Backoff();
  #thread: Worker | null = null;
  #isClosed = false;

  /** `host` is the address to listen on; null: all of this machine's. */
  constructor(host: string | null, log: Logger) {
    this.#host = host;
    this.#log = log;
  }

  route(route: Route): void {
    const key = portKey(route);
    if (route.backends.length > 0) this.#routes.set(key, route);
    else if (!this.#routes.delete(key)) return;
    if (this.#thread === null) this.#start();
    else this.#thread.postMessage(route);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#thread?.terminate();
  }

  #start(): void {
    if (this.#isClosed || this.#routes.size === 0) return;
    const workerData: MeshWorkerData = { host: this.#host, memory: this.traffic.memory };
    const thread = new Worker(new URL("./mesh-worker.js", import.meta.url), { workerData });
    this.#thread = thread;
    thread.on("message", ({ level, port, text }: MeshNotice) => this.#log[level]({ port }, text));
    thread.once("error", (error) => this.#died(error));
    for (const route of this.#routes.values()) thread.postMessage(route);
  }

  #died(error: Error): void {
    this.traffic.lost();
    this.#log.error({ reason: error.message }, "the thread that carries published ports has died");
    setTimeout(() => {
      this.#thread = null;
      this.#start();
    }, this.#backoff.takeMs()).unref();
  }
}
