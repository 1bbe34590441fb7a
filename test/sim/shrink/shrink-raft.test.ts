import { expect, test } from "vitest";
import { plant } from "../../../sim/planted.ts";
import { runRaft } from "../../../sim/raft/raft-run.ts";
import { shrinkRaft } from "../../../sim/shrink/shrink-raft.ts";

// Goal: a failure of a Raft world that needs a certain world, and luck in it, becomes small too.

const [id, kind, invariant] = ["R25", "raft", "quorums-overlap"] as const;
const planted = plant(id);
const seed = firstFailing();

function firstFailing(): number {
  for (let each = 1; ; each += 1) {
    if (runRaft(each, { planted, kind }).violation?.invariant === invariant) return each;
  }
}

test("shrinkRaft() leaves out strikes that the failure does not need, the same each time", () => {
  const run = { seed, planted, kind, invariant };
  const { strikes } = runRaft(seed, { planted, kind });
  expect(shrinkRaft(run, 300)).toBeLessThan(strikes);
  expect(shrinkRaft(run, 40)).toBe(shrinkRaft(run, 40));
}, 60_000);

test("shrinkRaft() has nothing to say of a run that passes", () => {
  expect(shrinkRaft({ seed: seed - 1, planted, kind, invariant }, 10)).toBeNull();
});

test("runRaft() with other luck is another run in the same world", () => {
  const [usual, other] = [runRaft(1), runRaft(1, { luck: 1 })];
  expect(runRaft(1, { luck: 0 })).toEqual(usual);
  expect(other.bounds).toEqual(usual.bounds);
  expect(other.events).not.toBe(usual.events);
});
