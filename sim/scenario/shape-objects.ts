import { z } from "zod";
import { suggestion } from "./check-problem.ts";
import { judged } from "./check-values.ts";

/** What the shapes of a scenario's parts are made of. */

/** An object with these keys and no others; a key that it does not know is probably misspelt. */
export function object<S extends z.core.$ZodLooseShape>(shape: S) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== "unrecognized_keys") return undefined;
      return issue.keys.map((key) => suggestion(key, known, "key")).join("\n");
    },
  });
}

export const text = z.string();
export const labels = z.record(text, text);
export const selectors = judged(z.array(text), (nodes) =>
  nodes.length > 0 ? null : { reason: "names no node", help: "name at least one node" },
);

export function keysOf<T extends object>(table: T): (keyof T & string)[] {
  return Object.keys(table) as (keyof T & string)[];
}
