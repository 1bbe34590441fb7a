import {
  type Codec,
  type FieldCodec,
  failAsMissing,
  isNeverZero,
  putValue,
  type Shape,
  single,
  text,
  WireError,
  within,
} from "./codec.ts";
import { fieldNumber } from "./schema.ts";
import { delimited, type WireReader, type WireWriter } from "./wire-bytes.ts";

/** Codecs of protobuf's messages: records, unions, and tables, whose entries are records. */

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
  return single<T>(delimited, { write, read, missing: failAsMissing, isZero: isNeverZero, shape });
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

/** Codecs are made once, at the start. */
function numberOf(message: string, field: string): number {
  const number = fieldNumber(message, field);
  if (number === null) throw new Error(`${message} has no field ${field} in real/wire/proto`);
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
  return single<T>(delimited, { write, read, missing: failAsMissing, isZero: isNeverZero, shape });
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

/**
 * A `Map`, as entries in its order. To others it is a protobuf `map`, whose order is anyone's and
 * whose keys could clash with what objects inherit. One empty `Map` serves for all that lack it.
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
