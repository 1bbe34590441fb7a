/** What a source waits with; `answer`: whether to go on. */
interface Offer<T> {
  readonly item: T;
  readonly answer: (goOn: boolean) => void;
}

/**
 * Several sources as one, in the order in which they have something. Each is read one item ahead
 * and no more: whoever reads slowly holds all of them back.
 */
export class LineMerge<T> {
  readonly #offers: Offer<T>[] = [];
  #sources = 0;
  #isClosed = false;
  /** Nobody reads any more. */
  #isOver = false;
  #failure: Error | null = null;
  #wake: () => void = () => undefined;

  /** A source that fails fails the merge. */
  add(source: AsyncIterable<T>): void {
    this.#sources += 1;
    void this.#read(source);
  }

  /** No more sources come: it ends with the last of them. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  fail(error: Error): void {
    this.#failure ??= error;
    this.#wake();
  }

  /** Once. Whoever reads no further lets go of the sources. */
  async *items(): AsyncGenerator<T> {
    try {
      yield* this.#taken();
    } finally {
      this.#isOver = true;
      for (const { answer } of this.#offers.splice(0)) answer(false);
    }
  }

  async *#taken(): AsyncGenerator<T> {
    for (;;) {
      if (this.#failure !== null) throw this.#failure;
      const [offer] = this.#offers;
      if (offer !== undefined) {
        yield offer.item;
        this.#offers.shift();
        offer.answer(true);
      } else if (this.#isClosed && this.#sources === 0) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }

  async #read(source: AsyncIterable<T>): Promise<void> {
    try {
      for await (const item of source) if (!(await this.#offer(item))) return;
    } catch (error) {
      this.fail(error as Error);
    } finally {
      this.#sources -= 1;
      this.#wake();
    }
  }

  #offer(item: T): Promise<boolean> {
    if (this.#isOver) return Promise.resolve(false);
    return new Promise((answer) => {
      this.#offers.push({ item, answer });
      this.#wake();
    });
  }
}
