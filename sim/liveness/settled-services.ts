import type { Route } from "../../core/model/ingress.ts";
import type { StoreView } from "../../core/store/view.ts";
import type { Host } from "../world/host.ts";
import { unsettledService } from "./settled-service.ts";
import { type WantedOverlay, wantedOverlays } from "./wanted-overlays.ts";
import { wantedRoutes } from "./wanted-routes.ts";

/**
 * What services come to, and where their ports and overlays are to lead: looked at again only once
 * the store has changed, or other machines count.
 */
export class SettledServices {
  #core: readonly Host[] = [];
  #view: StoreView | null = null;
  #index = 0;
  #problem: string | null = null;
  #routes: ReadonlyMap<string, Route> | null = null;
  #overlays: ReadonlyMap<string, WantedOverlay> | null = null;

  /** Why one of them is not yet what its spec says; null when all are. */
  problem(core: readonly Host[], view: StoreView): string | null {
    this.#follow(core, view);
    return this.#problem;
  }

  /** Where the published ports lead on every node, by `portKey`. */
  routes(core: readonly Host[], view: StoreView): ReadonlyMap<string, Route> {
    this.#follow(core, view);
    this.#routes ??= wantedRoutes(view);
    return this.#routes;
  }

  /** Who is in each overlay, by network. */
  overlays(core: readonly Host[], view: StoreView): ReadonlyMap<string, WantedOverlay> {
    this.#follow(core, view);
    this.#overlays ??= wantedOverlays(view);
    return this.#overlays;
  }

  #follow(core: readonly Host[], view: StoreView): void {
    if (core === this.#core && view === this.#view && view.index === this.#index) return;
    this.#core = core;
    this.#view = view;
    this.#index = view.index;
    this.#problem = firstProblem(core, view);
    this.#routes = null;
    this.#overlays = null;
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
