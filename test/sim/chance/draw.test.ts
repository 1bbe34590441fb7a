import { expect, test } from "vitest";
import { exponential } from "../../../sim/chance/draw.ts";
import { random } from "../../support/store.ts";

const count = 200_000;

function draws(mean: number, seed = 1): number[] {
  const stream = random(seed);
  return Array.from({ length: count }, () => exponential(stream, mean));
}

test("exponential() has its mean, and the shape that it is named for", () => {
  const mean = 10_000;
  const drawn = draws(mean);
  const average = drawn.reduce((sum, each) => sum + each, 0) / count;
  expect(Math.abs(average - mean) / mean).toBeLessThan(0.06);
  const beyond = (times: number) => drawn.filter((each) => each > times * mean).length / count;
  for (const times of [0.5, 1, 2, 3, 5]) {
    expect(Math.abs(beyond(times) - Math.exp(-times))).toBeLessThan(0.04);
  }
});

test("exponential() gives whole numbers from 0 to a bounded many means", () => {
  for (const mean of [1, 300, 1_000_000]) {
    for (const each of draws(mean).slice(0, 5_000)) {
      expect(Number.isInteger(each) && each >= 0 && each <= 24 * mean).toBe(true);
    }
  }
});

test("exponential() draws one word a delay, and none for a mean of nothing", () => {
  const stream = random();
  expect(exponential(stream, 0)).toBe(0);
  expect(exponential(stream, -5)).toBe(0);
  expect(stream.draws).toBe(0);
  exponential(stream, 100);
  expect(stream.draws).toBe(1);
});

test("exponential() draws the same from the same seed, on any machine", () => {
  expect(draws(1_000, 7)).toEqual(draws(1_000, 7));
  expect(draws(1_000_000, 3).slice(0, 5)).toEqual([2532280, 369760, 609657, 2613198, 951880]);
});
