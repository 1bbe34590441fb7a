import { expect, test } from "vitest";
import { environmentOf, programOf } from "../../../sim/ports/program.ts";

test("a program of which nothing is said runs for ever, and its environment stays as it is", () => {
  const env = ["A=1"];
  expect(environmentOf(env, {})).toBe(env);
  expect(programOf(env)).toEqual({ runsFor: null, failuresPerMillion: 0 });
});

test("environmentOf() tells a program when it ends and how often with an error", () => {
  const env = environmentOf(["A=1"], { runsFor: ["1s", "2.5s"], fails: 12.5 });
  expect(env[0]).toBe("A=1");
  expect(programOf(env)).toEqual({ runsFor: [1_000_000, 2_500_000], failuresPerMillion: 125_000 });
});

test("environmentOf() keeps what a change does not name", () => {
  const first = environmentOf([], { runsFor: ["1s", "2s"] });
  const second = environmentOf(first, { fails: 50 });
  expect(programOf(second)).toEqual({
    runsFor: [1_000_000, 2_000_000],
    failuresPerMillion: 500_000,
  });
  expect(second).toHaveLength(2);
});
