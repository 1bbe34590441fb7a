import type { ServiceFrame } from "../../../core/observe/frame.ts";
import type { AvailabilityFrame } from "../../../core/observe/source.ts";

interface Tally {
  lowest: number;
  below: number;
  watched: number;
  isBelow: boolean;
}

/**
 * How services have done since all their tasks first ran, as far as it was watched: time in which
 * nothing is heard of the cluster counts for nothing.
 */
export class ServiceTallies {
  readonly #tallies = new Map<string, Tally>();
  /** When the cluster was last seen; null while nothing is heard. */
  #lastAt: number | null = null;

  /** The services as they are at this moment, in microseconds. */
  look(at: number, services: readonly ServiceFrame[]): void {
    const passed = at - (this.#lastAt ?? at);
    this.#lastAt = at;
    for (const tally of this.#tallies.values()) {
      tally.watched += passed;
      if (tally.isBelow) tally.below += passed;
    }
    const names = new Set(services.map(({ name }) => name));
    for (const name of this.#tallies.keys()) if (!names.has(name)) this.#tallies.delete(name);
    for (const service of services) this.#lookAt(service);
  }

  /** Nothing is heard from now on. */
  lose(): void {
    this.#lastAt = null;
  }

  frames(): Record<string, AvailabilityFrame> {
    const entries = [...this.#tallies].map(
      ([name, { lowest, below, watched }]) => [name, { lowest, below, watched }] as const,
    );
    return Object.fromEntries(entries);
  }

  #lookAt({ name, mode, wanted, running }: ServiceFrame): void {
    if (mode !== "replicated" && mode !== "global") return;
    const tally = this.#tallies.get(name);
    if (tally !== undefined) {
      tally.lowest = Math.min(tally.lowest, running);
      tally.isBelow = running < wanted;
    } else if (wanted > 0 && running >= wanted) {
      this.#tallies.set(name, { lowest: running, below: 0, watched: 0, isBelow: false });
    }
  }
}
