import { utf8Bytes } from "../base/base64.ts";
import { isList, printed, type TemplateValue, typeName } from "./template-value.ts";

/** No wider than this: a template must not make more of a text than there is room for. */
const widest = 1_000;

interface Verb {
  readonly letter: string;
  readonly flags: string;
  readonly width: number;
  readonly precision: number | null;
}

/** As Go's `fmt.Sprintf` words it, with its marks of what does not fit: `%!d(string=x)`. */
export function formatted(format: string, args: readonly TemplateValue[]): string {
  let next = 0;
  const numberNext = (written: string | undefined) =>
    written === "*" ? Number(args[next++] ?? 0) : Number(written ?? 0);
  const text = format.replace(
    /%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d+)?)?([\s\S])?/gu,
    (all: string, flags: string, wide?: string, exact?: string, letter?: string) => {
      if (letter === undefined) return "%!(NOVERB)";
      if (letter === "%") return "%";
      const width = Math.min(Math.abs(numberNext(wide)), widest);
      const isExact = all.includes(".");
      const precision = isExact ? Math.min(Math.max(numberNext(exact), 0), 100) : null;
      if (next >= args.length) return `%!${letter}(MISSING)`;
      return padded({ letter, flags, width, precision }, args[next++] as TemplateValue);
    },
  );
  const extra = args.slice(next).map((each) => `${typeName(each)}=${printed(each)}`);
  return extra.length === 0 ? text : `${text}%!(EXTRA ${extra.join(", ")})`;
}

function padded(verb: Verb, value: TemplateValue): string {
  const { flags, width } = verb;
  const text = worded(verb, value) ?? `%!${verb.letter}(${typeName(value)}=${printed(value)})`;
  const missing = Math.max(0, width - [...text].length);
  if (flags.includes("-")) return text + " ".repeat(missing);
  if (!flags.includes("0") || typeof value !== "number") return " ".repeat(missing) + text;
  const sign = /^[+-]/.exec(text)?.[0] ?? "";
  return sign + "0".repeat(missing) + text.slice(sign.length);
}

/** Null where the verb does not fit the value. */
function worded(verb: Verb, value: TemplateValue): string | null {
  if (verb.letter === "v") return cut(printed(value, "<nil>"), null);
  if (verb.letter === "T") return typeName(value);
  if (isList(value)) return listed(verb, value);
  if (typeof value === "string") return ofText(verb, value);
  if (typeof value === "boolean") return verb.letter === "t" ? String(value) : null;
  if (typeof value !== "number") return verb.letter === "s" ? printed(value, "%!s(<nil>)") : null;
  const worded = Number.isInteger(value) ? ofWhole(verb, value) : ofFraction(verb, value);
  const isSigned = verb.flags.includes("+") && value >= 0 && worded !== null;
  return isSigned ? `+${worded}` : worded;
}

function listed(verb: Verb, values: readonly TemplateValue[]): string {
  return `[${values.map((each) => padded({ ...verb, width: 0 }, each)).join(" ")}]`;
}

function cut(text: string, precision: number | null): string {
  return precision === null ? text : [...text].slice(0, precision).join("");
}

function ofText({ letter, precision }: Verb, text: string): string | null {
  switch (letter) {
    case "s":
      return cut(text, precision);
    case "q":
      return quoted(cut(text, precision));
    case "x":
    case "X":
      return hexOf(utf8Bytes(text).slice(0, precision ?? undefined), letter);
    default:
      return null;
  }
}

function hexOf(bytes: string, letter: "x" | "X"): string {
  const codes = [...bytes].map((byte) => byte.charCodeAt(0));
  const digits = codes.map((code) => code.toString(16).padStart(2, "0")).join("");
  return letter === "X" ? digits.toUpperCase() : digits;
}

function quoted(text: string): string {
  const escaped = text.replace(/["\\]/g, "\\$&").replace(/\n/g, "\\n").replace(/\t/g, "\\t");
  return `"${escaped}"`;
}

function ofWhole(verb: Verb, value: number): string | null {
  switch (verb.letter) {
    case "d":
      return String(value);
    case "x":
      return value.toString(16);
    case "X":
      return value.toString(16).toUpperCase();
    case "o":
      return value.toString(8);
    case "b":
      return value.toString(2);
    default:
      return null;
  }
}

function ofFraction({ letter, precision }: Verb, value: number): string | null {
  if (letter === "f") return value.toFixed(precision ?? 6);
  if (letter === "g")
    return precision === null ? String(value) : String(Number(value.toPrecision(precision || 1)));
  return null;
}
