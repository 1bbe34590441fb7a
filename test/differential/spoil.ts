import type { Random } from "../../core/base/random.ts";

// biome-ignore lint/suspicious/noExplicitAny: JSON of any form.
type Json = any;

const values = [null, "", "x", 0, -1, 1.5, 2 ** 40, true, false, [], {}, [null], { x: 1 }, ["x"]];

/** The body with one value, one name or one more field of any object in it, another than it was. */
export function spoiled(chance: Random, body: Json): Json {
  const copy = structuredClone(body);
  const places = placesIn(copy);
  if (places.length === 0) return copy;
  const [object, name] = chance.pick(places);
  const value = object[name];
  switch (chance.below(12)) {
    case 0:
      delete object[name];
      break;
    case 1:
      if (!Array.isArray(object)) {
        delete object[name];
        object[chance.chance(500_000) ? name.toLowerCase() : name.toUpperCase()] = value;
      }
      break;
    case 2:
      if (!Array.isArray(object)) object.Strange = chance.pick(values);
      break;
    default:
      object[name] = chance.pick(values);
  }
  return copy;
}

/** Each object or list within, with each of its names. */
function placesIn(value: Json): [Json, string][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.keys(value).flatMap((name) => [
    [value, name] as [Json, string],
    ...placesIn(value[name]),
  ]);
}
