import { textOfUtf8, utf8Bytes } from "../base/base64.ts";
import { compareText } from "../base/order.ts";
import { formatted } from "./template-printf.ts";
import {
  type Given,
  isList,
  isMap,
  isTrue,
  printed,
  type TemplateFunction,
  type TemplateValue,
  typeName,
} from "./template-value.ts";

/**
 * Those of Go's own functions that there are here; `and` and `or`, which look at no more arguments
 * than they need, are a matter of `filling.ts`.
 */
export const builtIn: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ["not", counted(1, ([value = null]) => ({ value: !isTrue(value) }))],
  ["eq", equal],
  ["ne", counted(2, (args) => mapped(equal(args), (isEqual) => isEqual !== true))],
  ["lt", (args) => compared(args, (order) => order < 0)],
  ["le", (args) => compared(args, (order) => order <= 0)],
  ["gt", (args) => compared(args, (order) => order > 0)],
  ["ge", (args) => compared(args, (order) => order >= 0)],
  ["len", counted(1, ([value = null]) => lengthOf(value))],
  ["index", indexed],
  ["slice", sliced],
  ["print", (args) => ({ value: sprint(args) })],
  ["println", (args) => ({ value: `${args.map((each) => printed(each)).join(" ")}\n` })],
  ["printf", sprintf],
]);

/** A function of this many arguments. */
export function counted(count: number, call: TemplateFunction): TemplateFunction {
  return (args) => {
    if (args.length === count) return call(args);
    return { why: `wrong number of args: want ${count} got ${args.length}` };
  };
}

/** A function of this many texts. */
export function ofTexts(count: number, call: (...texts: string[]) => Given): TemplateFunction {
  return counted(count, (args) => {
    const other = args.find((each) => typeof each !== "string");
    if (other !== undefined) return { why: `expected string; found ${printed(other)}` };
    return call(...(args as readonly string[]));
  });
}

const incompatible = { why: "incompatible types for comparison" };

function mapped(given: Given, change: (value: TemplateValue) => TemplateValue): Given {
  return "why" in given ? given : { value: change(given.value) };
}

/** Whether the first is any of the others. */
function equal([first = null, ...others]: readonly TemplateValue[]): Given {
  if (others.length === 0) return { why: "missing argument for comparison" };
  const isPlain = (each: TemplateValue) => each === null || typeof each !== "object";
  const isFit = [first, ...others].every(
    (each) => isPlain(each) && (each === null || first === null || areAlike(each, first)),
  );
  return isFit ? { value: others.includes(first) } : incompatible;
}

function areAlike(left: TemplateValue, right: TemplateValue): boolean {
  return typeName(left) === typeName(right);
}

function compared(args: readonly TemplateValue[], isSo: (order: number) => boolean): Given {
  const [a = null, b = null] = args;
  if (args.length !== 2) return { why: `wrong number of args: want 2 got ${args.length}` };
  if (!areAlike(a, b)) return incompatible;
  if (typeof a === "string" && typeof b === "string") return { value: isSo(compareText(a, b)) };
  if (typeof a === "number" && typeof b === "number") return { value: isSo(a - b) };
  return incompatible;
}

/** Of a text in bytes of UTF-8. */
function lengthOf(value: TemplateValue): Given {
  if (typeof value === "string") return { value: utf8Bytes(value).length };
  if (isList(value)) return { value: value.length };
  if (isMap(value)) return { value: value.size };
  return { why: `len of type ${typeName(value)}` };
}

/** With a blank between two where neither is a text. */
function sprint(args: readonly TemplateValue[]): string {
  const isText = (at: number) => typeof args[at] === "string";
  const texts = args.map((each, at) => {
    const isApart = at > 0 && !isText(at) && !isText(at - 1);
    return `${isApart ? " " : ""}${printed(each)}`;
  });
  return texts.join("");
}

function sprintf([format = null, ...args]: readonly TemplateValue[]): Given {
  if (typeof format === "string") return { value: formatted(format, args) };
  return { why: `expected string; found ${printed(format)}` };
}

/** Of what is inside what is inside, as many keys as there are. */
function indexed([whole, ...keys]: readonly TemplateValue[]): Given {
  if (whole === undefined) return { why: "wrong number of args: want at least 1 got 0" };
  return keys.reduce<Given>(
    (given, key) => ("why" in given ? given : elementOf(given.value, key)),
    { value: whole },
  );
}

/** What a map does not have is an empty text, as of any map from text to text in Go. */
function elementOf(whole: TemplateValue, key: TemplateValue): Given {
  if (isMap(whole)) {
    if (typeof key !== "string")
      return { why: `value has type ${typeName(key)}; should be string` };
    return { value: whole.get(key) ?? "" };
  }
  if (!isList(whole) && typeof whole !== "string")
    return {
      why: whole === null ? "index of untyped nil" : `can't index item of type ${typeName(whole)}`,
    };
  if (typeof key !== "number" || !Number.isInteger(key))
    return { why: `cannot index slice/array with type ${typeName(key)}` };
  const item = typeof whole === "string" ? utf8Bytes(whole).charCodeAt(key) : whole[key];
  const isThere = item !== undefined && !Number.isNaN(item);
  return isThere ? { value: item } : { why: `index out of range: ${key}` };
}

/** Of a text by bytes of UTF-8. */
function sliced([sliceable = null, ...bounds]: readonly TemplateValue[]): Given {
  const isText = typeof sliceable === "string";
  if (!isText && !isList(sliceable))
    return { why: `can't slice item of type ${typeName(sliceable)}` };
  const whole = isText ? utf8Bytes(sliceable) : sliceable;
  const [begin = 0, end = whole.length] = bounds;
  if (typeof begin !== "number" || typeof end !== "number" || bounds.length > 2)
    return { why: "it is sliced by one or two numbers" };
  if (begin < 0 || end > whole.length)
    return { why: `index out of range: ${begin < 0 ? begin : end}` };
  if (begin > end) return { why: `invalid slice index: ${begin} > ${end}` };
  const part = whole.slice(begin, end);
  return { value: typeof part === "string" ? textOfUtf8(part) : part };
}
