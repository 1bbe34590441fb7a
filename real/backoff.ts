const longestMs = 8_000;

/** How long to wait before the next try: 100 ms, then twice as long each time, up to 8 s. */
export class Backoff {
  #nextMs = 100;

  takeMs(): number {
    const delay = this.#nextMs;
    this.#nextMs = Math.min(longestMs, delay * 2);
    return delay;
  }

  reset(): void {
    this.#nextMs = 100;
  }
}
