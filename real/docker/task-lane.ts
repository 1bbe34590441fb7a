import type { TaskRequest } from "../../core/agent/executor-request.ts";

export interface LaneWork {
  /** Never rejects. `overtaken` is aborted once a newer request waits. */
  carryOut(request: TaskRequest, overtaken: AbortSignal): Promise<void>;
  /** Finds out what has become of the container. Never rejects. */
  look(): Promise<void>;
}

/**
 * What is done about one task, one thing at a time: its requests, of which the newest overtakes
 * those before it, and looks at its container when something has happened to it. At most one
 * request and one look wait, however slow the engine is.
 */
export class TaskLane {
  readonly #work: LaneWork;
  #current: { readonly kind: string; readonly overtaken: AbortController } | null = null;
  #next: TaskRequest | null = null;
  #isLookDue = false;
  #isBusy = false;

  constructor(work: LaneWork) {
    this.#work = work;
  }

  /** A request that is under way already is answered once. */
  ask(request: TaskRequest): void {
    if (this.#next === null && this.#current?.kind === request.kind) return;
    this.#next = request;
    this.#current?.overtaken.abort();
    void this.#run();
  }

  look(): void {
    this.#isLookDue = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    while (this.#next !== null || this.#isLookDue) await this.#takeOne();
    this.#isBusy = false;
  }

  async #takeOne(): Promise<void> {
    const request = this.#next;
    if (request === null) {
      this.#isLookDue = false;
      return this.#work.look();
    }
    this.#next = null;
    const overtaken = new AbortController();
    this.#current = { kind: request.kind, overtaken };
    await this.#work.carryOut(request, overtaken.signal);
    this.#current = null;
  }
}
