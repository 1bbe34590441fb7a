import protobuf from "protobufjs/light.js";
import { assert } from "../../core/base/assert.ts";

/** protobuf's wire types that are in use here: a number, and what has its length before it. */
export const varint = 0;
export const delimited = 2;
export type WireType = typeof varint | typeof delimited;

const high = 0x1_0000_0000;
/** Units of a text from which on the engine's own writing of it is worth the call. */
const longText = 64;

/**
 * A copy that may be kept for long, with memory of its own: a small `Buffer` is a part of one of
 * 8 KB, and what was received a part of a whole message, which stay for as long as it does.
 */
export function toKeep(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** A message's bytes as they are written, in one buffer that grows. */
export class WireWriter {
  #bytes = Buffer.allocUnsafe(512);
  #at = 0;

  tag(number: number, wireType: WireType): void {
    this.varint(number * 8 + wireType);
  }

  /** A whole number; one below 0 takes ten bytes, as protobuf has it. */
  varint(value: number): void {
    assert(Number.isSafeInteger(value), "only whole numbers are written");
    this.#reserve(10);
    if (value < 0) return this.#negative(value);
    let left = value;
    for (; left >= 0x8000_0000; left = Math.floor(left / 128)) this.#byte((left % 128) | 128);
    for (; left > 127; left >>>= 7) this.#byte((left & 127) | 128);
    this.#byte(left);
  }

  text(value: string): void {
    this.#reserve(3 * value.length);
    const start = this.#at;
    if (value.length > longText) {
      this.#at = start + this.#bytes.write(value, start, "utf8");
      return;
    }
    for (let unit = 0; unit < value.length; unit += 1) {
      const code = value.charCodeAt(unit);
      if (code > 127) {
        this.#at = start + this.#bytes.write(value, start, "utf8");
        return;
      }
      this.#byte(code);
    }
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  /** What follows, until `end` is given the answer, has its length before it. */
  begin(): number {
    this.#reserve(1);
    this.#at += 1;
    return this.#at;
  }

  end(start: number): void {
    const length = this.#at - start;
    let more = 0;
    for (let left = length >>> 7; left > 0; left >>>= 7) more += 1;
    if (more > 0) {
      this.#reserve(more);
      this.#bytes.copyWithin(start + more, start, this.#at);
    }
    this.#at = start - 1;
    for (let at = 0; at < more; at += 1) this.#byte(((length >>> (7 * at)) & 127) | 128);
    this.#byte(length >>> (7 * more));
    this.#at += length;
  }

  /** A copy of all that was written. */
  take(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#at));
  }

  #negative(value: number): void {
    let left = BigInt.asUintN(64, BigInt(value));
    for (; left > 127n; left >>= 7n) this.#byte(Number(left & 127n) | 128);
    this.#byte(Number(left));
  }

  #byte(value: number): void {
    this.#bytes[this.#at] = value;
    this.#at += 1;
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#at + more, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }
}

/** Reads a message's bytes, and never past their end: there it throws a `RangeError`. */
export class WireReader extends protobuf.Reader {
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    super(bytes);
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Where the value that comes next ends, whose length is here. */
  end(): number {
    const end = this.uint32() + this.pos;
    if (end > this.len) throw new RangeError("it is cut short");
    return end;
  }

  /** A value was read that ends at `end`. */
  close(end: number): void {
    if (this.pos !== end) throw new RangeError("a part of it is longer than it says");
  }

  /** A number of 64 bits, exact as far as JavaScript has them. */
  varint(): number {
    let [low, middle, top] = [0, 0, 0];
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.pos >= this.len) throw new RangeError("it is cut short");
      const byte = this.#bytes[this.pos] as number;
      this.pos += 1;
      if (shift < 28) low |= (byte & 127) << shift;
      else if (shift < 56) middle |= (byte & 127) << (shift - 28);
      else top |= (byte & 127) << (shift - 56);
      if (byte < 128) return ((middle >>> 4) | (top << 24)) * high + ((low | (middle << 28)) >>> 0);
    }
    throw new RangeError("a number is longer than ten bytes");
  }

  text(end: number): string {
    const start = this.pos;
    this.pos = end;
    return this.#bytes.toString("utf8", start, end);
  }

  /** A view of the bytes that are read, not a copy. */
  view(end: number): Uint8Array {
    const start = this.pos;
    this.pos = end;
    return this.#bytes.subarray(start, end);
  }
}
