import { type Codec, single } from "./codec.ts";
import { delimited, WireWriter } from "./wire-bytes.ts";

/**
 * For objects that never change, as those of the store, which are replaced: the bytes of one are
 * made when it is first written, and serve for as long as it is there.
 */
export function remembered<T extends object>(codec: Codec<T>): Codec<T> {
  const known = new WeakMap<T, Uint8Array>();
  const bytesOf = (value: T): Uint8Array => {
    const bytes = known.get(value);
    if (bytes !== undefined) return bytes;
    const out = new WireWriter();
    codec.write(out, value);
    const made = out.take();
    known.set(value, made);
    return made;
  };
  return single<T>(delimited, { ...codec, write: (out, value) => out.bytes(bytesOf(value)) });
}
