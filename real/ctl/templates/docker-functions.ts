import { counted, ofTexts } from "../../../core/model/template-functions.ts";
import {
  type Given,
  isList,
  isMap,
  isObject,
  printed,
  type TemplateFunction,
  type TemplateValue,
  typeName,
} from "../../../core/model/template-value.ts";

type Functions = ReadonlyMap<string, TemplateFunction>;

/** What Docker's command line has besides Go's own functions (docker/cli `templates`). */
export const dockerFunctions: Functions = new Map<string, TemplateFunction>([
  ["json", counted(1, ([value = null]) => ({ value: JSON.stringify(plain(value)) }))],
  ["upper", ofTexts(1, (text = "") => ({ value: text.toUpperCase() }))],
  ["lower", ofTexts(1, (text = "") => ({ value: text.toLowerCase() }))],
  ["title", ofTexts(1, (text = "") => ({ value: text.replace(firstLetters, upper) }))],
  ["split", ofTexts(2, (text = "", by = "") => ({ value: text.split(by) }))],
  ["join", counted(2, joined)],
  ["pad", counted(3, padded)],
  ["truncate", counted(2, truncated)],
]);

/** Above a table the heading stands where the value would, whatever is made of that. */
export const headingFunctions: Functions = new Map<string, TemplateFunction>(
  ["json", "upper", "lower", "title", "split", "join", "pad", "truncate"].map((name) => [
    name,
    ([heading = null]) => ({ value: heading }),
  ]),
);

const firstLetters = /(?<![\p{L}\p{N}_])\p{L}/gu;

function upper(letter: string): string {
  return letter.toUpperCase();
}

/** As JSON has it; what is only there to be called is left out. */
function plain(value: TemplateValue): unknown {
  if (isList(value)) return value.map(plain);
  if (isMap(value)) return Object.fromEntries([...value].sort().map(withPlain));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(withPlain));
}

function withPlain([name, value]: readonly [string, TemplateValue]): [string, unknown] {
  return [name, typeof value === "function" ? undefined : plain(value)];
}

function joined([list = null, by]: readonly TemplateValue[]): Given {
  if (!isList(list)) return { why: `expected []string; got ${typeName(list)}` };
  if (typeof by !== "string") return { why: `expected string; found ${printed(by ?? null)}` };
  return { value: list.map((each) => printed(each)).join(by) };
}

function padded([text, before, after]: readonly TemplateValue[]): Given {
  if (typeof text !== "string" || typeof before !== "number" || typeof after !== "number")
    return { why: "it takes a text and two numbers" };
  if (text === "") return { value: "" };
  return { value: " ".repeat(countOf(before)) + text + " ".repeat(countOf(after)) };
}

function truncated([text, count]: readonly TemplateValue[]): Given {
  if (typeof text !== "string" || typeof count !== "number")
    return { why: "it takes a text and a number" };
  return { value: [...text].slice(0, countOf(count)).join("") };
}

function countOf(value: number): number {
  return Math.min(Math.max(Math.trunc(value), 0), 1_000);
}
