import { setTimeout as pause } from "node:timers/promises";

const patienceMs = 180_000;
const lookEveryMs = 20;

/** Asks until it is so; what can't be asked is not so yet. */
export async function waitFor(isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + patienceMs; !(await isSo().catch(() => false)); ) {
    if (Date.now() > end) throw new Error("it took too long");
    await pause(lookEveryMs);
  }
}

/** How long that took, in seconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1_000;
}
