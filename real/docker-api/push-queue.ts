/** Items on their way from whoever pushes them to one reader, who may be behind by `most`. */
export class PushQueue<T> {
  readonly #most: number;
  readonly #items: T[] = [];
  #isEnded = false;
  #wake: () => void = () => undefined;

  constructor(most: number) {
    this.#most = most;
  }

  /** A reader who is behind by more is cut off: what was pushed before still comes. */
  push(item: T): void {
    if (this.#isEnded) return;
    if (this.#items.length >= this.#most) return this.end();
    this.#items.push(item);
    this.#wake();
  }

  readonly end = (): void => {
    this.#isEnded = true;
    this.#wake();
  };

  async *items(): AsyncGenerator<T> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) yield item;
      else if (this.#isEnded) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}
