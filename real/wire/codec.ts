import { messageType } from "./schema.ts";
import {
  delimited,
  varint,
  type WireReader,
  type WireType,
  type WireWriter,
} from "./wire-bytes.ts";

/**
 * How values of the model become protobuf messages and back. A codec is written once and works both
 * ways; the compiler insists that it names every field of its type. What is new in the model goes
 * into its codec and into a file of `proto`, under the next free number;
 * `test/real/wire/agreement.test.ts` says where the two differ.
 *
 * On the wire a plain number, text or flag that is missing is its zero, as everywhere in protobuf.
 * Anything else that is missing, unknown or out of range is a `WireError`, which says where.
 */
export interface FieldCodec<T> {
  /** Writes the field of that number, or nothing where that says the same. */
  readonly put: (out: WireWriter, number: number, value: T) => void;
  /** Reads the field behind its tag; `soFar`: what the message has said of it before. */
  readonly take: (from: WireReader, soFar: T | undefined, wireType: number) => T;
  /** The value of a field that is not there. Throws `WireError` if it must be. */
  readonly missing: () => T;
  /** What `take` takes. */
  readonly wireTypes: readonly WireType[];
  readonly shape: Shape;
}

/** How one value does: it may be a field, an item of a list, or stand alone. */
export interface Codec<T> extends FieldCodec<T> {
  readonly write: (out: WireWriter, value: T) => void;
  /** Reads up to `end`; a number ends by itself. */
  readonly read: (from: WireReader, end: number) => T;
  /** True: a field that is missing says the same. */
  readonly isZero: (value: T) => boolean;
}

/** What a codec expects of the `.proto` files; a test compares the two. */
export type Shape =
  | { readonly kind: "scalar"; readonly type: "bool" | "bytes" | "int64" | "string" }
  | { readonly kind: "enum"; readonly name: string; readonly values: ReadonlyMap<string, number> }
  | { readonly kind: "message"; readonly name: string; readonly fields: FieldCodecs }
  | { readonly kind: "union"; readonly name: string; readonly variants: FieldCodecs }
  | { readonly kind: "repeated"; readonly of: Shape }
  | { readonly kind: "optional"; readonly of: Shape };

type FieldCodecs = Readonly<Record<string, { readonly shape: Shape }>>;

/** Bytes of a peer that do not say anything. */
export class WireError extends Error {
  /** The field, outermost first; empty at the top. */
  readonly path: readonly string[];
  readonly reason: string;

  constructor(reason: string, path: readonly string[] = []) {
    super(path.length === 0 ? reason : `${path.join(".")}: ${reason}`);
    this.reason = reason;
    this.path = path;
  }
}

/** The same error, one field further out; anything else is left alone. */
function within(name: string, error: unknown): unknown {
  return error instanceof WireError ? new WireError(error.reason, [name, ...error.path]) : error;
}

type Single<T> = Pick<Codec<T>, "write" | "read" | "missing" | "isZero" | "shape">;

const never = () => false;

function isMissing(): never {
  throw new WireError("is missing");
}

/** The codec of what is one value of that wire type. */
export function single<T>(wireType: WireType, value: Single<T>): Codec<T> {
  const { read, isZero } = value;
  const wireTypes = [wireType];
  const put = (out: WireWriter, number: number, each: T) => {
    if (!isZero(each)) putValue(codec, out, number, each);
  };
  const take =
    wireType === varint
      ? (from: WireReader) => read(from, 0)
      : (from: WireReader) => {
          const end = from.end();
          const found = read(from, end);
          from.close(end);
          return found;
        };
  const codec: Codec<T> = { ...value, wireTypes, put, take };
  return codec;
}

/** A value with its tag, whether or not it is a zero. */
function putValue<T>(codec: Codec<T>, out: WireWriter, number: number, value: T): void {
  const [wireType] = codec.wireTypes as readonly [WireType];
  out.tag(number, wireType);
  if (wireType === varint) return codec.write(out, value);
  const start = out.begin();
  codec.write(out, value);
  out.end(start);
}

type WireFields = Readonly<Record<string, unknown>>;

/** One codec for each field of `T`. */
export type Fields<T> = { readonly [Name in keyof T]-?: FieldCodec<Exclude<T[Name], undefined>> };

/** A message with a field for each of the type's, of the same names. */
export function record<T>(name: string, fields: Fields<T>): Codec<T> {
  return recordWith<T>(name, fields as Record<string, FieldCodec<unknown>>, {});
}

/** A record of one `kind`, which goes without saying where no other kind could be. */
export function tagged<T extends { readonly kind: string }>(
  kind: T["kind"],
  name: string,
  fields: Fields<Omit<T, "kind">>,
): Codec<T> {
  return recordWith<T>(name, fields as Record<string, FieldCodec<unknown>>, { kind });
}

/** A record whose values have `fixed` too, which is not written. */
function recordWith<T>(
  name: string,
  fields: Readonly<Record<string, FieldCodec<unknown>>>,
  fixed: Readonly<Record<string, string>>,
): Codec<T> {
  const names = Object.keys(fields);
  const codecs = Object.values(fields);
  const numbers = names.map((field) => numberOf(name, field));
  const places = placesOf(codecs, numbers);
  const write = (out: WireWriter, value: T) => {
    for (let at = 0; at < names.length; at += 1) {
      const part = (value as WireFields)[names[at] as string];
      if (part === undefined || part === null) continue;
      (codecs[at] as FieldCodec<unknown>).put(out, numbers[at] as number, part);
    }
  };
  const make = maker(names, codecs, fixed);
  const read = (from: WireReader, end: number) =>
    make(partsOf(from, end, { names, codecs, places })) as T;
  const shape: Shape = { kind: "message", name, fields };
  return single<T>(delimited, { write, read, missing: isMissing, isZero: never, shape });
}

/**
 * Makes objects of their fields' values, in order; what is undefined is left out. Written out as
 * code, as a loop that puts in field after field takes five times as long.
 */
function maker(
  names: readonly string[],
  codecs: readonly FieldCodec<unknown>[],
  fixed: Readonly<Record<string, string>>,
): (values: readonly unknown[]) => unknown {
  const always = Object.entries(fixed).map((entry) => entry.map(quoted).join(": "));
  const sometimes: string[] = [];
  for (const [at, name] of names.entries()) {
    const [field, value] = [quoted(name), `values[${at}]`];
    if (!mayBeAbsent(codecs[at] as FieldCodec<unknown>)) always.push(`${field}: ${value}`);
    else sometimes.push(`if (${value} !== undefined) made[${field}] = ${value};`);
  }
  const code = `const made = { ${always.join(", ")} }; ${sometimes.join(" ")} return made;`;
  return new Function("values", code) as (values: readonly unknown[]) => unknown;
}

function mayBeAbsent({ missing }: FieldCodec<unknown>): boolean {
  try {
    return missing() === undefined;
  } catch {
    return false;
  }
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

/** The number that the `.proto` files give the field. Codecs are made once, at the start. */
function numberOf(message: string, field: string): number {
  const number = messageType(message).fields[field]?.id;
  if (number === undefined) throw new Error(`${message} has no field ${field} in real/wire/proto`);
  return number;
}

/** By tags: where in a record the field is. */
function placesOf(
  codecs: readonly FieldCodec<unknown>[],
  numbers: readonly number[],
): readonly (number | undefined)[] {
  const places: (number | undefined)[] = [];
  for (const [at, { wireTypes }] of codecs.entries()) {
    for (const wireType of wireTypes) places[(numbers[at] as number) * 8 + wireType] = at;
  }
  return Array.from(places);
}

interface Layout {
  readonly names: readonly string[];
  readonly codecs: readonly FieldCodec<unknown>[];
  readonly places: readonly (number | undefined)[];
}

/** What is in a record, field by field; fields that are not known here are left out. */
function partsOf(from: WireReader, end: number, { names, codecs, places }: Layout): unknown[] {
  const parts: unknown[] = new Array(names.length);
  let at = 0;
  try {
    while (from.pos < end) {
      const tag = from.uint32();
      const place = places[tag];
      if (place === undefined) {
        from.skipType(tag & 7);
        continue;
      }
      at = place;
      parts[at] = (codecs[at] as FieldCodec<unknown>).take(from, parts[at], tag & 7);
    }
    for (at = 0; at < codecs.length; at += 1) {
      if (parts[at] === undefined) parts[at] = (codecs[at] as FieldCodec<unknown>).missing();
    }
  } catch (error) {
    throw within(names[at] as string, error);
  }
  return parts;
}

/** The member of the union `T` that has `Kind`. */
type Member<T, Kind> = T extends { readonly kind: infer Own }
  ? Kind extends Own
    ? T
    : never
  : never;

type Variant<T, Kind> = Fields<Omit<Member<T, Kind>, "kind">> | Codec<Member<T, Kind>>;

interface NumberedVariant {
  readonly field: string;
  readonly number: number;
  readonly codec: Codec<unknown>;
}

/**
 * A union by `kind`: a message with one `oneof`, whose fields are named for the kinds. A variant is
 * a codec of its own, or only its fields: then its message is nested, and named for the kind.
 */
export function union<T extends { readonly kind: string }>(
  name: string,
  variants: { readonly [Kind in T["kind"]]: Variant<T, Kind> },
): Codec<T> {
  const codecs: Record<string, Codec<unknown>> = {};
  const byKind = new Map<string, NumberedVariant>();
  const byTag = new Map<number, NumberedVariant>();
  for (const [kind, variant] of Object.entries<object>(variants)) {
    const field = camelCase(kind);
    const number = numberOf(name, field);
    const codec = isCodec(variant)
      ? variant
      : (tagged(kind, `${name}.${pascalCase(kind)}`, variant as never) as Codec<unknown>);
    codecs[field] = codec;
    byKind.set(kind, { field, number, codec });
    byTag.set(number * 8 + delimited, { field, number, codec });
  }
  const write = (out: WireWriter, value: T) => {
    const { codec, number } = byKind.get(value.kind) as NumberedVariant;
    putValue(codec, out, number, value);
  };
  const shape: Shape = { kind: "union", name, variants: codecs };
  const read = (from: WireReader, end: number) => variantOf(from, end, byTag) as T;
  return single<T>(delimited, { write, read, missing: isMissing, isZero: never, shape });
}

/** The last one counts, as everywhere in protobuf. */
function variantOf(
  from: WireReader,
  end: number,
  byTag: ReadonlyMap<number, NumberedVariant>,
): unknown {
  let found: unknown;
  while (from.pos < end) {
    const tag = from.uint32();
    const variant = byTag.get(tag);
    if (variant === undefined) from.skipType(tag & 7);
    else found = takeVariant(variant, from);
  }
  if (found === undefined) throw new WireError("is of no kind that is known here");
  return found;
}

function takeVariant({ field, codec }: NumberedVariant, from: WireReader): unknown {
  try {
    return codec.take(from, undefined, delimited);
  } catch (error) {
    throw within(field, error);
  }
}

function isCodec(variant: object): variant is Codec<unknown> {
  return "write" in variant && typeof variant.write === "function";
}

/** `create-service` as `createService`. */
function camelCase(kind: string): string {
  return kind.replace(/[-_](.)/g, (_, letter: string) => letter.toUpperCase());
}

function pascalCase(kind: string): string {
  return camelCase(`-${kind}`);
}

/** An enumeration, with the number of each value; 0 stands for none of them. */
export function oneOf<T extends string>(
  name: string,
  numbers: Readonly<Record<T, number>>,
): Codec<T> {
  const values = new Map(Object.entries<number>(numbers));
  const names = new Map([...values].map(([value, number]) => [number, value]));
  const read = (from: WireReader) => {
    const number = from.int32();
    const value = names.get(number);
    if (value !== undefined) return value as T;
    throw new WireError(number === 0 ? "is missing" : `has the unknown value ${number}`);
  };
  const write = (out: WireWriter, value: T) => out.varint(numbers[value]);
  const shape: Shape = { kind: "enum", name, values };
  return single<T>(varint, { write, read, missing: isMissing, isZero: never, shape });
}

const noItems: readonly never[] = Object.freeze([]);

/** A list that is missing is empty: one empty list serves for all, as none is ever changed. */
export function list<T>(item: Codec<T>): FieldCodec<readonly T[]> {
  const { wireTypes, take: takeItem, shape } = item;
  const take = (from: WireReader, soFar: readonly T[] | undefined, wireType: number) => {
    const items = (soFar ?? []) as T[];
    try {
      if (wireTypes.includes(wireType as WireType)) items.push(takeItem(from, undefined, wireType));
      else for (const end = from.end(); from.pos < end; ) items.push(item.read(from, end));
    } catch (error) {
      throw within(String(items.length), error);
    }
    return items;
  };
  const isPacked = wireTypes[0] === varint;
  const put = (out: WireWriter, number: number, values: readonly T[]) => {
    if (isPacked) return putPacked(out, number, values, item);
    for (const value of values) putValue(item, out, number, value);
  };
  return {
    put,
    take,
    missing: () => noItems,
    wireTypes: isPacked ? [varint, delimited] : wireTypes,
    shape: { kind: "repeated", of: shape },
  };
}

/** Numbers in a list have one tag together. */
function putPacked<T>(
  out: WireWriter,
  number: number,
  values: readonly T[],
  { write }: Codec<T>,
): void {
  if (values.length === 0) return;
  out.tag(number, delimited);
  const start = out.begin();
  for (const value of values) write(out, value);
  out.end(start);
}

/**
 * A `Map`, as entries in its order. To others it is a protobuf `map`, whose order is anyone's and
 * whose keys could clash with what objects inherit. One empty `Map` serves for all that are missing.
 */
export function table<V>(name: string, value: FieldCodec<V>): FieldCodec<ReadonlyMap<string, V>> {
  type Entry = { readonly key: string; readonly value: V };
  const entry = record<Entry>(name, { key: text, value } as never);
  const empty: ReadonlyMap<string, V> = new Map();
  const take = (from: WireReader, soFar: ReadonlyMap<string, V> | undefined) => {
    const map = (soFar ?? new Map()) as Map<string, V>;
    const found = entryOf(entry, from, map.size);
    if (map.has(found.key)) throw new WireError(`has the key '${found.key}' twice`);
    return map.set(found.key, found.value);
  };
  const put = (out: WireWriter, number: number, map: ReadonlyMap<string, V>) => {
    for (const [key, each] of map) putValue(entry, out, number, { key, value: each });
  };
  const shape: Shape = { kind: "repeated", of: entry.shape };
  return { put, take, missing: () => empty, wireTypes: entry.wireTypes, shape };
}

function entryOf<T>(entry: Codec<T>, from: WireReader, at: number): T {
  try {
    return entry.take(from, undefined, delimited);
  } catch (error) {
    throw within(String(at), error);
  }
}

/** Not there on the wire: null in the model. */
export function nullable<T>(codec: Codec<T>): FieldCodec<T | null> {
  const { take, wireTypes, shape } = codec;
  return {
    put: (out, number, value) => {
      if (value !== null) putValue(codec, out, number, value);
    },
    take: (from, _, wireType) => take(from, undefined, wireType),
    missing: () => null,
    wireTypes,
    shape: { kind: "optional", of: shape },
  };
}

/** Not there on the wire: not there in the model. */
export function optional<T>(codec: Codec<T>): FieldCodec<T> {
  const { take, wireTypes, shape } = codec;
  return {
    put: (out, number, value) => putValue(codec, out, number, value),
    take,
    missing: () => undefined as T,
    wireTypes,
    shape: { kind: "optional", of: shape },
  };
}

/** A codec of another type, by a function each way. */
export function mapped<Inner, Outer>(
  codec: Codec<Inner>,
  into: (value: Outer) => Inner,
  outOf: (value: Inner) => Outer,
): Codec<Outer> {
  const { write, read, missing, isZero, wireTypes, shape } = codec;
  return single<Outer>(wireTypes[0] as WireType, {
    write: (out, value) => write(out, into(value)),
    read: (from, end) => outOf(read(from, end)),
    missing: () => outOf(missing()),
    isZero: (value) => isZero(into(value)),
    shape,
  });
}

export const text = single<string>(delimited, {
  write: (out, value) => out.text(value),
  read: (from, end) => from.text(end),
  missing: () => "",
  isZero: (value) => value === "",
  shape: { kind: "scalar", type: "string" },
});

export const texts = list(text);

export const flag = single<boolean>(varint, {
  write: (out, value) => out.varint(value ? 1 : 0),
  read: (from) => from.bool(),
  missing: () => false,
  isZero: (value) => !value,
  shape: { kind: "scalar", type: "bool" },
});

/** Views of what they are read from, not copies. */
export const bytes = single<Uint8Array>(delimited, {
  write: (out, value) => out.bytes(value),
  read: (from, end) => from.view(end),
  missing: () => new Uint8Array(0),
  isZero: (value) => value.length === 0,
  shape: { kind: "scalar", type: "bytes" },
});
