import type { Random } from "./random.ts";

const digits = "0123456789abcdefghijklmnopqrstuvwxyz";
const length = 25;

/** A new object id: 25 characters of base 36, as SwarmKit's `identity.NewID`. About 129 bits. */
export function newId(random: Random): string {
  let id = "";
  for (let at = 0; at < length; at += 1) id += digits[random.below(digits.length)];
  return id;
}
