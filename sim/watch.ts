import type { SimEvent } from "./kernel.ts";
import { FanOut } from "./observer.ts";
import type { RunObserver, Watcher } from "./result.ts";
import type { World } from "./world.ts";

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
