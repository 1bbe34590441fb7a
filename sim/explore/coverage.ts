import type { StoreObject } from "../../core/model/change.ts";
import type { NodeEvent } from "../../core/node/event.ts";
import type { Commit, History } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import type { PartialObserver } from "../world/observer.ts";
import { leaderOf } from "../world/selectors.ts";

/** States are told apart by this many bits: more of them than a long exploration reaches. */
export const stateBits = 20;
/** Larger counts look the same. */
const countMost = 3;
/** Above the highest task state, divided by 64 (SwarmKit's steps). */
const taskStates = 16;

interface CoveredWorld {
  readonly hosts: readonly Host[];
  readonly managers: readonly Host[];
  readonly history: History;
}

/**
 * Which states a run has been in, as a cheap fingerprint sees them: how many managers are in which
 * role or down, what the membership looks like, how nodes and updates stand, and how many tasks are
 * in each state. A run that reaches a state that none has reached before is worth varying.
 */
export class Coverage implements PartialObserver {
  /** The fingerprints, each below `2 ** stateBits`. */
  readonly states = new Set<number>();
  readonly #world: CoveredWorld;
  readonly #tasks = new Uint16Array(taskStates);
  readonly #nodes = new Map<string, number>();
  readonly #updates = new Map<string, number>();

  constructor(world: CoveredWorld) {
    this.#world = world;
  }

  happened(_host: Host, event: NodeEvent): void {
    if (event.kind === "role" || event.kind === "manager-started") this.#note();
  }

  crashed(): void {
    this.#note();
  }

  committed({ events }: Commit): void {
    if (events.length === 0) return;
    for (const { previous, current } of events) {
      this.#count(previous, -1);
      this.#count(current, 1);
    }
    this.#note();
  }

  #count(object: StoreObject | null, by: 1 | -1): void {
    if (object?.kind === "task") {
      const state = Math.min(taskStates - 1, object.status.state >> 6);
      this.#tasks[state] = (this.#tasks[state] as number) + by;
    } else if (object?.kind === "node") {
      change(this.#nodes, `${object.status.state} ${object.spec.availability}`, by);
    } else if (object?.kind === "service") {
      change(this.#updates, object.updateStatus?.state ?? "none", by);
    }
  }

  #note(): void {
    let hash = 0x811c9dc5;
    const mix = (value: number) => {
      hash = Math.imul(hash ^ value, 0x01000193);
    };
    for (const count of this.#roles()) mix(bounded(count));
    for (const count of this.#members()) mix(bounded(count));
    for (const counts of [this.#nodes, this.#updates]) {
      let sum = 0;
      for (const [name, count] of counts) {
        if (count > 0) sum += Math.imul(textHash(name), 1 + bounded(count));
      }
      mix(sum | 0);
    }
    for (const count of this.#tasks) mix(bounded(count));
    this.states.add((hash ^ (hash >>> stateBits)) & ((1 << stateBits) - 1));
  }

  /** Leaders, candidates, followers, and managers that are not up. */
  #roles(): number[] {
    const counts = [0, 0, 0, 0];
    for (const { state, raft } of this.#world.managers) {
      const role = state === "up" ? raft?.role : undefined;
      const at = role === "leader" ? 0 : role === "follower" ? 2 : role === undefined ? 3 : 1;
      counts[at] = (counts[at] as number) + 1;
    }
    return counts;
  }

  #members(): number[] {
    const raft = leaderOf(this.#world.managers)?.raft;
    if (raft === undefined || raft === null) return [0, 0, 0];
    const { voters, learners } = raft.membership;
    return [voters.length, learners.length, raft.changePending ? 1 : 0];
  }
}

function bounded(count: number): number {
  return count < countMost ? count : countMost;
}

function change(counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}

function textHash(text: string): number {
  let hash = 7;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash, 31) + text.charCodeAt(at);
  return hash | 1;
}
