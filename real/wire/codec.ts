/**
 * How values of the model become protobuf messages and back. A codec is written once and works both
 * ways; the compiler insists that it names every field of its type. What is new in the model goes
 * into its codec and into a file of `proto`, under the next free number;
 * `test/real/wire/agreement.test.ts` says where the two differ.
 *
 * On the wire a plain number, text or flag that is missing is its zero, as everywhere in protobuf.
 * Anything else that is missing, unknown or out of range is a `WireError`, which says where.
 */
export interface Codec<T> {
  /** What protobufjs encodes. */
  readonly toWire: (value: T) => unknown;
  /** `undefined`: the field is not there. Throws `WireError`. */
  readonly fromWire: (wire: unknown) => T;
  readonly shape: Shape;
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

type WireFields = Readonly<Record<string, unknown>>;

/** One codec for each field of `T`. */
export type Fields<T> = { readonly [Name in keyof T]-?: Codec<Exclude<T[Name], undefined>> };

/** A message with a field for each of the type's, of the same names. */
export function record<T>(name: string, fields: Fields<T>): Codec<T> {
  const names = Object.keys(fields);
  const codecs = Object.values<Codec<unknown>>(fields as Record<string, Codec<unknown>>);
  const shape: Shape = { kind: "message", name, fields: fields as FieldCodecs };
  const toWire = (value: T) => {
    const wire: Record<string, unknown> = {};
    for (let at = 0; at < names.length; at += 1) {
      const field = names[at] as string;
      const part = (value as WireFields)[field];
      if (part !== undefined && part !== null) {
        wire[field] = (codecs[at] as Codec<unknown>).toWire(part);
      }
    }
    return wire;
  };
  const fromWire = (wire: unknown) => {
    const from = messageOf(wire);
    const value: Record<string, unknown> = {};
    let at = 0;
    try {
      for (; at < names.length; at += 1) {
        const field = names[at] as string;
        const wired = Object.hasOwn(from, field) ? from[field] : undefined;
        const part = (codecs[at] as Codec<unknown>).fromWire(wired);
        if (part !== undefined) value[field] = part;
      }
    } catch (error) {
      throw within(names[at] as string, error);
    }
    return value as T;
  };
  return { toWire, fromWire, shape };
}

function fieldOf(codec: Codec<unknown>, field: string, wire: unknown): unknown {
  try {
    return codec.fromWire(wire);
  } catch (error) {
    throw within(field, error);
  }
}

function messageOf(wire: unknown): WireFields {
  if (typeof wire !== "object" || wire === null) throw new WireError("is missing");
  return wire as WireFields;
}

/** A record of one `kind`, which goes without saying where no other kind could be. */
export function tagged<T extends { readonly kind: string }>(
  kind: T["kind"],
  name: string,
  fields: Fields<Omit<T, "kind">>,
): Codec<T> {
  const { toWire, fromWire, shape } = record<Omit<T, "kind">>(name, fields);
  return { toWire, shape, fromWire: (wire) => ({ kind, ...fromWire(wire) }) as unknown as T };
}

/** The member of the union `T` that has `Kind`. */
type Member<T, Kind> = T extends { readonly kind: infer Own }
  ? Kind extends Own
    ? T
    : never
  : never;

type Variant<T, Kind> = Fields<Omit<Member<T, Kind>, "kind">> | Codec<Member<T, Kind>>;

/**
 * A union by `kind`: a message with one `oneof`, whose fields are named for the kinds. A variant is
 * a codec of its own, or only its fields: then its message is nested, and named for the kind.
 */
export function union<T extends { readonly kind: string }>(
  name: string,
  variants: { readonly [Kind in T["kind"]]: Variant<T, Kind> },
): Codec<T> {
  const codecs: Record<string, Codec<unknown>> = {};
  const fieldOfKind = new Map<string, string>();
  for (const [kind, variant] of Object.entries<object>(variants)) {
    const field = camelCase(kind);
    fieldOfKind.set(kind, field);
    codecs[field] = isCodec(variant)
      ? variant
      : (tagged(kind, `${name}.${pascalCase(kind)}`, variant as never) as Codec<unknown>);
  }
  const toWire = (value: T) => {
    const field = fieldOfKind.get(value.kind) as string;
    return { [field]: (codecs[field] as Codec<unknown>).toWire(value) };
  };
  const fromWire = (wire: unknown) => {
    const from = messageOf(wire);
    const field = Object.keys(from).find((each) => Object.hasOwn(codecs, each));
    if (field === undefined) throw new WireError("is of no kind that is known here");
    return fieldOf(codecs[field] as Codec<unknown>, field, from[field]) as T;
  };
  return { toWire, fromWire, shape: { kind: "union", name, variants: codecs as FieldCodecs } };
}

function isCodec(variant: object): variant is Codec<unknown> {
  return "toWire" in variant && typeof variant.toWire === "function";
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
  const fromWire = (wire: unknown) => {
    const value = names.get(wire as number);
    if (value !== undefined) return value as T;
    const what = wire === undefined || wire === 0 ? "is missing" : `has the unknown value ${wire}`;
    throw new WireError(what);
  };
  return { toWire: (value) => numbers[value], fromWire, shape: { kind: "enum", name, values } };
}

export function list<T>(item: Codec<T>): Codec<readonly T[]> {
  return {
    toWire: (values) => values.map(item.toWire),
    fromWire(wire) {
      if (wire === undefined) return [];
      return (wire as readonly unknown[]).map((each, at) => itemOf(item, each, at));
    },
    shape: { kind: "repeated", of: item.shape },
  };
}

function itemOf<T>(item: Codec<T>, wire: unknown, at: number): T {
  try {
    return item.fromWire(wire);
  } catch (error) {
    throw within(String(at), error);
  }
}

/**
 * A `Map`, as entries in its order. To others it is a protobuf `map`, whose order is anyone's and
 * whose keys could clash with what objects inherit.
 */
export function table<V>(name: string, value: Codec<V>): Codec<ReadonlyMap<string, V>> {
  const entries = list(record<{ key: string; value: V }>(name, { key: text, value } as never));
  return {
    toWire: (map) => entries.toWire([...map].map(([key, each]) => ({ key, value: each }))),
    fromWire(wire) {
      const map = new Map<string, V>();
      for (const { key, value: each } of entries.fromWire(wire)) {
        if (map.has(key)) throw new WireError(`has the key '${key}' twice`);
        map.set(key, each);
      }
      return map;
    },
    shape: entries.shape,
  };
}

/** Not there on the wire: null in the model. */
export function nullable<T>(codec: Codec<T>): Codec<T | null> {
  return {
    toWire: (value) => (value === null ? undefined : codec.toWire(value)),
    fromWire: (wire) => (wire === undefined ? null : codec.fromWire(wire)),
    shape: { kind: "optional", of: codec.shape },
  };
}

/** Not there on the wire: not there in the model. */
export function optional<T>(codec: Codec<T>): Codec<T> {
  return {
    toWire: codec.toWire,
    fromWire: (wire) => (wire === undefined ? undefined : codec.fromWire(wire)) as T,
    shape: { kind: "optional", of: codec.shape },
  };
}

/**
 * A field that messages of older versions do not have: they mean `before`. Each field that is added
 * to a message is one of these, unless its zero or null says the same.
 */
export function added<T>(codec: Codec<T>, before: T): Codec<T> {
  return { ...codec, fromWire: (wire) => (wire === undefined ? before : codec.fromWire(wire)) };
}

/** A codec of another type, by a function each way. */
export function mapped<Inner, Outer>(
  codec: Codec<Inner>,
  into: (value: Outer) => Inner,
  outOf: (value: Inner) => Outer,
): Codec<Outer> {
  const { toWire, fromWire, shape } = codec;
  return {
    toWire: (value) => toWire(into(value)),
    fromWire: (wire) => outOf(fromWire(wire)),
    shape,
  };
}

export const text: Codec<string> = {
  toWire: (value) => value,
  fromWire: (wire) => (wire === undefined ? "" : (wire as string)),
  shape: { kind: "scalar", type: "string" },
};

export const texts = list(text);

export const flag: Codec<boolean> = {
  toWire: (value) => value,
  fromWire: (wire) => wire === true,
  shape: { kind: "scalar", type: "bool" },
};

export const bytes: Codec<Uint8Array> = {
  toWire: (value) => value,
  fromWire: (wire) => (wire === undefined ? new Uint8Array(0) : (wire as Uint8Array)),
  shape: { kind: "scalar", type: "bytes" },
};
