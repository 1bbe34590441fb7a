import type { Planted } from "../../core/base/planted.ts";
import { runRaft } from "../raft/raft-run.ts";
import type { RaftWorldKind } from "../raft/world-kind.ts";
import { shorter } from "./subsets.ts";

/** A Raft world that fails, and how. */
export interface FailingRaftRun {
  readonly seed: number;
  readonly planted: Planted;
  readonly kind: RaftWorldKind;
  readonly invariant: string;
}

/** A failure may need other luck once less happens. */
const otherSeeds = [1, 2, 3];

/**
 * How few faults and requests still break the same invariant, of those that a Raft world strikes
 * with by chance: a crash with its restart is one, a partition, a change of the membership. Null
 * when the run does not fail. At most so many runs.
 */
export function shrinkRaft(run: FailingRaftRun, tries: number): number | null {
  const { seed: first, planted, kind, invariant } = run;
  let left = tries;
  let seed = first;
  const breaks = (numbers: readonly number[]): boolean => {
    const strikes = new Set(numbers);
    const seeds = [seed, ...otherSeeds.filter((other) => other !== seed)];
    return seeds.some((each) => {
      if (left <= 0) return false;
      left -= 1;
      const { violation } = runRaft(each, { planted, kind, strikes });
      const isSame = violation?.invariant === invariant;
      if (isSame) seed = each;
      return isSame;
    });
  };
  const { violation, strikes } = runRaft(first, { planted, kind });
  if (violation?.invariant !== invariant) return null;
  let kept = Array.from({ length: strikes }, (_, at) => at + 1);
  const smaller = () => {
    for (const numbers of shorter(kept)) {
      if (left <= 0) return null;
      if (breaks(numbers)) return numbers;
    }
    return null;
  };
  for (let found = smaller(); found !== null; found = smaller()) kept = found;
  return kept.length;
}
