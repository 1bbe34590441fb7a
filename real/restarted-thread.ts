import { Worker } from "node:worker_threads";
import { Backoff } from "./backoff.ts";

export interface ThreadOptions<Order, Notice> {
  readonly script: URL;
  readonly workerData: unknown;
  /** All that a new thread is to be told. */
  readonly orders: () => readonly Order[];
  readonly heard: (notice: Notice) => void;
  readonly died: (error: Error) => void;
}

/** A thread for work that no heartbeat is to wait for. When it dies another one takes over. */
export class RestartedThread<Order, Notice> {
  readonly #options: ThreadOptions<Order, Notice>;
  readonly #backoff = new Backoff();
  #thread: Worker | null = null;
  #isClosed = false;

  constructor(options: ThreadOptions<Order, Notice>) {
    this.#options = options;
  }

  /** The order is one of `orders` by now: the first one starts the thread. */
  tell(order: Order): void {
    if (this.#thread === null) this.#start();
    else this.#thread.postMessage(order);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#thread?.terminate();
  }

  #start(): void {
    const { script, workerData, orders, heard, died } = this.#options;
    const all = orders();
    if (this.#isClosed || all.length === 0) return;
    const thread = new Worker(script, { workerData });
    this.#thread = thread;
    thread.on("message", heard);
    thread.once("error", (error) => {
      died(error);
      setTimeout(() => {
        this.#thread = null;
        this.#start();
      }, this.#backoff.takeMs()).unref();
    });
    for (const order of all) thread.postMessage(order);
  }
}
