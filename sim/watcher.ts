import type { SimEvent } from "./kernel.ts";
import type { PartialObserver } from "./observer.ts";
import type { StoryLine } from "./result.ts";
import type { World } from "./world.ts";

/**
 * Someone who follows a run from outside: a trace, a report. It looks and never touches, so that a
 * run is the same with it and without.
 */
export interface Watcher extends PartialObserver {
  /** An event has been handled, and all that followed from it has been told. */
  handled?(event: SimEvent): void;
  /** A line of the run's story. */
  told?(line: StoryLine): void;
}

/** Makes a watcher for the world of a run that is about to begin. */
export type Watch = (world: World) => Watcher;
