import { sortedText } from "../core/base/order.ts";

/**
 * A running 64-bit digest over numbers and text, in two 32-bit lanes (murmur3's mixing by Austin
 * Appleby). It tells runs apart; it is no protection against someone who wants a collision.
 */
export class Digest {
  #low = 0x9e3779b9 | 0;
  #high = 0x85ebca6b | 0;

  /** Folds in a whole number, `|n| < 2^53`. */
  number(value: number): this {
    this.#word(value | 0);
    this.#word(Math.floor(value / 0x1_0000_0000) | 0);
    return this;
  }

  /** Folds in a string with its length, so that "a","bc" and "ab","c" differ. */
  text(value: string): this {
    this.#word(value.length);
    for (let at = 0; at < value.length; at += 1) this.#word(value.charCodeAt(at));
    return this;
  }

  /** Folds in another digest as it stands now. */
  digest(other: Digest): this {
    this.#word(other.#low);
    this.#word(other.#high);
    return this;
  }

  /** Two 32-bit words as they stand now. */
  words(): readonly [number, number] {
    return [this.#low >>> 0, this.#high >>> 0];
  }

  /** Sixteen hexadecimal digits. */
  hex(): string {
    return this.words()
      .map((word) => word.toString(16).padStart(8, "0"))
      .join("");
  }

  #word(word: number): void {
    const mixed = Math.imul(rotate(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
    this.#low = (Math.imul(rotate(this.#low ^ mixed, 13), 5) + 0xe6546b64) | 0;
    this.#high = (Math.imul(rotate(this.#high, 17) ^ word, 0x2c1b3c6d) + this.#low) | 0;
  }
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** The digest of one plain value: objects by sorted key, so that equal values digest equally. */
export function digestOf(value: unknown): string {
  const digest = new Digest();
  fold(digest, value, new Map());
  return digest.hex();
}

/** By identity: a specification that thousands of tasks share is digested once. */
type Known = Map<object, Digest>;

/** Folds a plain value (null, boolean, number, string, list, object, Map, Set) into `digest`. */
function fold(digest: Digest, value: unknown, known: Known): void {
  if (typeof value === "number") foldNumber(digest, value);
  else if (typeof value === "string") digest.number(1).text(value);
  else if (typeof value === "boolean") digest.number(value ? 2 : 3);
  else if (value === null || value === undefined) digest.number(4);
  else digest.digest(digestOfParts(value, known));
}

function foldNumber(digest: Digest, value: number): void {
  if (Number.isSafeInteger(value)) digest.number(5).number(value);
  else digest.number(6).text(String(value));
}

function digestOfParts(value: object, known: Known): Digest {
  const before = known.get(value);
  if (before !== undefined) return before;
  const digest = new Digest();
  if (Array.isArray(value)) foldList(digest, value, known);
  else foldFields(digest, fieldsOf(value), known);
  known.set(value, digest);
  return digest;
}

function foldList(digest: Digest, items: readonly unknown[], known: Known): void {
  digest.number(7).number(items.length);
  for (const item of items) fold(digest, item, known);
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: object): Fields {
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return Object.fromEntries([...value].map((item) => [item, null]));
  return value as Fields;
}

function foldFields(digest: Digest, fields: Fields, known: Known): void {
  const names = Object.keys(fields).filter((name) => fields[name] !== undefined);
  digest.number(8).number(names.length);
  for (const name of sortedText(names)) {
    digest.text(name);
    fold(digest, fields[name], known);
  }
}
