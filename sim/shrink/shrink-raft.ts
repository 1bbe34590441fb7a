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

interface Chance {
  readonly seed: number;
  readonly luck: number;
}

/** How often chance chooses anew in the same world. */
const lucks = 16;

/** A failure may need other luck once less happens; some need no particular world at all. */
function chancesFrom(seed: number): Chance[] {
  const same = Array.from({ length: lucks }, (_, luck) => ({ seed, luck }));
  return [...same, ...[1, 2, 3].map((other) => ({ seed: other, luck: 0 }))];
}

/**
 * How few faults and requests still break the same invariant, of those that a Raft world strikes
 * with by chance: a crash with its restart is one, a partition, a change of the membership. Null
 * when the run does not fail. At most this many runs.
 */
export function shrinkRaft(run: FailingRaftRun, tries: number): number | null {
  const { seed: first, planted, kind, invariant } = run;
  let left = tries;
  let last: Chance = { seed: first, luck: 0 };
  const breaks = (numbers: readonly number[]): boolean => {
    const strikes = new Set(numbers);
    return [last, ...chancesFrom(last.seed)].some((chance) => {
      if (left <= 0) return false;
      left -= 1;
      const { violation } = runRaft(chance.seed, { planted, kind, strikes, luck: chance.luck });
      const isSame = violation?.invariant === invariant;
      if (isSame) last = chance;
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
