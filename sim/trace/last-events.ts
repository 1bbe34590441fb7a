import type { Kernel, SimEvent } from "../kernel.ts";
import { line } from "./trace.ts";

const kept = 20;

/** The newest events of a run, in a ring. */
export class LastEvents {
  readonly #kernel: Kernel;
  readonly #ring: SimEvent[] = [];

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** The event that was handled just now. */
  add(event: SimEvent): void {
    this.#ring[this.#kernel.handled % kept] = event;
  }

  /** Oldest first, one line each; to the one in which something broke, if it was in one. */
  lines(hosts: readonly string[]): string[] {
    const { handled, current } = this.#kernel;
    const next = (handled + 1) % kept;
    const handledOnes = [...this.#ring.slice(next), ...this.#ring.slice(0, next)].filter(Boolean);
    const all = current === null ? handledOnes : [...handledOnes, current];
    return all.slice(-kept).map((event) => line(event, hosts));
  }
}
