import { sortedText } from "../../core/base/order.ts";
import { hostPortKeys, namedResourceKeys } from "../../core/model/claims.ts";
import type { Task } from "../../core/model/task.ts";
import { isWanted } from "../../core/model/task-state.ts";
import type { StoreEvent } from "../../core/store/event.ts";
import type { NodeLoad } from "../../core/store/node-load.ts";
import type { StoreView } from "../../core/store/view.ts";
import type { Commit } from "../history.ts";
import type { Host } from "../host.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";
import { takesRoom } from "./placement.ts";

/**
 * What a manager keeps of a node's load is what the node's tasks take, added up anew: nothing leaks
 * and nothing is forgotten. It is checked for the nodes that an entry has to do with, in the store
 * of who applies it first: most often the leader, whose load the scheduler goes by.
 */
export class LoadIsSum implements Checker {
  readonly name = "load-is-sum";
  readonly source = "SwarmKit scheduler/nodeinfo.go; moby/swarmkit#471, #540";
  checks = 0;

  committed({ events, host }: Commit): void {
    const view = host.node?.member?.store;
    if (view === undefined) return;
    for (const id of new Set(events.map(nodeOf))) {
      if (id !== null) this.#check(host, view, id);
    }
  }

  #check(host: Host, view: StoreView, id: string): void {
    this.checks += 1;
    const kept = view.loadOf(id);
    const sum = sumOf([...view.tasksOnNode(id).values()].filter(takesRoom));
    for (const key of Object.keys(sum) as (keyof NodeLoad)[]) {
      if (isSame(kept[key], sum[key])) continue;
      const [left, right] = [text(kept[key]), text(sum[key])];
      const detail = `${host.name} takes ${key} of ${id} for ${left}, but its tasks take ${right}`;
      throw new BrokenInvariant(this.name, host.name, detail);
    }
  }
}

function nodeOf({ previous, current }: StoreEvent): string | null {
  const object = current ?? previous;
  if (object?.kind === "node") return object.id;
  return object?.kind === "task" ? object.nodeId : null;
}

function sumOf(tasks: readonly Task[]): NodeLoad {
  const wanted = tasks.filter(({ desiredState }) => isWanted(desiredState));
  return {
    nanoCpus: total(tasks.map(({ spec }) => spec.reservations.nanoCpus)),
    memoryBytes: total(tasks.map(({ spec }) => spec.reservations.memoryBytes)),
    generic: tally(tasks.flatMap(({ spec }) => [...spec.genericReservations])),
    namedResources: tally(tasks.flatMap(namedResourceKeys).map(once)),
    hostPorts: tally(tasks.flatMap(({ ports }) => hostPortKeys(ports)).map(once)),
    excludedServices: tally(tasks.flatMap(({ spec }) => spec.placement.antiAffinity).map(once)),
    activeTasks: wanted.length,
    activeTasksByService: tally(wanted.map(({ serviceId }) => once(serviceId))),
  };
}

function once(key: string): [string, number] {
  return [key, 1];
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((left, right) => left + right, 0);
}

function tally(counts: readonly (readonly [string, number])[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const [key, count] of counts) sums.set(key, (sums.get(key) ?? 0) + count);
  return sums;
}

type Counted = number | ReadonlyMap<string, number>;

/** A count of 0 is as good as none. */
function isSame(kept: Counted, sum: Counted): boolean {
  if (typeof kept === "number" || typeof sum === "number") return kept === sum;
  for (const [key, count] of sum) if ((kept.get(key) ?? 0) !== count) return false;
  for (const [key, count] of kept) if (count !== 0 && !sum.has(key)) return false;
  return true;
}

function text(counted: Counted): string {
  if (typeof counted === "number") return String(counted);
  const counts = [...counted].filter(([, count]) => count !== 0);
  return sortedText(counts.map(([key, count]) => `${count} ${key}`)).join(", ") || "nothing";
}
