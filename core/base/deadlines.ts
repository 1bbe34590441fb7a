import { after, type Duration, type Instant, never } from "./time.ts";

/** A moment for each of some nodes or tasks, at which something becomes due. */
export class Deadlines {
  readonly #deadlines = new Map<string, Instant>();
  #next: Instant = never;

  /** None is before this moment. */
  get next(): Instant {
    return this.#next;
  }

  has(id: string): boolean {
    return this.#deadlines.has(id);
  }

  set(id: string, at: Instant): void {
    this.#deadlines.set(id, at);
    this.#lookBy(at);
  }

  delete(id: string): void {
    this.#deadlines.delete(id);
  }

  postpone(span: Duration): void {
    for (const [id, at] of this.#deadlines) this.#deadlines.set(id, after(at, span));
  }

  /** True when some have just passed, or had before: then the next look is due `again`. */
  look(now: Instant, again: Instant): boolean {
    if (now < this.#next) return false;
    this.#next = never;
    let isAnyOver = false;
    for (const at of this.#deadlines.values()) {
      if (at > now) this.#lookBy(at);
      else isAnyOver = true;
    }
    if (isAnyOver) this.#lookBy(again);
    return isAnyOver;
  }

  /** Those that have passed. */
  over(now: Instant): string[] {
    return [...this.#deadlines].flatMap(([id, at]) => (at <= now ? [id] : []));
  }

  /** The same, each once. */
  take(now: Instant): readonly string[] {
    if (!this.look(now, never)) return none;
    const over = this.over(now);
    for (const id of over) this.#deadlines.delete(id);
    return over;
  }

  #lookBy(deadline: Instant): void {
    if (deadline < this.#next) this.#next = deadline;
  }
}

const none: readonly string[] = [];
