import fc from "fast-check";
import type protobuf from "protobufjs";
import type { Shape } from "../../real/wire/codec.ts";
import { payloadContent } from "../../real/wire/payload.ts";
import { protoMessage } from "../../real/wire/proto.ts";
import { messageType } from "../../real/wire/schema.ts";

/** A message as protobufjs takes it. */
export type WireMessage = Readonly<Record<string, unknown>>;

const payloads = protoMessage(payloadContent);
const most = Number.MAX_SAFE_INTEGER;
const whole = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constantFrom(0, 1, most));
const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.constantFrom("", "__proto__", "constructor", "0", "toString"),
);
const micros = fc.integer({ min: 0, max: 999_999 });
const span = fc.record({
  seconds: fc.integer({ min: 0, max: 4_000_000_000 }),
  nanos: micros.map((us) => us * 1000),
});

/** Any message of the form that `shape` describes, with every field in it that need be there. */
export function messageOf(shape: Shape): fc.Arbitrary<WireMessage> {
  return new Shapes().of(shape) as fc.Arbitrary<WireMessage>;
}

/** Builds each named type's arbitrary once. */
class Shapes {
  readonly #known = new Map<string, fc.Arbitrary<unknown>>();

  of(shape: Shape, field = ""): fc.Arbitrary<unknown> {
    switch (shape.kind) {
      case "scalar":
        return scalar(shape.type, field, this);
      case "enum":
        return fc.constantFrom(...shape.values.values());
      case "optional":
        return fc.option(this.of(shape.of, field), { nil: undefined });
      case "repeated":
        return this.#repeated(shape.of);
      default:
        return this.#named(shape);
    }
  }

  #repeated(item: Shape): fc.Arbitrary<unknown> {
    const isEntry = item.kind === "message" && Object.keys(item.fields).join() === "key,value";
    if (!isEntry) return fc.array(this.of(item), { maxLength: 3 });
    return fc.uniqueArray(this.of(item), {
      maxLength: 3,
      selector: (entry) => (entry as WireMessage).key,
    });
  }

  #named(shape: Shape & { kind: "message" | "union" }): fc.Arbitrary<unknown> {
    if (shape.name.startsWith("google.protobuf.")) return span;
    const known = this.#known.get(shape.name);
    if (known !== undefined) return known;
    const made = shape.kind === "message" ? this.#message(shape) : this.#union(shape);
    this.#known.set(shape.name, made);
    return made;
  }

  #message({ name, fields }: Shape & { kind: "message" }): fc.Arbitrary<unknown> {
    const parts = Object.entries(fields).map(([field, codec]) => {
      const isClusterId = name === "Cluster" && field === "id";
      return [field, isClusterId ? fc.constant("cluster") : this.of(codec.shape, field)] as const;
    });
    return fc.record(Object.fromEntries(parts)).map(withoutUndefined);
  }

  #union({ variants }: Shape & { kind: "union" }): fc.Arbitrary<unknown> {
    const parts = Object.entries(variants).map(([field, codec]) =>
      this.of(codec.shape).map((value) => ({ [field]: value })),
    );
    return fc.oneof(...parts);
  }
}

function scalar(type: string, field: string, shapes: Shapes): fc.Arbitrary<unknown> {
  if (type === "int64") return whole;
  if (type === "bool") return fc.boolean();
  if (type === "string") return text;
  if (field !== "payload") return fc.uint8Array({ maxLength: 20 });
  const payload = shapes.of(payloadContent.shape);
  return payload.map((value) => canonical(bytesOf("Payload", value as WireMessage)));
}

/** As our own encoder has it: others may write zeros that it leaves out. */
function canonical(bytes: Uint8Array): Uint8Array {
  const found = payloads.decode(bytes);
  if (found.kind === "malformed") throw new Error(found.reason);
  return payloads.encode(found.value);
}

function withoutUndefined(message: WireMessage): WireMessage {
  return Object.fromEntries(Object.entries(message).filter(([, value]) => value !== undefined));
}

export function bytesOf(name: string, message: WireMessage): Uint8Array {
  return messageType(name)
    .encode(message as unknown as protobuf.Message)
    .finish();
}
