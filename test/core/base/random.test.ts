import fc from "fast-check";
import { expect, test } from "vitest";
import { AssertionError } from "../../../core/base/assert.ts";
import { Random, type RandomSeed } from "../../../core/base/random.ts";

// Goal: every engine draws the same numbers, within their bounds.
// Method: first values fixed once and for all, then bounds by property.

const word = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
const seeds: fc.Arbitrary<RandomSeed> = fc.tuple(word, word, word, word);

function draws(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => random.u32());
}

test("Random draws these first values from the seed 1, 2, 3, 4", () => {
  expect(draws(new Random([1, 2, 3, 4]), 4)).toEqual([417285410, 1196253302, 123583739, 800524041]);
});

test("Random is sfc32 as published: an independent implementation draws the same", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const next = published(seed);
      for (let warmUp = 0; warmUp < 12; warmUp += 1) next();
      expect(draws(new Random(seed), 20)).toEqual(Array.from({ length: 20 }, next));
    }),
  );
});

test("Random draws the same from the same seed, and counts what it drew", () => {
  const random = new Random([5, 6, 7, 8]);
  expect(draws(random, 10)).toEqual(draws(new Random([5, 6, 7, 8]), 10));
  expect(random.draws).toBe(10);
});

test("Random.below() stays below its bound and reaches every value of a small one", () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 0x1_0000_0000 }), (seed, bound) => {
      const drawn = new Random(seed).below(bound);
      expect(Number.isInteger(drawn) && drawn >= 0 && drawn < bound).toBe(true);
    }),
  );
  const random = new Random([1, 2, 3, 4]);
  const seen = new Set(Array.from({ length: 200 }, () => random.below(6)));
  expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5]);
});

test("Random.below() refuses a bound that is no positive word", () => {
  for (const bound of [0, -1, 1.5, Number.NaN, 0x1_0000_0001]) {
    expect(() => new Random([1, 2, 3, 4]).below(bound), String(bound)).toThrow(AssertionError);
  }
});

test("Random.between() stays within its range, both ends included", () => {
  const ends = fc.integer({ min: -1_000_000, max: 1_000_000 });
  fc.assert(
    fc.property(seeds, ends, fc.nat(1_000_000), (seed, min, width) => {
      const drawn = new Random(seed).between(min, min + width);
      expect(drawn).toBeGreaterThanOrEqual(min);
      expect(drawn).toBeLessThanOrEqual(min + width);
    }),
  );
  expect(() => new Random([1, 2, 3, 4]).between(2, 1)).toThrow("a range ascends");
});

test("Random.chance() draws nothing for what never or always happens", () => {
  const random = new Random([1, 2, 3, 4]);
  expect(random.chance(0)).toBe(false);
  expect(random.chance(1_000_000)).toBe(true);
  expect(random.draws).toBe(0);
});

test("Random.chance() comes true about as often as asked", () => {
  const random = new Random([9, 9, 9, 9]);
  const hits = Array.from({ length: 100_000 }, () => random.chance(250_000)).filter(Boolean).length;
  expect(hits).toBeGreaterThan(24_000);
  expect(hits).toBeLessThan(26_000);
});

test("Random.pick() and Random.shuffled() only rearrange what they are given", () => {
  fc.assert(
    fc.property(seeds, fc.array(fc.nat(), { minLength: 1 }), (seed, items) => {
      const before = [...items];
      expect(items).toContain(new Random(seed).pick(items));
      const shuffled = new Random(seed).shuffled(items);
      expect([...shuffled].sort((a, b) => a - b)).toEqual([...items].sort((a, b) => a - b));
      expect(items).toEqual(before);
    }),
  );
  expect(() => new Random([1, 2, 3, 4]).pick([])).toThrow("there is something to pick from");
});

test("Random.shuffled() makes each order of three about equally likely", () => {
  const random = new Random([4, 3, 2, 1]);
  const counts = new Map<string, number>();
  for (let round = 0; round < 6_000; round += 1) {
    const order = random.shuffled(["a", "b", "c"]).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(6);
  for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});

test("Random.split() gives streams that draws from one another do not shift", () => {
  fc.assert(
    fc.property(seeds, fc.nat(20), (seed, extra) => {
      const [left, right] = [new Random(seed), new Random(seed)];
      const network = [left.split("network"), right.split("network")] as const;
      draws(network[0], extra);
      expect(draws(left.split("disk"), 5)).toEqual(draws(right.split("disk"), 5));
    }),
  );
});

test("Random.split() gives another stream for another name, and for the same name again", () => {
  const streams = [
    new Random([1, 2, 3, 4]).split("network"),
    new Random([1, 2, 3, 4]).split("disk"),
  ];
  const twice = new Random([1, 2, 3, 4]);
  streams.push(twice.split("network"), twice.split("network"));
  const firsts = streams.map((stream) => draws(stream, 3).join());
  expect(firsts[0]).toBe(firsts[2]);
  expect(new Set(firsts).size).toBe(3);
});

/** sfc32 written again from its description in PractRand. */
function published(seed: RandomSeed): () => number {
  let [a, b, c, counter] = seed;
  return () => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
}
