import type { Planted } from "../base/planted.ts";
import type { Instant } from "../base/time.ts";
import type { OverlayNews } from "../model/overlay.ts";
import type { StoreEvent } from "../store/event.ts";
import type { StoreView } from "../store/view.ts";
import { type ChangedPeers, type Listener, OverlayPeers } from "./overlay-peers.ts";
import { noServingNews, type ServingNews, ServingTasks } from "./serving-tasks.ts";

/** What a node is to be told of how tasks on any node are reached. */
export interface ReachNews extends ServingNews {
  readonly overlays: readonly OverlayNews[];
}

/** What has changed since all nodes were told; null: nothing that is to be told yet. */
export interface ReachChanges {
  readonly serving: ServingNews | null;
  readonly peers: ChangedPeers | null;
}

/** Nothing: most sets of assignments say so. */
export const noReachNews: ReachNews = { overlays: [], ...noServingNews };

const noPeers: ChangedPeers = new Map();

/** How tasks are reached: by the ports that services publish on every node, and in overlays. */
export class Reachable {
  readonly #servingTasks: ServingTasks;
  readonly #overlayPeers: OverlayPeers;

  constructor(view: StoreView, planted: Planted) {
    this.#servingTasks = new ServingTasks(view, planted);
    this.#overlayPeers = new OverlayPeers(view, planted);
  }

  /** When `takeChanges` has something to say. */
  get deadline(): Instant {
    return Math.min(this.#servingTasks.deadline, this.#overlayPeers.deadline) as Instant;
  }

  applied(event: StoreEvent, now: Instant): void {
    this.#servingTasks.applied(event, now);
    this.#overlayPeers.applied(event, now);
  }

  /** What has changed since the last call; null: nothing, or it waits for more. */
  takeChanges(now: Instant): ReachChanges | null {
    if (now < this.deadline) return null;
    const serving = this.#servingTasks.takeNews(now);
    return { serving, peers: this.#overlayPeers.takeChanged(now) };
  }

  /** Those who are to hear of the changes. */
  concerned<T extends Listener>(listeners: T[], { serving, peers }: ReachChanges): T[] {
    if (serving !== null || peers === null) return listeners;
    return listeners.filter((each) => this.#overlayPeers.concerns(each, peers));
  }

  /** What the node has not been told; `noReachNews` when there is nothing. */
  news(listener: Listener, changes: ReachChanges | null): ReachNews {
    const overlays = this.#overlayPeers.tell(listener, changes?.peers ?? noPeers);
    const serving = changes?.serving ?? null;
    if (serving === null && overlays.length === 0) return noReachNews;
    return { overlays, ...(serving ?? noServingNews) };
  }

  /** All there is, for a node that is told everything. */
  all(listener: Listener): ReachNews {
    return { overlays: this.#overlayPeers.tell(listener, "all"), ...this.#servingTasks.all };
  }
}
