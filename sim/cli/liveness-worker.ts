import { runRaft } from "../raft/raft-run.ts";
import { eachSeed, type SeedBlock } from "./seed-blocks.ts";
import { serve } from "./serve.ts";

/** A worker thread that measures how long clusters of Raft members take to recover. */

/** What became of one seed; times in microseconds from the heal, null where it never came to it. */
export interface LivenessAnswer {
  readonly seed: number;
  readonly leader: number | null;
  readonly commit: number | null;
  /** What broke, in words; null when nothing did. */
  readonly problem: string | null;
}

serve((block: SeedBlock) => eachSeed(block, answerOf));

function answerOf(seed: number): LivenessAnswer {
  const { times, violation } = runRaft(seed);
  const problem = violation === null ? null : `${violation.invariant}: ${violation.detail}`;
  return { seed, ...times, problem };
}
