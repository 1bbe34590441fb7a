import { z } from "zod";
import type { Duration } from "../../../core/base/time.ts";
import { ApiError } from "../routes.ts";

/**
 * Docker's objects as JSON: what may be said of them, and how it is told apart from nothing. Go
 * writes nothing as null, or as the zero of its type.
 */

/**
 * An object of Docker's. As in Go, the case of a field's name does not matter. One that is not in
 * `shape` is refused by its name, if it says anything.
 */
export function dockerObject<Shape extends z.ZodRawShape>(
  shape: Shape,
): z.ZodType<z.infer<z.ZodObject<Shape>>> {
  const unknown = z.unknown().refine(saysNothing, { error: "is not supported" });
  const names = new Map(Object.keys(shape).map((name) => [name.toLowerCase(), name]));
  const canonical = (value: unknown) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    if (Object.keys(value).every((name) => name in shape)) return value;
    const entries = Object.entries(value);
    return Object.fromEntries(
      entries.map(([name, part]) => [names.get(name.toLowerCase()) ?? name, part]),
    );
  };
  const object = z.preprocess(canonical, z.object(shape).catchall(unknown));
  return object as unknown as z.ZodType<z.infer<z.ZodObject<Shape>>>;
}

/**
 * The value as `schema` has it. Throws an `ApiError` that names the field. Code that Zod makes for
 * each schema is no faster here, and slower while it is new.
 */
export function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const found = checked(schema, value);
  if (found.success) return found.data;
  const [issue] = found.error.issues;
  const path = issue?.path.join(".") ?? "";
  const what = issue?.message.replace("Invalid input: ", "") ?? "";
  const field = path === "" ? "the body" : path;
  const isRefused = what === "is not supported";
  const words = isRefused ? `${field} is not supported by this cluster` : `${field}: ${what}`;
  throw new ApiError(400, isRefused ? words : `invalid value for ${words}`);
}

/** Throws an `ApiError` for what is nested so deeply that nobody can look into it. */
function checked<T>(schema: z.ZodType<T>, value: unknown) {
  try {
    return schema.safeParse(withoutNulls(value), { jitless: true });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ApiError(400, "the body is nested too deeply");
  }
}

/** In Go, null and a missing field are the same. */
function withoutNulls(value: unknown): unknown {
  return hasNulls(value) ? cleared(value) : value;
}

function hasNulls(value: unknown): boolean {
  if (value === null) return true;
  return typeof value === "object" && Object.values(value).some(hasNulls);
}

function cleared(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleared);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, part]) => part !== null);
  return Object.fromEntries(entries.map(([name, part]) => [name, cleared(part)]));
}

function saysNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === 0) return true;
  if (value === false) return true;
  return typeof value === "object" && Object.values(value).every(saysNothing);
}

/** Fields that say nothing are left out, as Go's `omitempty` does. */
export function lean<T extends object>(fields: T): Partial<T> {
  const entries = Object.entries(fields).filter(([, value]) => !isZero(value));
  return Object.fromEntries(entries) as Partial<T>;
}

function isZero(value: unknown): boolean {
  if (value === undefined || value === "" || value === 0 || value === false) return true;
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

export const text = z.string().optional();
export const texts = z.array(z.string()).optional();
export const flag = z.boolean().optional();
export const integer = z.int().optional();
/** Nanoseconds: those of a year are no safe integer any more, but its microseconds are. */
export const nanos = z
  .number()
  .refine((value) => Number.isInteger(value) && Number.isSafeInteger(Math.ceil(value / 1_000)), {
    error: "expected int",
  })
  .optional();
export const count = z.int().nonnegative().optional();
export const labels = z.record(z.string(), z.string()).optional();

/** A word that the field may hold, or `fallback` where it is empty. `refusal` is Docker's own. */
export function wordOf<T extends string>(
  written: string | undefined,
  words: readonly T[],
  fallback: T,
  refusal: string,
): T {
  return written === undefined || written === "" ? fallback : saidWord(written, words, refusal);
}

/** The same of a field that must not be empty. */
export function saidWord<T extends string>(
  written: string | undefined,
  words: readonly T[],
  refusal: string,
): T {
  const found = words.find((each) => each === written);
  if (found === undefined) throw new ApiError(400, refusal);
  return found;
}

/** Docker counts nanoseconds; what is finer than a microsecond is rounded away from zero. */
export function spanOf(nanos: number): Duration {
  return (Math.sign(nanos) * Math.ceil(Math.abs(nanos) / 1_000)) as Duration;
}

export function nanosOf(span: Duration): number {
  return span * 1_000;
}

/** RFC 3339, as Go writes it; microseconds are as fine as ours are. */
export function momentText(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000);
  const fraction = String(micros - seconds * 1_000_000).padStart(6, "0");
  return `${new Date(seconds * 1_000).toISOString().slice(0, 19)}.${fraction}Z`;
}

export function mapOf<V>(fields: Readonly<Record<string, V>> | undefined): ReadonlyMap<string, V> {
  return new Map(Object.entries(fields ?? {}));
}
