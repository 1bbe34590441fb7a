import { parentPort } from "node:worker_threads";

/** A job on its way to a thread, or the answer to it, with its place among all jobs. */
export interface Posted<Content> {
  readonly index: number;
  readonly content: Content;
}

/** The body of a worker thread: answers one job after another as it is told. */
export function serve<Job, Answer>(answerTo: (job: Job) => Answer): void {
  parentPort?.on("message", ({ index, content }: Posted<Job>) => {
    const answer: Posted<Answer> = { index, content: answerTo(content) };
    parentPort?.postMessage(answer);
  });
}
