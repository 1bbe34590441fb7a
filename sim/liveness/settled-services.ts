import type { StoreView } from "../../core/store/view.ts";
import type { Host } from "../world/host.ts";
import { unsettledService } from "./settled-service.ts";

/** Looks at the services again only once the store has changed, or other machines count. */
export class SettledServices {
  #core: readonly Host[] = [];
  #view: StoreView | null = null;
  #index = 0;
  #problem: string | null = null;

  /** Why one of them is not yet what its spec says; null when all are. */
  problem(core: readonly Host[], view: StoreView): string | null {
    if (core === this.#core && view === this.#view && view.index === this.#index) {
      return this.#problem;
    }
    this.#core = core;
    this.#view = view;
    this.#index = view.index;
    this.#problem = firstProblem(core, view);
    return this.#problem;
  }
}

function firstProblem(core: readonly Host[], view: StoreView): string | null {
  const names = new Set(core.map((host) => host.name));
  for (const service of view.services.values()) {
    const problem = unsettledService(view, service, names);
    if (problem !== null) return problem;
  }
  return null;
}
