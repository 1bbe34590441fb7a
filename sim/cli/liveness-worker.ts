import { parentPort, workerData } from "node:worker_threads";
import { runRaft } from "../raft/raft-run.ts";

/** The body of a worker thread that measures how long clusters of Raft members take to recover. */

/** The seeds of one thread: `first`, `first + step` and so on, up to `last`. */
export interface LivenessShare {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

/** What became of one seed; times in microseconds from the heal, null where it never came to it. */
export interface LivenessAnswer {
  readonly seed: number;
  readonly leader: number | null;
  readonly commit: number | null;
  /** What broke, in words; null when nothing did. */
  readonly problem: string | null;
}

const batchSize = 50;

function measure({ first, last, step }: LivenessShare): void {
  let batch: LivenessAnswer[] = [];
  for (let seed = first; seed <= last; seed += step) {
    const { times, violation } = runRaft(seed);
    const problem = violation === null ? null : `${violation.invariant}: ${violation.detail}`;
    batch.push({ seed, ...times, problem });
    if (batch.length < batchSize) continue;
    parentPort?.postMessage(batch);
    batch = [];
  }
  parentPort?.postMessage(batch);
}

if (workerData !== null) measure(workerData as LivenessShare);
