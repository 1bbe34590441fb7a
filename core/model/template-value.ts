import { sortedBy } from "../base/order.ts";

/**
 * What an operand of a template gives; null: nothing, such as a label that is not there. A map may
 * have any names; an object has those that its kind has, and others are a mistake.
 */
export type TemplateValue =
  | string
  | number
  | boolean
  | null
  | readonly TemplateValue[]
  | ReadonlyMap<string, TemplateValue>
  | TemplateObject
  | TemplateFunction;

export interface TemplateObject {
  readonly [name: string]: TemplateValue;
}

/** What it gives for its arguments, or why it can't. */
export type TemplateFunction = (args: readonly TemplateValue[]) => Given;

/** A value, or why there is none. */
export type Given = { readonly value: TemplateValue } | { readonly why: string };

export function isList(value: TemplateValue): value is readonly TemplateValue[] {
  return Array.isArray(value);
}

export function isMap(value: TemplateValue): value is ReadonlyMap<string, TemplateValue> {
  return value instanceof Map;
}

export function isObject(value: TemplateValue): value is TemplateObject {
  return typeof value === "object" && value !== null && !isList(value) && !isMap(value);
}

/** Go's truth: what is empty, zero or nothing is false. */
export function isTrue(value: TemplateValue): boolean {
  if (isMap(value)) return value.size > 0;
  if (isList(value)) return value.length > 0;
  return value !== null && value !== "" && value !== 0 && value !== false;
}

/** As Go prints it. */
export function printed(value: TemplateValue, nothing = "<no value>"): string {
  const inner = (each: TemplateValue) => printed(each, "<nil>");
  if (value === null) return nothing;
  if (isList(value)) return `[${value.map(inner).join(" ")}]`;
  if (isMap(value)) {
    const entries = sortedBy(value, ([key]) => key);
    return `map[${entries.map(([key, each]) => `${key}:${inner(each)}`).join(" ")}]`;
  }
  if (isObject(value)) return `{${Object.values(value).map(inner).join(" ")}}`;
  return typeof value === "function" ? "<function>" : String(value);
}

/** The word of Go for what it is. */
export function typeName(value: TemplateValue): string {
  switch (typeof value) {
    case "string":
      return "string";
    case "number":
      return Number.isInteger(value) ? "int" : "float64";
    case "boolean":
      return "bool";
    case "function":
      return "func";
    default:
      return value === null ? "nil" : isList(value) ? "list" : "map";
  }
}
