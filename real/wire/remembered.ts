import { type Codec, single } from "./codec.ts";
import { delimited, toKeep, WireWriter } from "./wire-bytes.ts";

/**
 * For objects that never change, as those of the store, which are replaced: the bytes of one are
 * made when it is first written, and serve for as long as it is there.
 */
export function remembered<T extends object>(codec: Codec<T>): Codec<T> {
  const known = new WeakMap<T, Uint8Array>();
  const bytesOf = (value: T): Uint8Array => {
    const before = known.get(value);
    if (before !== undefined) return before;
    const made = toKeep(written(codec, value));
    known.set(value, made);
    return made;
  };
  return single<T>(delimited, { ...codec, write: (out, value) => out.bytes(bytesOf(value)) });
}

/** A codec that also tells how many bytes a value takes. */
export interface Measured<T> extends Codec<T> {
  readonly sizeOf: (value: T) => number;
}

/**
 * For objects that never change and are measured before they are written: what was made to count
 * its bytes is what is written then, and is let go.
 */
export function measured<T extends object>(codec: Codec<T>): Measured<T> {
  const sizes = new WeakMap<T, number>();
  const waiting = new WeakMap<T, Uint8Array>();
  const sizeOf = (value: T): number => {
    const known = sizes.get(value);
    if (known !== undefined) return known;
    const made = written(codec, value);
    sizes.set(value, made.length);
    waiting.set(value, made);
    return made.length;
  };
  const write = (out: WireWriter, value: T): void => {
    const made = waiting.get(value);
    if (made === undefined) return codec.write(out, value);
    waiting.delete(value);
    out.bytes(made);
  };
  return { ...single<T>(delimited, { ...codec, write }), sizeOf };
}

function written<T>(codec: Codec<T>, value: T): Uint8Array {
  const out = new WireWriter();
  codec.write(out, value);
  return out.take();
}
