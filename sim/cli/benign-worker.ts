import type { BenignMutant } from "../raft/benign.ts";
import { runRaft } from "../raft/raft-run.ts";
import { worksInvariant } from "./outcome.ts";
import { eachSeed, type SeedBlock } from "./seed-blocks.ts";
import { serve } from "./serve.ts";

/** A worker thread that runs Raft worlds in which nothing may break. */

export interface BenignBlock extends SeedBlock {
  readonly mutant: BenignMutant | null;
}

/** What broke all the same. */
export interface Alarm {
  readonly seed: number;
  readonly invariant: string;
  readonly detail: string;
}

serve(({ mutant, ...block }: BenignBlock) =>
  eachSeed(block, (seed) => alarmOf(seed, mutant)).filter((alarm) => alarm !== null),
);

function alarmOf(seed: number, mutant: BenignMutant | null): Alarm | null {
  try {
    const { violation } = runRaft(seed, { mutant });
    return violation && { seed, invariant: violation.invariant, detail: violation.detail };
  } catch (error) {
    return { seed, invariant: worksInvariant, detail: String(error) };
  }
}
