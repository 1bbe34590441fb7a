import { type Codec, WireError } from "./codec.ts";
import { messageType } from "./schema.ts";
import { WireReader, WireWriter } from "./wire-bytes.ts";

/** What bytes of unknown origin were found to be. */
export type Decoded<T> =
  | { readonly kind: "decoded"; readonly value: T }
  /** `reason` says what is wrong with them, and in which field. */
  | { readonly kind: "malformed"; readonly reason: string };

/** A type of the model as bytes of protobuf. */
export interface ProtoMessage<T> {
  readonly name: string;
  encode(value: T): Buffer;
  /** Total: any bytes whatever give one of the two answers. */
  decode(bytes: Uint8Array): Decoded<T>;
}

/** The message that `codec` is made for. */
export function protoMessage<T>({ write, read, shape }: Codec<T>): ProtoMessage<T> {
  if (shape.kind !== "message" && shape.kind !== "union") throw new Error("no message type");
  const { name } = shape;
  return {
    name,
    encode(value) {
      const out = new WireWriter();
      write(out, value);
      return out.take();
    },
    decode(bytes) {
      try {
        const from = new WireReader(bytes);
        const value = read(from, from.len);
        from.close(from.len);
        return { kind: "decoded", value };
      } catch (error) {
        return { kind: "malformed", reason: reasonOf(name, error) };
      }
    },
  };
}

/** A value's message as an object: its fields by name, enumerations as numbers, zeros as well. */
export function messageObject<T>(codec: Codec<T>, value: T): Readonly<Record<string, unknown>> {
  const { encode, name } = protoMessage(codec);
  const type = messageType(name);
  return type.toObject(type.decode(encode(value)), { longs: Number, defaults: true });
}

/** A reader throws plain errors on bytes that are cut short or nested too deep. */
function reasonOf(name: string, error: unknown): string {
  if (error instanceof WireError) return `${name}: ${error.message}`;
  return `${name}: the bytes are no protobuf message (${(error as Error).message})`;
}
