import { expect, test } from "vitest";
import { entropy } from "../../real/entropy.ts";

// Goal: as `core/ports/entropy.ts` says. The simulator draws its seeds from the run's own stream.

test("entropy.seed() is four words of 32 bits, and never the same twice", () => {
  const seeds = Array.from({ length: 200 }, () => entropy.seed());
  for (const seed of seeds) {
    expect(seed).toHaveLength(4);
    for (const word of seed) expect(word).toBe(word >>> 0);
  }
  expect(new Set(seeds.map(String)).size).toBe(seeds.length);
});
