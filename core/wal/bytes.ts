import { assert } from "../base/assert.ts";

const high = 0x1_0000_0000;

/** Bytes that grow as values are put behind one another. Numbers are little-endian. */
export class ByteWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  u8(value: number): this {
    const at = this.#grow(1);
    this.#view.setUint8(at, value);
    return this;
  }

  u32(value: number): this {
    const at = this.#grow(4);
    this.#view.setUint32(at, value, true);
    return this;
  }

  /** A whole number, `0 <= n < 2^53`, in eight bytes. */
  whole(value: number): this {
    assert(Number.isSafeInteger(value) && value >= 0, "only whole numbers are written to a log");
    return this.u32(value % high).u32(Math.floor(value / high));
  }

  /** The UTF-16 units one by one, so that any string comes back as it was. */
  text(value: string): this {
    this.u32(value.length);
    const start = this.#grow(2 * value.length);
    for (let unit = 0; unit < value.length; unit += 1) {
      this.#view.setUint16(start + 2 * unit, value.charCodeAt(unit), true);
    }
    return this;
  }

  texts(values: readonly string[]): this {
    this.u32(values.length);
    for (const value of values) this.text(value);
    return this;
  }

  bytes(value: Uint8Array): this {
    this.u32(value.length);
    const at = this.#grow(value.length);
    this.#bytes.set(value, at);
    return this;
  }

  /** A copy of all that was put in. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #grow(by: number): number {
    const at = this.#length;
    this.#length += by;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}

/**
 * Reads what a `ByteWriter` has written, and never past the end: what is not there is read as
 * zeros, and `failed` says so.
 */
export class ByteReader {
  failed = false;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  u8(): number {
    const at = this.#take(1);
    return at === null ? 0 : this.#view.getUint8(at);
  }

  u32(): number {
    const at = this.#take(4);
    return at === null ? 0 : this.#view.getUint32(at, true);
  }

  /**
   * What is small takes no arithmetic: an engine keeps the sum as a fraction, and from the first
   * term read so on, all objects keep theirs as fractions, each in a place of its own.
   */
  whole(): number {
    const low = this.u32();
    const above = this.u32();
    if (above === 0) return low;
    const value = above * high + low;
    if (Number.isSafeInteger(value)) return value;
    this.failed = true;
    return 0;
  }

  text(): string {
    const length = this.u32();
    const at = this.#take(length * 2);
    if (at === null) return "";
    let text = "";
    for (let unit = 0; unit < length; unit += 1) {
      text += String.fromCharCode(this.#view.getUint16(at + unit * 2, true));
    }
    return text;
  }

  texts(): string[] {
    return this.list(() => this.text());
  }

  /** Items that `read` takes one by one, after their count; ends early where it fails. */
  list<Item>(read: () => Item): Item[] {
    const count = this.u32();
    const items: Item[] = [];
    while (items.length < count && !this.failed) items.push(read());
    return items;
  }

  bytes(): Uint8Array {
    const length = this.u32();
    const at = this.#take(length);
    return at === null ? new Uint8Array(0) : this.#bytes.slice(at, at + length);
  }

  #take(length: number): number | null {
    const at = this.#at;
    if (this.failed || length > this.#bytes.length - at) {
      this.failed = true;
      return null;
    }
    this.#at += length;
    return at;
  }
}
