import { inTime } from "./wait.ts";

/** For whatever takes longest to stop, on a machine that has much else to do. */
const stopMs = 300_000;

/**
 * What the benchmark has started, newest last. All of it is stopped in the end, in reverse order,
 * whatever goes wrong with any of it.
 */
export class Stage {
  readonly #open = new Set<() => Promise<unknown>>();

  /** Works with what was begun, and stops it. */
  async with<T>(stop: () => Promise<unknown>, work: () => Promise<T>): Promise<T> {
    this.#open.add(stop);
    try {
      return await work();
    } finally {
      await this.#stop(stop);
    }
  }

  /** When the user wants no more of it. */
  async clear(): Promise<void> {
    for (const stop of [...this.#open].reverse()) await this.#stop(stop);
  }

  async #stop(stop: () => Promise<unknown>): Promise<void> {
    if (!this.#open.delete(stop)) return;
    await inTime("all of it stopped", stop(), stopMs).catch((error: Error) => {
      process.stderr.write(`bench:swarm: not all was stopped: ${error.message}\n`);
      process.exitCode = 1;
    });
  }
}
