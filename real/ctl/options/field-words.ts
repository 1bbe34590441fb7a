import { InvalidArgumentError } from "commander";
import { pairOf } from "../../command-line/units.ts";

/** `key=value,key=value` in the order that it is written; a value with commas stands in quotes. */
export function fieldsOf(
  text: string,
  known: readonly string[],
): readonly (readonly [key: string, value: string])[] {
  const parts = text.match(/(?:"[^"]*"|[^,"])+/g) ?? [];
  const fields = parts.map((part) => pairOf(part.replaceAll('"', "")));
  const odd = fields.find(([key]) => !known.includes(key));
  if (odd === undefined) return fields;
  throw new InvalidArgumentError(
    `'${text}' has '${odd[0]}', which is none of ${known.join(", ")}.`,
  );
}
