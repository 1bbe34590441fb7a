const framesMost = 4096;

/**
 * Frames that wait for one peer; of too many the oldest is dropped, as datagrams may be, and never
 * the newest, however large it is.
 */
export class FrameQueue {
  /** Frames that were lost. */
  dropped = 0;
  readonly #bytesMost: number;
  #frames: Uint8Array[] = [];
  #bytes = 0;

  constructor(bytesMost: number) {
    this.#bytesMost = bytesMost;
  }

  get size(): number {
    return this.#frames.length;
  }

  push(frame: Uint8Array): void {
    this.#frames.push(frame);
    this.#bytes += frame.length;
    while (this.#frames.length > 1 && this.#isTooMuch) {
      this.shift();
      this.dropped += 1;
    }
  }

  get #isTooMuch(): boolean {
    return this.#frames.length > framesMost || this.#bytes > this.#bytesMost;
  }

  shift(): Uint8Array | null {
    const frame = this.#frames.shift();
    this.#bytes -= frame?.length ?? 0;
    return frame ?? null;
  }

  /** All that waits. */
  lose(): void {
    this.dropped += this.#frames.length;
    this.#frames = [];
    this.#bytes = 0;
  }
}
