import { limits } from "../base/limits.ts";
import { isOfCluster } from "../model/mount.ts";
import type { Task } from "../model/task.ts";
import type { Strategy } from "../model/task-spec.ts";
import { activeTasksOf, type Candidate, isExcluded } from "./candidate.ts";
import type { FilterContext } from "./filters.ts";
import { kindOf, ownKindOf } from "./kind.ts";
import type { NodeSet } from "./node-set.ts";
import { Order, type Ranking } from "./order.ts";
import { ownRanking, sharedRanking } from "./ranking.ts";
import { nodeOfVolume } from "./service-filters.ts";

/** The best node for a task; null with what the filters refused. */
export interface Choice {
  readonly best: Candidate | null;
  readonly refusals: readonly number[];
}

interface Kept {
  readonly order: Order;
  readonly faulty: ReadonlyMap<string, number>;
}

interface Names {
  readonly task: Task;
  readonly strategy: Strategy;
  readonly kind: string;
  /** Null: not asked for so far. */
  own: string | null;
}

/** Of so few tasks a service's own can be told apart in the shared order. */
const fewTasks = 16;
const none: ReadonlyMap<string, number> = new Map();

/**
 * Chooses nodes by orders that are kept from turn to turn.
 *
 * Tasks of one kind share an order. Where the service's own tasks come into it, the few nodes that
 * have some are told apart on the way; a service that is on many nodes, or asks for more than the
 * shared order knows (see `ownKindOf`), gets an order of its own. Which of the two is used makes no
 * difference to the choice, only to the time that it takes.
 */
export class Orders {
  readonly #nodes: NodeSet;
  readonly #context: FilterContext;
  /** The one used last comes last. */
  readonly #kept = new Map<string, Kept>();
  #latest: (Kept & { readonly key: string }) | null = null;
  /** Of the task before: most are like it, and it takes as long to name them as to place them. */
  #names: Names | null = null;

  constructor(nodes: NodeSet, context: FilterContext) {
    this.#nodes = nodes;
    this.#context = context;
  }

  choose(task: Task): Choice {
    const { view, planted } = this.#context;
    const packed = planted === "S17" ? "binpack" : null;
    const strategy =
      packed ?? task.spec.placement.strategy ?? view.cluster?.spec.strategy ?? "spread";
    const names = this.#namesOf(task, strategy);
    const faulty = view.faultyNodes(task.serviceId, task.specVersion);
    const tasks = view.tasksOfService(task.serviceId).size;
    if (tasks <= fewTasks && faulty.size === 0 && !asksForMore(task)) {
      const shared = this.#order(names.kind, none, () =>
        sharedRanking(task, strategy, this.#context),
      );
      const best = this.#choose(shared, task, strategy === "binpack" || tasks === 1);
      if (best !== undefined) return { best, refusals: shared.refusals };
    }
    names.own ??= ownKindOf(task, names.kind, view, (volume) =>
      nodeOfVolume(volume, this.#context.bound),
    );
    const own = this.#order(names.own, faulty, () => ownRanking(task, strategy, this.#context));
    return { best: own.best(), refusals: own.refusals };
  }

  /** What names follow from may have changed. */
  beginTurn(): void {
    this.#names = null;
  }

  #namesOf(task: Task, strategy: Strategy): Names {
    const last = this.#names;
    if (last !== null && last.strategy === strategy && isAlike(last.task, task)) return last;
    this.#names = { task, strategy, kind: kindOf(task, strategy), own: null };
    return this.#names;
  }

  /** Undefined when the order does not tell. Alone: nothing of its service plays a part. */
  #choose(shared: Order, task: Task, isAlone: boolean): Candidate | null | undefined {
    const first = shared.best();
    if (first === null) return null;
    const service = this.#context.view.services.get(task.serviceId)?.spec.name;
    const isOut = (each: Candidate) => service !== undefined && isExcluded(each, service);
    if (isOut(first)) return undefined;
    if (isAlone || activeTasksOf(first, task.serviceId) === 0) return first;
    const few = shared.first(fewTasks + 1);
    if (few.some(isOut)) return undefined;
    return fewest(few, task.serviceId);
  }

  #order(key: string, faulty: ReadonlyMap<string, number>, ranking: () => Ranking): Order {
    const kept = this.#latest?.key === key ? this.#latest : this.#kept.get(key);
    const isGood = kept !== undefined && kept.faulty === faulty && kept.order.catchUp();
    if (isGood && kept === this.#latest) return kept.order;
    const order = isGood ? kept.order : new Order(this.#nodes, ranking());
    this.#latest = { key, order, faulty };
    this.#kept.delete(key);
    this.#kept.set(key, this.#latest);
    const most = Math.max(1, Math.floor(limits.orderedNodes / (this.#nodes.size + 1)));
    if (this.#kept.size > most) this.#forgetOldest();
    return order;
  }

  #forgetOldest(): void {
    for (const key of this.#kept.keys()) {
      this.#kept.delete(key);
      return;
    }
  }
}

/** True when more than what its kind shares decides where the task may go. */
function asksForMore({ spec }: Task): boolean {
  const { preferences, maxReplicas, affinity, antiAffinity } = spec.placement;
  const lists = preferences.length + affinity.length + antiAffinity.length;
  return lists > 0 || maxReplicas > 0 || spec.container.mounts.some(isOfCluster);
}

/** True when the two are named alike within one turn. */
function isAlike(left: Task, right: Task): boolean {
  return (
    left.spec === right.spec &&
    left.serviceId === right.serviceId &&
    left.specVersion === right.specVersion &&
    left.logDriver?.name === right.logDriver?.name &&
    left.ports.length + right.ports.length === 0 &&
    !left.spec.container.mounts.some(isOfCluster)
  );
}

/** Of nodes in order the first that has the fewest tasks of the service. */
function fewest(candidates: readonly Candidate[], serviceId: string): Candidate {
  return candidates.reduce((best, each) =>
    activeTasksOf(each, serviceId) < activeTasksOf(best, serviceId) ? each : best,
  );
}
