import { setTimeout as pause } from "node:timers/promises";

const patienceMs = 180_000;
const lookEveryMs = 20;
/** Longer than any API takes to say that it has no leader. */
const answerMs = 30_000;

/** Asks until it is so; what can't be asked, or is not answered, is not so yet. */
export async function waitFor(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + patienceMs; !(await inTime(what, isSo()).catch(() => false)); ) {
    if (Date.now() > end) throw new Error(`it took too long: ${what}`);
    await pause(lookEveryMs);
  }
}

/** Rejects when it takes longer: no answer of a broken engine is waited for. */
export async function inTime<T>(what: string, work: Promise<T>, limitMs = answerMs): Promise<T> {
  const timer = new AbortController();
  const late = pause(limitMs, null, { signal: timer.signal }).then(() => {
    throw new Error(`no answer: ${what}`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}

/** How long that took, in seconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1_000;
}
