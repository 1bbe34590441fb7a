import { expect, test } from "vitest";
import { plant, raftPlantedRows } from "../../../sim/planted.ts";
import { benignMutants } from "../../../sim/raft/benign.ts";
import { runRaft } from "../../../sim/raft/raft-run.ts";
import type { RaftWorldOptions } from "../../../sim/raft/raft-world.ts";

// Goal: every rule of Raft is guarded by an invariant that is seen to fail when it is broken.
// Method: plant each bug in a world of nothing but Raft members, and run seed by seed.

const seedsMost = 2000;

/** Of bugs that few seeds show: where to look first. */
const firstSeeds = new Map([
  ["R10", 21],
  ["R18", 135],
  ["R19", 114],
  ["R21", 64],
  ["R22", 64],
  ["R25", 21],
]);

test.each(raftPlantedRows)("Raft bug $id ($change) breaks $caughtBy", ({ id, caughtBy, world }) => {
  const first = firstSeeds.get(id) ?? 1;
  expect(firstBroken(first, { planted: plant(id), kind: world })).toBe(caughtBy);
});

function firstBroken(first: number, options: RaftWorldOptions): string | null {
  for (let seed = first; seed < first + seedsMost; seed += 1) {
    const { violation } = runRaft(seed, options);
    if (violation !== null) return violation.invariant;
  }
  return null;
}

test("a Raft world without a planted bug breaks nothing", () => {
  expect(violations(1, 80, {})).toEqual([]);
});

test.each(benignMutants)("the harmless change %s raises no alarm", (mutant) => {
  expect(violations(1, 30, { mutant })).toEqual([]);
});

function violations(first: number, last: number, options: RaftWorldOptions): unknown[] {
  const found: unknown[] = [];
  for (let seed = first; seed <= last; seed += 1) {
    const { violation } = runRaft(seed, options);
    if (violation !== null) found.push({ seed, ...violation });
  }
  return found;
}

test("a Raft world does the same from the same seed", () => {
  expect(runRaft(7)).toEqual(runRaft(7));
});
