import stringWidth from "string-width";
import { stringify } from "yaml";
import { sortedBy } from "../../core/base/order.ts";
import type { PortConfig } from "../../core/model/endpoint.ts";
import { ofTexts } from "../../core/model/template-functions.ts";
import type { TemplateObject, TemplateValue } from "../../core/model/template-value.ts";
import type { Readable } from "../wire/readable.ts";
import type { TemplateFormat } from "./format.ts";

/** What a command shows of each object in a table: a heading and a cell. */
export type Columns<T> = readonly (readonly [heading: string, cell: (item: T) => string])[];

/** What a template finds in each object of a list, by the names that Docker gives it. */
export type TemplateFields<T> = readonly (readonly [
  name: string,
  value: (item: T) => TemplateValue,
])[];

/** What a list shows: in a table, and to a template. */
export interface View<T> {
  readonly columns: Columns<T>;
  readonly fields: TemplateFields<T>;
}

/** `.Labels`, and `.Label "name"` of one. */
export function labelFields<T>(
  labelsOf: (item: T) => ReadonlyMap<string, string>,
): TemplateFields<T> {
  const text = (item: T) => [...labelsOf(item)].map(([name, value]) => `${name}=${value}`);
  return [
    ["Labels", (item) => text(item).join(",")],
    ["Label", (item) => ofTexts(1, (name = "") => ({ value: labelsOf(item).get(name) ?? "" }))],
  ];
}

/** Rows below headings, each column as wide as its widest cell. */
export function table<T>(columns: Columns<T>, items: readonly T[]): string {
  return aligned([
    columns.map(([heading]) => heading),
    ...items.map((item) => columns.map(([, cell]) => oneLine(cell(item)))),
  ]);
}

/** Each column as wide as its widest cell. */
function aligned(rows: readonly (readonly string[])[]): string {
  const count = Math.max(...rows.map(({ length }) => length));
  const widths = Array.from({ length: count }, (_, at) =>
    Math.max(...rows.map((row) => stringWidth(row[at] ?? ""))),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, at) => cell + " ".repeat((widths[at] as number) - stringWidth(cell)))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

/** What the template makes of each item, on a line of its own; tabs divide the cells of a table. */
export function templated<T>(
  { template, isTable }: TemplateFormat,
  fields: TemplateFields<T>,
  items: readonly T[],
): string {
  const lines = items.map((item) => template.of(rowOf(fields, item)));
  if (!isTable) return lines.map((line) => `${line}\n`).join("");
  const rows = [template.headed(headingsOf(fields)), ...lines].flatMap((line) => line.split("\n"));
  return aligned(rows.map((row) => row.split("\t").map(oneLine)));
}

/** By name, as `json` prints them. */
function rowOf<T>(fields: TemplateFields<T>, item: T): TemplateObject {
  const sorted = sortedBy(fields, ([name]) => name);
  return Object.fromEntries(sorted.map(([name, value]) => [name, value(item)]));
}

/** `DESIRED STATE` of `DesiredState`. What is only so or not has none. */
function headingsOf<T>(fields: TemplateFields<T>): TemplateObject {
  return Object.fromEntries(
    fields.map(([name]) => [
      name,
      ["Self", "Current"].includes(name)
        ? null
        : name.replace(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, " ").toUpperCase(),
    ]),
  );
}

/** Ports as Docker lists them: `*:8080->80/tcp`. */
export function portsText(ports: readonly PortConfig[]): string {
  return ports
    .map(
      ({ publishedPort, targetPort, protocol }) => `*:${publishedPort}->${targetPort}/${protocol}`,
    )
    .join(", ");
}

export function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** What others have written can't move the cursor. */
export function oneLine(cell: string): string {
  return cell.replace(/\p{Cc}+/gu, " ").trim();
}

/** The same of a text of several lines, such as a complaint that tells what a node has said. */
export function plainText(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, " ");
}

/** Exactly what it is, on lines that can't move the cursor. */
export function document(value: Readable, format: "json" | "yaml"): string {
  if (format === "json") return `${escaped(JSON.stringify(value, null, 2))}\n`;
  const written = stringify(value);
  return moving.test(written) ? escaped(stringify(value, inQuotes)) : written;
}

/** The same on one line. */
export function jsonLine(value: Readable): string {
  return `${escaped(JSON.stringify(value))}\n`;
}

/** Controls of terminals (C1 of ECMA-48) that neither JSON nor YAML has to write otherwise. */
const moving = /[\u007f-\u009f]/;
const inQuotes = { defaultStringType: "QUOTE_DOUBLE", lineWidth: 0 } as const;

/** In quotes, where alone they are, both read them so. */
function escaped(text: string): string {
  return text.replaceAll(new RegExp(moving, "g"), (each) => {
    return `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
