/** What a source waits with until it is taken. */
interface Offer<T> {
  readonly item: T;
  readonly taken: () => void;
}

/**
 * Several sources as one, in the order in which they have something. Each is read one item ahead
 * and no more: whoever reads slowly holds all of them back.
 */
export class LineMerge<T> {
  readonly #offers: Offer<T>[] = [];
  #sources = 0;
  #isClosed = false;
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

  async *items(): AsyncGenerator<T> {
    for (;;) {
      if (this.#failure !== null) throw this.#failure;
      const offer = this.#offers.shift();
      if (offer !== undefined) {
        yield offer.item;
        offer.taken();
      } else if (this.#isClosed && this.#sources === 0) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }

  async #read(source: AsyncIterable<T>): Promise<void> {
    try {
      for await (const item of source) await this.#offer(item);
    } catch (error) {
      this.fail(error as Error);
    } finally {
      this.#sources -= 1;
      this.#wake();
    }
  }

  #offer(item: T): Promise<void> {
    return new Promise((taken) => {
      this.#offers.push({ item, taken });
      this.#wake();
    });
  }
}
