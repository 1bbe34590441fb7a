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
export function within(name: string, error: unknown): unknown {
  return error instanceof WireError ? new WireError(error.reason, [name, ...error.path]) : error;
}

type Single<T> = Pick<Codec<T>, "write" | "read" | "missing" | "isZero" | "shape">;

export const isNeverZero = () => false;

export function failAsMissing(): never {
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
export function putValue<T>(codec: Codec<T>, out: WireWriter, number: number, value: T): void {
  const [wireType] = codec.wireTypes as readonly [WireType];
  out.tag(number, wireType);
  if (wireType === varint) return codec.write(out, value);
  const start = out.begin();
  codec.write(out, value);
  out.end(start);
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
  return single<T>(varint, { write, read, missing: failAsMissing, isZero: isNeverZero, shape });
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

/**
 * A field that messages of older versions do not have: they mean `before`. Each field that is added
 * to a message is one of these, unless its zero or null says the same.
 */
export function added<T>(codec: Codec<T>, before: T): FieldCodec<T> {
  const { take, wireTypes, shape } = codec;
  return {
    put: (out, number, value) => putValue(codec, out, number, value),
    take,
    missing: () => before,
    wireTypes,
    shape,
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
