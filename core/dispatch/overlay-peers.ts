import { isEqual } from "../base/equal.ts";
import { found } from "../base/gather.ts";
import { sortedText } from "../base/order.ts";
import type { Planted } from "../base/planted.ts";
import type { Instant } from "../base/time.ts";
import {
  type NodeOverlay,
  type OverlayNews,
  type OverlayPeer,
  type OverlayPlace,
  overlayPeer,
  overlayPlaces,
} from "../model/overlay.ts";
import type { Task } from "../model/task.ts";
import type { StoreEvent } from "../store/event.ts";
import type { StoreView } from "../store/view.ts";
import { Batch } from "./batch.ts";
import { isElsewhere } from "./elsewhere.ts";

/** Those who are in one overlay, by task. */
interface Members {
  readonly overlay: NodeOverlay;
  readonly peers: Map<string, OverlayPeer>;
}

/** Tasks that there is news of, by network. */
export type ChangedPeers = ReadonlyMap<string, ReadonlySet<string>>;

/** Those that news is for. */
export interface Listener {
  readonly nodeId: string;
  /** The overlays that it was told of, and not told that it has left. */
  readonly overlays: Set<string>;
}

const none: readonly OverlayNews[] = [];

/**
 * The tasks in each overlay: a function of the store, and what of it has changed since the nodes
 * were told. A node is told of the overlays that its own tasks are in, and of no other. It costs
 * what tasks in overlays cost.
 */
export class OverlayPeers {
  readonly #view: StoreView;
  readonly #planted: Planted;
  readonly #members = new Map<string, Members>();
  /** How many peers a node has in each overlay that it has any in. */
  readonly #counts = new Map<string, Map<string, number>>();
  #changed = new Map<string, Set<string>>();
  readonly #batch = new Batch();

  constructor(view: StoreView, planted: Planted) {
    this.#view = view;
    this.#planted = planted;
    for (const task of view.tasks.values()) this.#look(task, task);
    this.#changed.clear();
  }

  /** When `takeChanged` has something to say. */
  get deadline(): Instant {
    return this.#batch.deadline;
  }

  applied({ kind, id, previous, current }: StoreEvent, now: Instant): void {
    if (kind === "task") this.#look((current ?? previous) as Task, current);
    else if (kind === "node") {
      if (!isElsewhere(previous, current)) return;
      for (const task of this.#view.tasksOnNode(id).values()) this.#look(task, task);
    }
    if (this.#changed.size > 0) this.#batch.begin(now);
  }

  /** What has changed since the last call; null: nothing, or it waits for more. */
  takeChanged(now: Instant): ChangedPeers | null {
    if (!this.#batch.take(now)) return null;
    const changed = this.#changed;
    this.#changed = new Map();
    return changed;
  }

  /** Whether there is news of an overlay that the node is in, or was when it last heard. */
  concerns({ nodeId, overlays }: Listener, changed: ChangedPeers): boolean {
    const here = this.#counts.get(nodeId);
    for (const id of changed.keys()) if (overlays.has(id) || here?.has(id)) return true;
    return false;
  }

  /** What the node is to hear now: all there is, or what it has not been told. */
  tell(
    { nodeId, overlays: told }: Listener,
    changed: ChangedPeers | "all",
  ): readonly OverlayNews[] {
    const here = this.#counts.get(nodeId);
    if (changed === "all") told.clear();
    if (here === undefined && told.size === 0) return none;
    const news: OverlayNews[] = [];
    for (const id of sortedText(told)) {
      if (here?.has(id)) continue;
      told.delete(id);
      news.push({ kind: "left", id });
    }
    for (const id of sortedText(here?.keys() ?? [])) {
      if (!told.has(id)) news.push(this.#whole(id));
      else if (changed !== "all" && changed.has(id)) news.push(this.#news(id, changed.get(id)));
      told.add(id);
    }
    return news.length === 0 ? none : news;
  }

  #whole(id: string): OverlayNews {
    const { overlay, peers } = this.#members.get(id) as Members;
    const tasks = sortedText(peers.keys());
    return { kind: "whole", overlay, peers: found(tasks, (task) => peers.get(task)) };
  }

  #news(id: string, changed: ReadonlySet<string> = new Set()): OverlayNews {
    const peers = this.#members.get(id)?.peers;
    const tasks = sortedText(changed);
    const told = found(tasks, (task) => peers?.get(task));
    return {
      kind: "changed",
      id,
      peers: this.#planted === "N04" ? told.filter(({ serves }) => !serves) : told,
      parted: tasks.filter((task) => peers?.has(task) !== true),
    };
  }

  #look(task: Task, current: Task | null): void {
    if (task.networks.length === 0 || task.nodeId === null) return;
    const node = this.#view.nodes.get(task.nodeId);
    for (const place of overlayPlaces(task)) {
      const peer = current === null ? null : overlayPeer(current, place, node);
      this.#put(task.id, task.nodeId, place, peer);
    }
  }

  #put(task: string, nodeId: string, { overlay }: OverlayPlace, peer: OverlayPeer | null): void {
    const { id } = overlay;
    const members = this.#members.get(id) ?? { overlay, peers: new Map() };
    const known = members.peers.get(task);
    if (isEqual(known ?? null, peer)) return;
    if (this.#planted === "N06" && known?.serves === true) return;
    if (known === undefined) this.#count(nodeId, id, 1);
    if (peer === null) this.#count(nodeId, id, -1);
    if (peer === null) members.peers.delete(task);
    else members.peers.set(task, peer);
    if (members.peers.size === 0) this.#members.delete(id);
    else this.#members.set(id, members);
    const changed = this.#changed.get(id) ?? new Set();
    this.#changed.set(id, changed.add(task));
  }

  #count(nodeId: string, network: string, by: 1 | -1): void {
    const counts = this.#counts.get(nodeId) ?? new Map<string, number>();
    const count = (counts.get(network) ?? 0) + by;
    if (count > 0) counts.set(network, count);
    else counts.delete(network);
    if (counts.size > 0) this.#counts.set(nodeId, counts);
    else this.#counts.delete(nodeId);
  }
}
