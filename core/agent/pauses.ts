import { type Instant, never } from "../base/time.ts";

/** Tasks whose next step waits: one that failed is tried again later, one that serves lingers. */
export class Pauses {
  readonly #until = new Map<string, Instant>();
  #next: Instant = never;

  /** `over` has nothing to say before. */
  get deadline(): Instant {
    return this.#next;
  }

  set(task: string, until: Instant): void {
    this.#until.set(task, until);
    this.#lookBy(until);
  }

  delete(task: string): void {
    this.#until.delete(task);
  }

  /** Those whose moment has come, each once. */
  over(now: Instant): readonly string[] {
    if (now < this.#next) return none;
    this.#next = never;
    const over: string[] = [];
    for (const [task, until] of [...this.#until]) {
      if (until > now) this.#lookBy(until);
      else {
        this.#until.delete(task);
        over.push(task);
      }
    }
    return over;
  }

  #lookBy(moment: Instant): void {
    if (moment < this.#next) this.#next = moment;
  }
}

const none: readonly string[] = [];
