import { type Codec, type Shape, WireError } from "./codec.ts";
import { messageObject } from "./proto.ts";

/** What JSON and YAML can say. */
export type Readable =
  | string
  | number
  | boolean
  | null
  | readonly Readable[]
  | { readonly [name: string]: Readable };

/**
 * A value as people read it: names of enumerations, moments in ISO 8601, spans as `1m30s`, tables
 * as objects, and the `kind` of a union beside its fields.
 */
export function readable<T>(codec: Codec<T>, value: T): Readable {
  return render(codec.shape, messageObject(codec, value));
}

type WireFields = Readonly<Record<string, unknown>>;

function render(shape: Shape, wire: unknown): Readable {
  if (wire === undefined || wire === null) return null;
  switch (shape.kind) {
    case "scalar":
      return scalar(wire);
    case "enum":
      return nameOf(shape.values, wire as number);
    case "optional":
      return render(shape.of, wire);
    case "repeated":
      return repeated(shape.of, wire as readonly WireFields[]);
    case "message":
      return message(shape, wire as WireFields);
    case "union":
      return variant(shape, wire as WireFields);
  }
}

function scalar(wire: unknown): Readable {
  return wire instanceof Uint8Array ? Buffer.from(wire).toString("base64") : (wire as Readable);
}

function nameOf(values: ReadonlyMap<string, number>, number: number): string {
  for (const [name, value] of values) if (value === number) return name;
  throw new WireError(`has the unknown value ${number}`);
}

function repeated(item: Shape, items: readonly WireFields[]): Readable {
  if (item.kind !== "message" || !isEntry(item)) return items.map((each) => render(item, each));
  const { value } = item.fields as { readonly value: { readonly shape: Shape } };
  return Object.fromEntries(
    items.map((entry) => [String(entry.key), render(value.shape, entry.value)]),
  );
}

function isEntry({ fields }: Shape & { kind: "message" }): boolean {
  return Object.keys(fields).join() === "key,value";
}

function message({ name, fields }: Shape & { kind: "message" }, wire: WireFields): Readable {
  if (name === "google.protobuf.Timestamp") return momentText(wire);
  if (name === "google.protobuf.Duration") return spanText(microsOf(wire));
  return Object.fromEntries(
    Object.entries(fields).map(([field, codec]) => [field, render(codec.shape, wire[field])]),
  );
}

function variant({ variants }: Shape & { kind: "union" }, wire: WireFields): Readable {
  const [[field, content] = ["", undefined]] = Object.entries(wire);
  const shape = variants[field]?.shape;
  if (shape === undefined) throw new WireError("is of no kind that is known here");
  const kind = field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return { kind, ...(render(shape, content) as object) };
}

function microsOf({ seconds, nanos }: WireFields): number {
  return (seconds as number) * 1_000_000 + (nanos as number) / 1000;
}

function momentText(wire: WireFields): string {
  return new Date(microsOf(wire) / 1000).toISOString();
}

const units: readonly (readonly [string, number])[] = [
  ["h", 3_600_000_000],
  ["m", 60_000_000],
  ["s", 1_000_000],
  ["ms", 1_000],
  ["us", 1],
];

/** `1h30m`, `1s500ms`, `0s`: as the command line takes it too. */
export function spanText(micros: number): string {
  let left = micros;
  let written = "";
  for (const [unit, size] of units) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) written += `${count}${unit}`;
  }
  return written === "" ? "0s" : written;
}
