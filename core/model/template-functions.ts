import { compareText } from "../base/order.ts";

/** What an operand of a template gives; null: nothing, such as a label that is not there. */
export type TemplateValue = string | number | boolean | null | ReadonlyMap<string, string>;

/** A value, or why there is none. */
export type Given = { readonly value: TemplateValue } | { readonly why: string };

/** Go's truth: what is empty, zero or nothing is false. */
export function isTrue(value: TemplateValue): boolean {
  if (value instanceof Map) return value.size > 0;
  return value !== null && value !== "" && value !== 0 && value !== false;
}

/** As Go prints it. */
export function printed(value: TemplateValue): string {
  if (value === null) return "<no value>";
  if (!(value instanceof Map)) return String(value);
  const entries = [...value].sort(([a], [b]) => compareText(a, b));
  return `map[${entries.map(([key, each]) => `${key}:${each}`).join(" ")}]`;
}

/** Those of Go's own functions that there are here; null: it is none of them. */
export function builtIn(name: string, args: readonly TemplateValue[]): Given | null {
  switch (name) {
    case "not":
      return args.length === 1 ? { value: !isTrue(args[0] ?? null) } : { why: "it takes one" };
    case "eq":
      return equal(args);
    case "ne": {
      const given = equal(args);
      return "why" in given ? given : { value: given.value !== true };
    }
    case "lt":
      return compared(args, (order) => order < 0);
    case "le":
      return compared(args, (order) => order <= 0);
    case "gt":
      return compared(args, (order) => order > 0);
    case "ge":
      return compared(args, (order) => order >= 0);
    case "len":
      return args[0] instanceof Map
        ? { value: args[0].size }
        : { why: "only a map has a length here" };
    case "index":
      return indexed(args);
    case "print":
      return { value: sprint(args) };
    default:
      return null;
  }
}

const incompatible = { why: "incompatible types for comparison" };

/** Whether the first is any of the others. */
function equal([first = null, ...others]: readonly TemplateValue[]): Given {
  if (others.length === 0) return { why: "it takes two" };
  const isFit = others.every((each) => typeof each === typeof first && typeof each !== "object");
  return isFit ? { value: others.includes(first) } : incompatible;
}

function compared([a, b]: readonly TemplateValue[], isSo: (order: number) => boolean): Given {
  if (typeof a === "string" && typeof b === "string") return { value: isSo(compareText(a, b)) };
  if (typeof a === "number" && typeof b === "number") return { value: isSo(a - b) };
  return incompatible;
}

/** With a blank between two of which neither is a text. */
function sprint(args: readonly TemplateValue[]): string {
  const isText = (at: number) => typeof args[at] === "string";
  const texts = args.map((each, at) => {
    const isApart = at > 0 && !isText(at) && !isText(at - 1);
    return `${isApart ? " " : ""}${printed(each)}`;
  });
  return texts.join("");
}

/** What a map does not have is an empty text, as of any map from text to text in Go. */
function indexed([map, key]: readonly TemplateValue[]): Given {
  if (!(map instanceof Map) || typeof key !== "string") return { why: "it takes a map and a text" };
  return { value: map.get(key) ?? "" };
}
