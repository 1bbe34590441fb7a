import type { Payload } from "../../core/raft/message.ts";
import type { PayloadCodec } from "../../core/wal/record.ts";

/** Payloads as JSON, maps as lists of pairs under a name of their own. */
export const jsonCodec: PayloadCodec = {
  encode(payload) {
    const text = JSON.stringify(payload, (_, value) =>
      value instanceof Map ? { $map: [...value] } : value,
    );
    return new TextEncoder().encode(text);
  },
  decode(bytes) {
    try {
      return JSON.parse(new TextDecoder().decode(bytes), (_, value) =>
        Array.isArray(value?.$map) ? new Map(value.$map) : value,
      ) as Payload;
    } catch {
      return null;
    }
  },
};
