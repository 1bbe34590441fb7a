import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import { type Codec, WireError } from "./codec.ts";

/** What bytes of unknown origin were found to be. */
export type Decoded<T> =
  | { readonly kind: "decoded"; readonly value: T }
  /** `reason` says what is wrong with them, and in which field. */
  | { readonly kind: "malformed"; readonly reason: string };

/** A type of the model as bytes of protobuf. */
export interface ProtoMessage<T> {
  encode(value: T): Uint8Array;
  /** Total: any bytes whatever give one of the two answers. */
  decode(bytes: Uint8Array): Decoded<T>;
}

const files = [
  "objects",
  "store",
  "certificate",
  "raft",
  "dispatch",
  "control",
  "logs",
  "node",
  "services",
];

/** All message types of `real/wire/proto`. */
export const protoRoot: protobuf.Root = new protobuf.Root();
protoRoot.loadSync(
  files.map((name) => fileURLToPath(new URL(`proto/${name}.proto`, import.meta.url))),
);

const protoPackage = "simswarm.v1";

/** The message type that `codec` is made for. */
export function protoMessage<T>({ toWire, fromWire, shape }: Codec<T>): ProtoMessage<T> {
  if (shape.kind !== "message" && shape.kind !== "union") throw new Error("no message type");
  const type = protoRoot.lookupType(`${protoPackage}.${shape.name}`);
  return {
    encode: (value) => type.encode(toWire(value) as protobuf.Message).finish(),
    decode(bytes) {
      try {
        return { kind: "decoded", value: fromWire(type.decode(new BoundedReader(bytes))) };
      } catch (error) {
        return { kind: "malformed", reason: reasonOf(shape.name, error) };
      }
    },
  };
}

/** protobufjs takes a text that is cut short for a shorter one. */
class BoundedReader extends protobuf.Reader {
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    super(bytes);
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  override string(): string {
    const length = this.uint32();
    const start = this.pos;
    this.skip(length);
    return this.#bytes.toString("utf8", start, start + length);
  }
}

/** A decoder of protobuf throws plain errors on bytes that are cut short or nested too deep. */
function reasonOf(name: string, error: unknown): string {
  if (error instanceof WireError) return `${name}: ${error.message}`;
  return `${name}: the bytes are no protobuf message (${(error as Error).message})`;
}
