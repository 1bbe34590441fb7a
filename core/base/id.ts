import type { Random } from "./random.ts";

const digits = Array.from("0123456789abcdefghijklmnopqrstuvwxyz", (digit) => digit.charCodeAt(0));
const length = 25;

/**
 * A new object id: 25 characters of base 36, as SwarmKit's `identity.NewID`. About 129 bits.
 *
 * Made in one piece: engines keep a text that was put together bit by bit as its bits, and whatever
 * compares two such texts walks through them, for as long as they live.
 */
export function newId(random: Random): string {
  const codes: number[] = [];
  for (let at = 0; at < length; at += 1) codes.push(digits[random.below(digits.length)] as number);
  return String.fromCharCode(...codes);
}
