import { after, type Duration, type Instant, never } from "../base/time.ts";

/** When each node that is not down will be called so, unless it is heard of. */
export class Deadlines {
  readonly #deadlines = new Map<string, Instant>();
  #next: Instant = never;

  /** None is before this moment. */
  get next(): Instant {
    return this.#next;
  }

  has(node: string): boolean {
    return this.#deadlines.has(node);
  }

  set(node: string, at: Instant): void {
    this.#deadlines.set(node, at);
    this.#lookBy(at);
  }

  delete(node: string): void {
    this.#deadlines.delete(node);
  }

  postpone(span: Duration): void {
    for (const [node, at] of this.#deadlines) this.#deadlines.set(node, after(at, span));
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

  /** The nodes whose time is over. */
  over(now: Instant): string[] {
    return [...this.#deadlines].flatMap(([node, at]) => (at <= now ? [node] : []));
  }

  #lookBy(deadline: Instant): void {
    if (deadline < this.#next) this.#next = deadline;
  }
}
