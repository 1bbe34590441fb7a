import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { interruptible } from "./interruption.ts";
import type { Posted } from "./serve.ts";

/** What is to be done, made when its turn comes: there may be millions of jobs. */
export interface Jobs<Job, Answer> {
  /** The module that the threads run; it calls `serve`. */
  readonly module: URL;
  /** What each thread is given when it starts. */
  readonly workerData: unknown;
  readonly count: number;
  at(index: number): Job;
  /** The answer in place of the one that a dying thread took with it. */
  lost(job: Job, error: unknown): Answer;
}

/** How the threads work, where it is not as always. */
export interface RunnerLimits {
  /** Default: as many as the machine has cores. */
  readonly threads?: number;
  /** A job is made only when all that come this long before it are answered. */
  readonly ahead?: number;
  /** Then it ends as at Ctrl-C, but is not interrupted; null: it does not. */
  readonly stopAfterMs?: number | null;
  /** Answers are handed on as they come, in no order: none waits for a slow job before it. */
  readonly atOnce?: boolean;
}

type Take<Answer> = (answer: Answer, index: number) => void;

/**
 * Has the jobs done on every core, and hands on the answers in the order of the jobs, whichever
 * thread is faster: what is printed does not depend on the number of threads. At Ctrl-C it ends at
 * once, and hands on what is known already, with gaps. True when it was interrupted so.
 */
export function runOnEveryCore<Job, Answer>(
  jobs: Jobs<Job, Answer>,
  take: Take<Answer>,
  limits: RunnerLimits = {},
): Promise<boolean> {
  const { threads = availableParallelism(), ahead = aheadMax, stopAfterMs = null } = limits;
  const runner = new Runner(jobs, take, ahead, limits.atOnce ?? false);
  const timer = stopAfterMs === null ? null : setTimeout(() => runner.stop(), stopAfterMs);
  return interruptible(async (interruption) => {
    interruption.addEventListener("abort", () => runner.stop());
    await runner.run(threads);
    if (timer !== null) clearTimeout(timer);
    return interruption.aborted;
  });
}

/** Jobs that wait at a thread, so that it need not wait for the next one. */
const queuedPerThread = 2;
/**
 * A run makes much garbage and keeps little: a large nursery collects it a fifth faster. It is
 * three semi-spaces of 64 MB, as of `--max-semi-space-size=64`.
 */
const youngGenerationMb = 3 * 64;
/** So far may the fastest thread run ahead of the job whose answer is awaited. */
const aheadMax = 2_000;

/**
 * A thread that dies takes one job with it, the one that it was at; another thread takes its place.
 */
class Runner<Job, Answer> {
  readonly #jobs: Jobs<Job, Answer>;
  readonly #take: Take<Answer>;
  readonly #ahead: number;
  readonly #atOnce: boolean;
  /** The jobs at each thread, in the order in which it does them. */
  readonly #threads = new Map<Worker, Posted<Job>[]>();
  /** What came before its turn. */
  readonly #early = new Map<number, Answer>();
  /** Jobs that a dying thread left behind. */
  #again: Posted<Job>[] = [];
  #nextJob = 0;
  #nextAnswer = 0;
  #finish: (() => void) | null = null;

  /** `take` is called once for each job, in order unless it is `atOnce`. */
  constructor(jobs: Jobs<Job, Answer>, take: Take<Answer>, ahead: number, atOnce: boolean) {
    this.#jobs = jobs;
    this.#take = take;
    this.#ahead = ahead;
    this.#atOnce = atOnce;
  }

  /** Resolves when every job is done, or after `stop`. */
  run(threads: number): Promise<void> {
    const finished = new Promise<void>((resolve) => {
      this.#finish = resolve;
    });
    if (this.#jobs.count === 0) this.#end();
    for (let left = Math.min(threads, this.#jobs.count); left > 0; left -= 1) this.#start();
    return finished;
  }

  /** Ends at once. What is known already is handed on, in order, with gaps. */
  stop(): void {
    const known = [...this.#early].sort(([left], [right]) => left - right);
    this.#early.clear();
    if (!this.#atOnce) for (const [index, answer] of known) this.#take(answer, index);
    this.#end();
  }

  #start(): void {
    const { module, workerData } = this.#jobs;
    const thread = new Worker(module, {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
    });
    this.#threads.set(thread, []);
    thread.on("message", (answer: Posted<Answer>) => this.#answered(thread, answer));
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

  #next(): Posted<Job> | null {
    const isFarAhead = this.#nextJob >= this.#nextAnswer + this.#ahead;
    if (isFarAhead || this.#nextJob >= this.#jobs.count) return null;
    const index = this.#nextJob;
    this.#nextJob += 1;
    return { index, content: this.#jobs.at(index) };
  }

  #answered(thread: Worker, { index, content }: Posted<Answer>): void {
    const queue = this.#threads.get(thread);
    if (queue === undefined) return;
    queue.shift();
    this.#arrived(index, content);
    for (const each of this.#threads.keys()) this.#feed(each);
  }

  #died(thread: Worker, error: unknown): void {
    const [current, ...left] = this.#threads.get(thread) ?? [];
    this.#threads.delete(thread);
    this.#again.push(...left);
    if (current !== undefined) {
      this.#arrived(current.index, this.#jobs.lost(current.content, error));
    }
    if (this.#nextAnswer < this.#jobs.count) this.#start();
  }

  #arrived(index: number, answer: Answer): void {
    this.#early.set(index, answer);
    if (this.#atOnce) this.#take(answer, index);
    while (this.#early.has(this.#nextAnswer)) {
      const next = this.#early.get(this.#nextAnswer) as Answer;
      this.#early.delete(this.#nextAnswer);
      this.#nextAnswer += 1;
      if (!this.#atOnce) this.#take(next, this.#nextAnswer - 1);
    }
    if (this.#nextAnswer >= this.#jobs.count) this.#end();
  }

  #end(): void {
    const threads = [...this.#threads.keys()];
    this.#threads.clear();
    const finish = () => this.#finish?.();
    Promise.all(threads.map((thread) => thread.terminate())).then(finish, finish);
  }
}
