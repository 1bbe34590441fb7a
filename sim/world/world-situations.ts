import type { Node } from "../../core/model/node.ts";
import type { Service } from "../../core/model/service.ts";
import type { NodeEvent } from "../../core/node/event.ts";
import type { StoreView } from "../../core/store/view.ts";
import type { Board, WorldSituation } from "./board.ts";
import type { Commit, History } from "./history.ts";
import type { Host } from "./host.ts";
import type { PartialObserver } from "./observer.ts";

interface WatchedWorld {
  readonly hosts: readonly Host[];
  readonly managers: readonly Host[];
  readonly history: History;
}

/** Watches a world for situations that no single node can tell. */
export class WorldSituations implements PartialObserver {
  readonly #world: WatchedWorld;
  readonly #board: Board;

  constructor(world: WatchedWorld, board: Board) {
    this.#world = world;
    this.#board = board;
  }

  ending(host: Host): void {
    const { raft } = host;
    if (raft === null) return;
    const isLeader = raft.role === "leader";
    const isUnsafe = raft.lastIndex > raft.stable;
    this.#sometimes(isUnsafe && isLeader, "leader-crash-before-sync");
    this.#sometimes(isUnsafe && !isLeader, "follower-crash-before-sync");
    this.#sometimes(raft.changePending, "crash-during-membership-change");
  }

  crashed(): void {
    const { managers } = this.#world;
    const down = managers.filter(({ state }) => state === "down" || state === "refused");
    this.#sometimes(down.length * 2 > managers.length, "quorum-down");
  }

  recovered(host: Host): void {
    this.#sometimes(host.disk.foundTorn, "torn-tail-at-start");
    this.#sometimes(host.rejoins, "wiped-node-rejoins");
  }

  refused(host: Host): void {
    this.#sometimes(host.disk.isDamaged, "damaged-disk-refused");
  }

  happened(_host: Host, event: NodeEvent): void {
    if (event.kind !== "role" || event.role !== "leader") return;
    const leaders = this.#world.hosts.filter(({ raft }) => raft?.role === "leader");
    this.#sometimes(leaders.length > 1, "two-leaders");
  }

  committed({ services, nodes }: Commit): void {
    for (const { previous, current } of services) {
      if (current !== null) this.#service(previous, current);
    }
    for (const { previous, current } of nodes) if (current !== null) this.#node(previous, current);
  }

  #service(previous: Service | null, { updateStatus }: Service): void {
    if (updateStatus?.state === previous?.updateStatus?.state) return;
    this.#sometimes(updateStatus?.state === "rollback_started", "update-rolls-back");
    this.#sometimes(updateStatus?.state === "paused", "update-paused");
  }

  #node(previous: Node | null, { status, spec }: Node): void {
    const isDown = status.state === "down" && previous?.status.state !== "down";
    const drains = spec.availability === "drain" && previous?.spec.availability !== "drain";
    const isBack = status.state === "ready" && previous?.status.state === "down";
    this.#sometimes(isBack, "node-back-after-down");
    if (!isDown && !drains) return;
    const updates = isUpdating(this.#world.history.view);
    this.#sometimes(isDown && updates, "node-down-during-update");
    this.#sometimes(drains && updates, "drain-during-update");
  }

  #sometimes(holds: boolean, situation: WorldSituation): void {
    if (holds) this.#board.reached(situation);
  }
}

function isUpdating({ services }: StoreView): boolean {
  for (const { updateStatus } of services.values()) {
    if (updateStatus?.state === "updating") return true;
  }
  return false;
}
