import { inTime } from "./wait.ts";

/** For whatever takes longest to stop, on a machine that has much else to do. */
const stopMs = 300_000;

type Stop = () => Promise<unknown>;

/**
 * What the benchmark has started, newest last. All of it is stopped in the end, in reverse order
 * and once, whatever goes wrong with any of it.
 */
export class Stage {
  /** Null: it has not been told to stop yet. */
  readonly #open = new Map<Stop, Promise<void> | null>();
  #isCleared = false;

  /** True once the user wants no more of it. */
  get isCleared(): boolean {
    return this.#isCleared;
  }

  /** Works with what was begun, and stops it. */
  async with<T>(stop: Stop, work: () => Promise<T>): Promise<T> {
    this.#open.set(stop, null);
    try {
      return await work();
    } finally {
      await this.#stop(stop);
      this.#open.delete(stop);
    }
  }

  /** Stops all there is: the user wants no more of it. */
  async clear(): Promise<void> {
    this.#isCleared = true;
    for (const stop of [...this.#open.keys()].reverse()) await this.#stop(stop);
  }

  #stop(stop: Stop): Promise<void> {
    const stopping = this.#open.get(stop) ?? stopped(stop);
    this.#open.set(stop, stopping);
    return stopping;
  }
}

async function stopped(stop: Stop): Promise<void> {
  try {
    await inTime("all of it stopped", stop(), stopMs);
  } catch (error) {
    process.stderr.write(`bench:swarm: not all was stopped: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
