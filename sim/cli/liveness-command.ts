import { noBug } from "../../core/base/planted.ts";
import { Random } from "../../core/base/random.ts";
import { grouped } from "../../core/observe/numbers.ts";
import { drawSettings, livenessBounds } from "../raft/settings.ts";
import { wholeNumber } from "./flag-values.ts";
import type { LivenessAnswer } from "./liveness-worker.ts";
import { complain, endCode, print } from "./output.ts";
import { Progress } from "./progress.ts";
import { type Jobs, runOnEveryCore } from "./runner.ts";
import { blockAt, blockCount, type SeedBlock } from "./seed-blocks.ts";
import { columns } from "./words.ts";

const seedsDefault = "10000";
const seedsMost = 10_000_000;
const problemsShown = 10;

/**
 * `sim liveness`: how long a cluster of Raft members takes, from the moment when a core of it is
 * healed while the rest stays bad, to a leader and to a commit. The exit code. @throws WrongInput
 */
export async function livenessCommand(flags: { readonly seeds?: string }): Promise<number> {
  const seeds = wholeNumber("--seeds", flags.seeds ?? seedsDefault, seedsMost);
  const progress = new Progress(seeds);
  const answers: LivenessAnswer[] = [];
  const isInterrupted = await runOnEveryCore(livenessJobs({ first: 1, last: seeds }), (block) => {
    for (const answer of block) progress.add(answer.problem !== null);
    answers.push(...block);
  });
  progress.clear();
  print(livenessText(answers));
  const broken = answers.filter(({ problem }) => problem !== null);
  for (const { seed, problem } of broken.slice(0, problemsShown)) {
    complain(`seed ${seed}: ${problem}\n`);
  }
  return endCode(isInterrupted, broken.length > 0);
}

/** The table, in milliseconds. */
export function livenessText(answers: readonly LivenessAnswer[]): string {
  const { leader, commit } = livenessBounds(drawSettings(new Random([1, 2, 3, 4]), noBug));
  const rows = [
    ["from heal to", "p50", "p99", "max", "bound"],
    row(
      "a leader",
      answers.flatMap((answer) => answer.leader ?? []),
      leader,
    ),
    row(
      "a commit",
      answers.flatMap((answer) => answer.commit ?? []),
      commit,
    ),
  ];
  const head = `${grouped(answers.length)} seeds, simulated milliseconds\n`;
  return `${head}${columns(rows).join("\n")}\n`;
}

function row(name: string, times: readonly number[], bound: number): string[] {
  const sorted = [...times].sort((left, right) => left - right);
  const at = (share: number): string => {
    const place = Math.min(sorted.length - 1, Math.floor(sorted.length * share));
    return grouped((sorted[place] ?? 0) / 1_000);
  };
  return [name, at(0.5), at(0.99), at(1), grouped(bound / 1_000)];
}

function livenessJobs(seeds: SeedBlock): Jobs<SeedBlock, LivenessAnswer[]> {
  return {
    module: new URL("./liveness-worker.js", import.meta.url),
    workerData: null,
    count: blockCount(seeds),
    at: (index) => blockAt(index, seeds),
    lost: ({ first: seed }, error) => [
      { seed, leader: null, commit: null, problem: `from here on: ${error}` },
    ],
  };
}
