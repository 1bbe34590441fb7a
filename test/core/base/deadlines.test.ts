import { expect, test } from "vitest";
import { Deadlines } from "../../../core/base/deadlines.ts";
import { type Instant, never } from "../../../core/base/time.ts";

// Goal: what is due is told when it is, and a look before that has nothing to do.

const at = (moment: number) => moment as Instant;

function three(): Deadlines {
  const deadlines = new Deadlines();
  for (const [id, moment] of [
    ["c", 30],
    ["a", 10],
    ["b", 20],
  ] as const) {
    deadlines.set(id, at(moment));
  }
  return deadlines;
}

test("what is taken is told once, and the next deadline is the earliest that is left", () => {
  const deadlines = three();
  expect([deadlines.take(at(9)), deadlines.next]).toEqual([[], 10]);
  expect([deadlines.take(at(20)), deadlines.next]).toEqual([["a", "b"], 30]);
  expect([deadlines.take(at(20)), deadlines.take(at(30)), deadlines.next]).toEqual([
    [],
    ["c"],
    never,
  ]);
});

test("a look leaves what is over, to be looked at again when it is said to be", () => {
  const deadlines = three();
  expect([deadlines.look(at(20), at(25)), deadlines.next]).toEqual([true, 25]);
  expect(deadlines.over(at(20))).toEqual(["a", "b"]);
  deadlines.delete("a");
  expect([deadlines.has("a"), deadlines.over(at(20))]).toEqual([false, ["b"]]);
});
