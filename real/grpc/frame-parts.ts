import type { FramePart } from "../wire/services.ts";

/**
 * So much of a large frame goes at a time, in bytes: on a slow link what is urgent waits for no
 * more than one or two, and that the peer still reads is seen as long as it takes one.
 */
export const partBytes = 32 * 1024;

/** What has come of the frame that comes in parts. */
export class FrameParts {
  #parts: Uint8Array[] = [];
  #size = 0;
  #next = 0;

  /**
   * The frame, where this was the last of it; else null. One that does not come to its end is
   * forgotten when another begins.
   */
  take({ size, offset, data }: FramePart): Uint8Array | null | "misplaced" {
    if (offset === 0) this.#begin(size);
    if (size !== this.#size || offset !== this.#next || data.length === 0) return "misplaced";
    if (offset + data.length > size) return "misplaced";
    this.#parts.push(data);
    this.#next += data.length;
    if (this.#next < size) return null;
    const whole = Buffer.concat(this.#parts);
    this.#begin(0);
    return whole;
  }

  #begin(size: number): void {
    this.#parts = [];
    this.#size = size;
    this.#next = 0;
  }
}
