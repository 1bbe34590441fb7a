import type { SimEvent } from "../kernel.ts";
import type { StoryLine } from "../result.ts";
import type { Action } from "../scenario/dsl.ts";
import type { ClientEvent } from "../users/client-history.ts";
import { FanOut, type PartialObserver } from "./observer.ts";
import type { World } from "./world.ts";

/** Who watches a run. All may be left out; none changes what happens. */
export interface RunObserver {
  readonly story?: (line: StoryLine) => void;
  /** One JSON object per event, without line end: the same bytes for the same seed. */
  readonly trace?: (line: string) => void;
  /** At the end, whatever the verdict: what clients asked and were told. */
  readonly clients?: (history: readonly ClientEvent[]) => void;
  /** What a step or chaos does to the cluster, just before, with nodes for selectors. */
  readonly acted?: (action: Action, at: number) => void;
  /** After the last fault, when what must recover is known and healed. */
  readonly healed?: (recovery: RecoveryStart) => void;
  /** Makes someone who looks at the world itself, at every event. Look, don't touch. */
  readonly watch?: (world: World) => Watcher;
}

/** How a cluster was left to recover. */
export interface RecoveryStart {
  /** Microseconds since the start. */
  readonly at: number;
  /** The machines that must recover. */
  readonly core: readonly string[];
  /** What was done for it and, after chaos, to the others: these actions were told as well. */
  readonly actions: readonly Action[];
}

/** Told of what happens in a world, and of each event once it has been handled. */
export interface Watcher extends PartialObserver {
  handled?(event: SimEvent): void;
}

/** Makes someone who looks at the world of a run. */
export type Watch = NonNullable<RunObserver["watch"]>;

/** Several who watch as one. */
export function together(watches: readonly Watch[]): Watch {
  return (world) => new Together(world, watches);
}

class Together extends FanOut implements Watcher {
  readonly #watchers: readonly Watcher[];

  constructor(world: World, watches: readonly Watch[]) {
    super();
    this.#watchers = watches.map((watch) => watch(world));
    this.listen(this.#watchers);
  }

  handled(event: SimEvent): void {
    for (const watcher of this.#watchers) watcher.handled?.(event);
  }
}
