import { sortedBy } from "../base/order.ts";
import type { Assignments } from "../dispatch/message.ts";
import type { NodeOverlay, OverlayNews, OverlayPeer, OverlayState } from "../model/overlay.ts";

interface Known {
  readonly overlay: NodeOverlay;
  /** By task. */
  readonly peers: Map<string, OverlayPeer>;
}

const none: readonly OverlayState[] = [];

/**
 * The overlays that tasks of this node are in, and all that are in them, as the leader has said. A
 * node that hears no leader goes on with what it was told last.
 */
export class Overlays {
  /** This node's address. */
  readonly #own: string;
  readonly #known = new Map<string, Known>();
  /** Those that are others since the last `takeChanged`, as they were last known. */
  readonly #changed = new Map<string, NodeOverlay>();

  constructor(own: string) {
    this.#own = own;
  }

  take({ type, overlays }: Pick<Assignments, "type" | "overlays">): void {
    if (type === "complete" && this.#known.size > 0) this.#keepOnly(overlays);
    for (const news of overlays) {
      if (news.kind === "left") this.#forget(news.id);
      else this.#learn(news);
    }
  }

  /** The node is in the cluster no more. */
  clear(): void {
    for (const id of [...this.#known.keys()]) this.#forget(id);
  }

  takeChanged(): readonly OverlayState[] {
    if (this.#changed.size === 0) return none;
    const states = [...this.#changed].map(([id, overlay]) => ({
      own: this.#own,
      peers: this.#peersOf(id),
      ...overlay,
    }));
    this.#changed.clear();
    return states;
  }

  #keepOnly(overlays: readonly OverlayNews[]): void {
    const listed = new Set(overlays.map((news) => (news.kind === "whole" ? news.overlay.id : "")));
    for (const id of [...this.#known.keys()]) if (!listed.has(id)) this.#forget(id);
  }

  #learn(news: Exclude<OverlayNews, { kind: "left" }>): void {
    if (news.kind === "whole") {
      const peers = new Map(news.peers.map((peer) => [peer.task, peer]));
      this.#known.set(news.overlay.id, { overlay: news.overlay, peers });
      this.#changed.set(news.overlay.id, news.overlay);
      return;
    }
    const known = this.#known.get(news.id);
    if (known === undefined) return;
    for (const peer of news.peers) known.peers.set(peer.task, peer);
    for (const task of news.parted) known.peers.delete(task);
    this.#changed.set(news.id, known.overlay);
  }

  #forget(id: string): void {
    const known = this.#known.get(id);
    if (known === undefined) return;
    this.#known.delete(id);
    this.#changed.set(id, known.overlay);
  }

  #peersOf(id: string): readonly OverlayPeer[] | null {
    const known = this.#known.get(id);
    if (known === undefined) return null;
    return sortedBy(known.peers.values(), ({ task }) => task);
  }
}
