import { parsedJson } from "../../core/base/json.ts";
import { ApiError, type ApiRequest } from "./routes.ts";

/** What a list is narrowed to: each name's values are alternatives, and all names must hold. */
export type Filters = ReadonlyMap<string, readonly string[]>;

/**
 * The parameter `filters`: `{"name":["web"]}`, or `{"name":{"web":true}}` as Go's client writes it.
 * Throws an `ApiError` for a filter that is not `known`.
 */
export function filtersOf({ query }: ApiRequest, known: readonly string[]): Filters {
  const written = query.get("filters") ?? "";
  const found = new Map<string, readonly string[]>();
  for (const [name, values] of Object.entries(written === "" ? {} : objectOf(written))) {
    if (!known.includes(name)) throw new ApiError(400, `invalid filter '${name}'`);
    found.set(name, valuesOf(name, values));
  }
  return found;
}

/** Throws an `ApiError` where the filter asks for anything else. */
export function checkWords(filters: Filters, name: string, words: readonly string[]): void {
  const strange = filters.get(name)?.find((value) => !words.includes(value));
  if (strange !== undefined) throw new ApiError(400, `invalid ${name} filter: '${strange}'`);
}

/** `null` is none, as in Go. */
function objectOf(written: string): object {
  const found = parsedJson(written);
  if (found === null) return {};
  if (typeof found === "object" && !Array.isArray(found)) return found;
  throw new ApiError(400, `invalid filters: '${written}' is no object in JSON`);
}

function valuesOf(name: string, values: unknown): string[] {
  if (Array.isArray(values) && values.every((value) => typeof value === "string")) return values;
  if (typeof values === "string") return [values];
  if (typeof values !== "object" || values === null || Array.isArray(values)) {
    throw new ApiError(400, `invalid filter '${name}': its values must be a list of texts`);
  }
  return Object.entries(values).flatMap(([value, isOn]) => (isOn === true ? [value] : []));
}

/** What an object says to one filter: that it holds for `value`. */
export type Tests<T> = Readonly<Record<string, (object: T, value: string) => boolean>>;

/** Those for which every filter holds: for labels with all its values, else with any of them. */
export function filtered<T>(objects: readonly T[], filters: Filters, tests: Tests<T>): T[] {
  return objects.filter((object) =>
    [...filters].every(([name, values]) => {
      const holds = (value: string) => tests[name]?.(object, value) ?? true;
      if (values.length === 0) return true;
      return /label!?$/.test(name) ? values.every(holds) : values.some(holds);
    }),
  );
}

/** `name` or `name=value`. */
export function hasLabel(labels: ReadonlyMap<string, string>, text: string): boolean {
  const at = text.indexOf("=");
  if (at < 0) return labels.has(text);
  return labels.get(text.slice(0, at)) === text.slice(at + 1);
}
