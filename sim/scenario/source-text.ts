/** Source text that is laid out when it is known how much room there is. */
export type Source = string | Group;

/** Things between brackets: on one line where they fit, else each on a line of its own. */
export interface Group {
  readonly open: string;
  /** Inside of the brackets, when all is on one line: a space for objects. */
  readonly padding: "" | " ";
  readonly items: readonly Item[];
  readonly close: string;
  /** A last item that is a group itself opens on the line of the others: `service("web", {`. */
  readonly hugsLast: boolean;
}

export interface Item {
  /** Such as `name: `; empty in lists. */
  readonly key: string;
  readonly value: Source;
}

const widthMost = 100;

export function call(word: string, args: readonly Source[]): Source {
  const items = args.map((value) => ({ key: "", value }));
  return { open: `${word}(`, padding: "", items, close: ")", hugsLast: true };
}

/** A plain value as a literal: text, numbers, lists and objects. Undefined fields are left out. */
export function literal(value: unknown): Source {
  if (Array.isArray(value)) return list(value.map(literal));
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return record(Object.entries(value).map(([key, field]) => [key, literal(field ?? null)]));
}

export function list(values: readonly Source[]): Source {
  const items = values.map((value) => ({ key: "", value }));
  return { open: "[", padding: "", items, close: "]", hugsLast: false };
}

export function record(fields: readonly (readonly [key: string, value: Source])[]): Source {
  const items = fields.map(([key, value]) => ({ key: `${keyText(key)}: `, value }));
  return { open: "{", padding: " ", items, close: "}", hugsLast: false };
}

function keyText(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}

/** The text; `taken` columns of its first line are in use, and its lines are so deep inside. */
export function layout(source: Source, taken = 0, depth = 0, after = 1): string {
  const flat = flatten(source);
  if (typeof source === "string" || 2 * depth + taken + flat.length + after <= widthMost)
    return flat;
  const { open, items, close, hugsLast } = source;
  const last = items.at(-1);
  if (hugsLast && last !== undefined && typeof last.value !== "string" && !last.value.hugsLast) {
    const before = `${open}${items.slice(0, -1).map(flatItem).join(", ")}`;
    const start = items.length > 1 ? `${before}, ` : before;
    return `${start}${layout(last.value, taken + start.length, depth, after + 1)}${close}`;
  }
  const inner = "  ".repeat(depth + 1);
  const lines = items.map(({ key, value }) => {
    const isLong = typeof value === "string" && key !== "" && isBeyond(inner + key + value);
    const start = isLong ? `${key.trimEnd()}\n${inner}  ` : key;
    return `${inner}${start}${layout(value, key.length, depth + 1)},\n`;
  });
  return `${open}\n${lines.join("")}${"  ".repeat(depth)}${close}`;
}

function isBeyond(line: string): boolean {
  return line.length + 1 > widthMost;
}

function flatten(source: Source): string {
  if (typeof source === "string") return source;
  const { open, padding, items, close } = source;
  if (items.length === 0) return `${open}${close}`;
  return `${open}${padding}${items.map(flatItem).join(", ")}${padding}${close}`;
}

function flatItem({ key, value }: Item): string {
  return `${key}${flatten(value)}`;
}
