import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { noBug } from "../../core/base/planted.ts";
import { Random } from "../../core/base/random.ts";
import { drawSettings, livenessBounds } from "../raft/settings.ts";
import { exitCodes, WrongInput } from "./exit-codes.ts";
import type { LivenessAnswer, LivenessShare } from "./liveness-worker.ts";
import { complain, errorIsTerminal, print } from "./output.ts";
import { Progress } from "./progress.ts";
import { columns, grouped } from "./words.ts";

const seedsDefault = 10_000;
const seedsMost = 10_000_000;
const problemsShown = 10;

/**
 * `sim liveness`: how long a cluster of Raft members takes, from the moment when a core of it is
 * healed while the rest stays bad, to a leader and to a commit. The exit code. @throws WrongInput
 */
export async function livenessCommand(flags: { readonly seeds?: string }): Promise<number> {
  const seeds = seedsOf(flags.seeds);
  const progress = new Progress(seeds, errorIsTerminal());
  const answers: LivenessAnswer[] = [];
  await measure(seeds, (batch) => {
    for (const answer of batch) progress.add(answer.problem !== null);
    answers.push(...batch);
  });
  progress.clear();
  print(livenessText(answers));
  const broken = answers.filter(({ problem }) => problem !== null);
  broken.sort((left, right) => left.seed - right.seed);
  for (const { seed, problem } of broken.slice(0, problemsShown)) {
    complain(`seed ${seed}: ${problem}\n`);
  }
  return broken.length === 0 ? exitCodes.passed : exitCodes.failed;
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

function seedsOf(text: string | undefined): number {
  if (text === undefined) return seedsDefault;
  const seeds = /^\d+$/.test(text) ? Number(text) : 0;
  if (seeds >= 1 && seeds <= seedsMost) return seeds;
  throw new WrongInput(`--seeds ${text}: write a whole number from 1 to ${seedsMost}`);
}

async function measure(
  seeds: number,
  take: (batch: readonly LivenessAnswer[]) => void,
): Promise<void> {
  const threads = Math.min(availableParallelism(), seeds);
  const shares = Array.from({ length: threads }, (_, at) => at + 1);
  await Promise.all(shares.map((first) => share({ first, last: seeds, step: threads }, take)));
}

function share(
  workerData: LivenessShare,
  take: (batch: readonly LivenessAnswer[]) => void,
): Promise<void> {
  const thread = new Worker(new URL("./liveness-worker.js", import.meta.url), { workerData });
  thread.on("message", take);
  return new Promise((resolve, reject) => {
    thread.on("error", reject);
    thread.on("exit", () => resolve());
  });
}
