import { expect, test } from "vitest";
import { plant, raftPlantedRows } from "../../sim/planted.ts";
import { benignMutants } from "../../sim/raft/benign.ts";
import { runRaft } from "../../sim/raft/raft-run.ts";

// Goal: every rule of Raft is guarded by an invariant that is seen to fail when it is broken.
// Method: plant each bug in a world of nothing but Raft members, and run from seed 1 on.

const seedsMost = 2000;

test.each(raftPlantedRows)(
  "Raft bug $id ($change) breaks $caughtBy",
  ({ id, caughtBy }) => {
    expect(firstSeed(id, caughtBy)).not.toBeNull();
  },
  120_000,
);

function firstSeed(id: string, invariant: string): number | null {
  const planted = plant(id);
  for (let seed = 1; seed <= seedsMost; seed += 1) {
    if (runRaft(seed, planted).violation?.invariant === invariant) return seed;
  }
  return null;
}

test("a Raft world without a planted bug breaks nothing", () => {
  expect(violations(1, 150, null)).toEqual([]);
});

test.each(benignMutants)("the harmless change %s raises no alarm", (mutant) => {
  expect(violations(1, 60, mutant)).toEqual([]);
});

function violations(first: number, last: number, mutant: Parameters<typeof runRaft>[2]): unknown[] {
  const found: unknown[] = [];
  for (let seed = first; seed <= last; seed += 1) {
    const { violation } = runRaft(seed, undefined, mutant);
    if (violation !== null) found.push({ seed, ...violation });
  }
  return found;
}

test("a Raft world does the same from the same seed", () => {
  expect(runRaft(7)).toEqual(runRaft(7));
});
