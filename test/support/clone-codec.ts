import { deserialize, serialize } from "node:v8";
import type { PayloadCodec } from "../../core/wal/record.ts";

/** Payloads as Node clones them between threads; `test/real/storage/writer.js` does the same. */
export const cloneCodec: PayloadCodec = {
  encode: (payload) => serialize(payload),
  decode(bytes) {
    try {
      return deserialize(bytes);
    } catch {
      return null;
    }
  },
};
