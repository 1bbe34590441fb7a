import { expect, test } from "vitest";
import { entropy } from "../../real/entropy.ts";

// Goal: as `core/ports/entropy.ts` says. The simulator draws its seeds from the run's own stream.

test.each([
  ["seed", 4],
  ["secretSeed", 8],
] as const)("entropy.%s() is %i words of 32 bits, and never the same twice", (name, count) => {
  const seeds = Array.from({ length: 200 }, () => entropy[name]());
  for (const seed of seeds) {
    expect(seed).toHaveLength(count);
    for (const word of seed) expect(word).toBe(word >>> 0);
  }
  expect(new Set(seeds.map(String)).size).toBe(seeds.length);
});
