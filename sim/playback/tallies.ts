import type { AvailabilityFrame } from "../../core/observe/source.ts";
import type { Tally } from "../liveness/availability.ts";
import type { Kept } from "../record/moments.ts";
import { Versions } from "../record/versions.ts";
import type { PartialObserver } from "../world/observer.ts";
import type { World } from "../world/world.ts";

/** What the services of a run had to show for themselves after each event. */
export class Tallies implements PartialObserver {
  readonly #world: World;
  readonly #byName = new Map<string, Versions<Tally>>();
  #mayHaveChanged = false;

  constructor(world: World) {
    this.#world = world;
  }

  started(): void {
    this.#mayHaveChanged = true;
  }
  ended(): void {
    this.#mayHaveChanged = true;
  }
  healthy(): void {
    this.#mayHaveChanged = true;
  }
  unhealthy(): void {
    this.#mayHaveChanged = true;
  }
  committed(): void {
    this.#mayHaveChanged = true;
  }

  handled(): void {
    if (!this.#mayHaveChanged) return;
    this.#mayHaveChanged = false;
    for (const [name, tally] of this.#world.availability.tallies()) this.#put(name, tally);
  }

  /** By service, after this many events and at this moment, in microseconds. */
  at(event: number, at: number): Record<string, AvailabilityFrame> {
    const found: Record<string, AvailabilityFrame> = {};
    for (const [name, versions] of this.#byName) {
      const tally = versions.at(event);
      if (tally === undefined) continue;
      const { fullSince, lowest, below, belowSince } = tally;
      const open = belowSince === null ? 0 : at - belowSince;
      found[name] = { lowest, below: below + open, watched: at - fullSince };
    }
    return found;
  }

  /** Forgets what is to be seen at none of these moments. */
  thin(kept: Kept): void {
    for (const versions of this.#byName.values()) versions.thin(kept);
  }

  #put(name: string, tally: Tally): void {
    let versions = this.#byName.get(name);
    if (versions === undefined) {
      versions = new Versions();
      this.#byName.set(name, versions);
    }
    if (!isSame(versions.newest, tally)) versions.put(this.#world.kernel.handled, tally);
  }
}

function isSame(one: Tally | undefined, other: Tally): boolean {
  return (
    one?.fullSince === other.fullSince &&
    one.lowest === other.lowest &&
    one.below === other.below &&
    one.belowSince === other.belowSince
  );
}
