import type { Planted } from "../base/planted.ts";
import { type Transaction, updateOf } from "../model/change.ts";
import { changedCluster } from "../model/changed.ts";
import type { Node } from "../model/node.ts";
import { nodeOfMember } from "../model/standing.ts";
import { transaction } from "../plan/plan.ts";
import { membersOf } from "../raft/membership.ts";
import type { RaftView } from "../raft/reach.ts";
import type { StoreEvent } from "../store/event.ts";
import type { StoreView } from "../store/view.ts";

/**
 * Raises the level that the cluster speaks to the lowest that any of its nodes speaks, down or up:
 * a node that is gone for good holds it back until it is removed. It is never lowered.
 */
export class FeatureLevel {
  readonly #view: StoreView;
  readonly #raft: Pick<RaftView, "membership">;
  readonly #planted: Planted;
  /** Some node may speak another level than when it was last looked. */
  #mustPlan = true;

  constructor(view: StoreView, raft: Pick<RaftView, "membership">, planted: Planted) {
    this.#view = view;
    this.#raft = raft;
    this.#planted = planted;
  }

  get hasWork(): boolean {
    return this.#mustPlan && this.#view.cluster !== null;
  }

  /** Follows what the store has applied. */
  note(events: readonly StoreEvent[]): void {
    for (const { kind, previous, current } of events) {
      if (kind === "node" && isOther(previous, current)) this.#mustPlan = true;
    }
  }

  plan(): readonly Transaction[] {
    const { cluster } = this.#view;
    if (!this.hasWork || cluster === null) return [];
    this.#mustPlan = false;
    const level = this.#lowest();
    if (level <= cluster.level) return [];
    this.#mustPlan = true;
    return [transaction("role-manager", [updateOf(changedCluster(cluster, { level }))])];
  }

  /** 0 while a member of Raft has yet to say what it speaks. */
  #lowest(): number {
    const { nodes } = this.#view;
    const members = membersOf(this.#raft.membership).map(nodeOfMember);
    if (members.some((node) => !nodes.has(node))) return 0;
    let lowest = Number.MAX_SAFE_INTEGER;
    for (const { description, role } of nodes.values()) {
      if (this.#planted === "V01" && role === "worker") continue;
      lowest = Math.min(lowest, description.level);
    }
    return nodes.size === 0 ? 0 : lowest;
  }
}

function isOther(previous: Node | null, current: Node | null): boolean {
  return previous?.description.level !== current?.description.level;
}
