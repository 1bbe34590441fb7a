import type { ExecutorEvent } from "../core/agent/executor-request.ts";

/**
 * An engine's events on their way to the node: kept until somebody listens, and handed on one by
 * one after whatever is going on, so that an answer never comes within the request.
 */
export class Answers {
  #listener: ((event: ExecutorEvent) => void) | null = null;
  #kept: ExecutorEvent[] = [];
  #isClosed = false;

  readonly give = (event: ExecutorEvent): void => {
    if (this.#isClosed) return;
    this.#kept.push(event);
    this.#handOn();
  };

  listen(listener: (event: ExecutorEvent) => void): void {
    this.#listener = listener;
    this.#handOn();
  }

  close(): void {
    this.#isClosed = true;
    this.#kept = [];
  }

  #handOn(): void {
    queueMicrotask(() => {
      while (this.#listener !== null && this.#kept.length > 0) {
        this.#listener(this.#kept.shift() as ExecutorEvent);
      }
    });
  }
}
