import { expect, test } from "vitest";
import { SteadyLeader } from "../../../sim/checkers/steady-leader.ts";

// Goal: a leader is held to nothing for the time in which it could commit nothing.

const second = 1_000_000;

/** Since when a leader works, by the seconds at which it is seen, with what it has committed. */
function seen(...steps: readonly (readonly [at: number, commit: number, lastIndex: number])[]) {
  const leader = new SteadyLeader();
  const host = {};
  const since = steps.map(([at, commit, lastIndex]) =>
    leader.sinceStep(host, { commit, lastIndex }, at * second),
  );
  return since.map((micros) => micros / second);
}

test("a leader that is seen again and again has worked since the first time", () => {
  expect(seen([1, 5, 5], [8, 5, 6], [15, 6, 6], [22, 6, 6])).toEqual([1, 1, 1, 1]);
});

test("a leader that was not seen for ten seconds begins anew", () => {
  expect(seen([1, 5, 5], [12, 5, 5])).toEqual([1, 12]);
});

test("a leader begins anew when what is on its way is committed after ten seconds or later", () => {
  const waits = [
    [8, 5, 6],
    [14, 5, 6],
    [20, 5, 7],
  ] as const;
  expect(seen([1, 5, 5], ...waits, [26, 6, 7], [32, 7, 7])).toEqual([1, 1, 1, 20, 20, 20]);
});

test("a leader that always has something on its way works on while some of it is committed", () => {
  expect(seen([1, 5, 6], [8, 6, 7], [15, 7, 8], [22, 8, 9])).toEqual([1, 1, 1, 1]);
});
