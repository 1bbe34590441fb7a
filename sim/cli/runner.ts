import { Worker } from "node:worker_threads";
import type { ScenarioPlan } from "../scenario/dsl.ts";
import { bugOutcome, type Outcome } from "./outcome.ts";
import type { RunLimits } from "./request.ts";
import type { SeedAnswer, SeedJob, SeedWorkerData } from "./seed-worker.ts";

/**
 * Runs many jobs on many threads and hands on what became of them in the order of the jobs,
 * whichever thread is faster: what is printed does not depend on the number of threads.
 *
 * A thread that dies takes one run with it, the one that it was at; that run counts as failed, and
 * another thread takes its place.
 */

/** The runs to be done, made when their turn comes: there may be millions. */
export interface Jobs {
  readonly plans: readonly ScenarioPlan[];
  readonly limits: RunLimits;
  readonly count: number;
  at(index: number): SeedJob;
}

/** So many runs wait at a thread, that it need not wait for the next. */
const queuedPerThread = 2;
/** A run makes much garbage and keeps little: a large nursery collects it a fifth faster. */
const youngGenerationMb = 64;
/** So far may the fastest thread run ahead of the run whose outcome is awaited. */
const aheadMax = 2_000;

export class Runner {
  readonly #jobs: Jobs;
  readonly #take: (outcome: Outcome, index: number) => void;
  /** The jobs at each thread, in the order in which it does them. */
  readonly #threads = new Map<Worker, SeedJob[]>();
  /** What came before its turn. */
  readonly #early = new Map<number, Outcome>();
  /** Jobs that a dying thread left behind. */
  #again: SeedJob[] = [];
  #nextJob = 0;
  #nextOutcome = 0;
  #finish: (() => void) | null = null;

  /** `take` is called once for each job, in order. */
  constructor(jobs: Jobs, take: (outcome: Outcome, index: number) => void) {
    this.#jobs = jobs;
    this.#take = take;
  }

  /** Resolves when every job is done, or after `stop`. */
  run(threads: number): Promise<void> {
    const finished = new Promise<void>((resolve) => {
      this.#finish = resolve;
    });
    for (let left = Math.min(threads, this.#jobs.count); left > 0; left -= 1) this.#start();
    return finished;
  }

  /** Ends at once. What is known already is handed on, in order, with gaps. */
  stop(): void {
    const known = [...this.#early].sort(([left], [right]) => left - right);
    this.#early.clear();
    for (const [index, outcome] of known) this.#take(outcome, index);
    this.#end();
  }

  #start(): void {
    const { plans, limits } = this.#jobs;
    const workerData: SeedWorkerData = { plans, limits };
    const thread = new Worker(new URL("./seed-worker.js", import.meta.url), {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
    });
    this.#threads.set(thread, []);
    thread.on("message", (answer: SeedAnswer) => this.#answered(thread, answer));
    thread.on("error", (error) => this.#died(thread, error));
    this.#feed(thread);
  }

  #feed(thread: Worker): void {
    const queue = this.#threads.get(thread);
    while (queue !== undefined && queue.length < queuedPerThread) {
      const job = this.#again.shift() ?? this.#next();
      if (job === null) return;
      queue.push(job);
      thread.postMessage(job);
    }
  }

  #next(): SeedJob | null {
    const isFarAhead = this.#nextJob >= this.#nextOutcome + aheadMax;
    if (isFarAhead || this.#nextJob >= this.#jobs.count) return null;
    this.#nextJob += 1;
    return this.#jobs.at(this.#nextJob - 1);
  }

  #answered(thread: Worker, { index, outcome }: SeedAnswer): void {
    const queue = this.#threads.get(thread);
    if (queue === undefined) return;
    queue.shift();
    this.#arrived(index, outcome);
    for (const each of this.#threads.keys()) this.#feed(each);
  }

  #died(thread: Worker, error: unknown): void {
    const [current, ...left] = this.#threads.get(thread) ?? [];
    this.#threads.delete(thread);
    this.#again.push(...left);
    if (current !== undefined) {
      const name = this.#jobs.plans[current.plan]?.name ?? "";
      this.#arrived(current.index, bugOutcome(name, current.seed, error));
    }
    if (this.#nextOutcome < this.#jobs.count) this.#start();
  }

  #arrived(index: number, outcome: Outcome): void {
    this.#early.set(index, outcome);
    for (;;) {
      const next = this.#early.get(this.#nextOutcome);
      if (next === undefined) break;
      this.#early.delete(this.#nextOutcome);
      this.#nextOutcome += 1;
      this.#take(next, this.#nextOutcome - 1);
    }
    if (this.#nextOutcome >= this.#jobs.count) this.#end();
  }

  #end(): void {
    const threads = [...this.#threads.keys()];
    this.#threads.clear();
    const finish = () => this.#finish?.();
    Promise.all(threads.map((thread) => thread.terminate())).then(finish, finish);
  }
}
