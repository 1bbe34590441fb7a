import type { Service } from "../../core/model/service.ts";
import { type SlotKey, slotOf, type Task } from "../../core/model/task.ts";
import { isWanted, TaskState } from "../../core/model/task-state.ts";
import type { EventOf } from "../../core/store/event.ts";
import type { Commit, History } from "../world/history.ts";
import { Before } from "./before.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

/** A slot of a service that is scaled down, as it was. */
interface Slot {
  readonly name: string;
  readonly isRemoved: boolean;
  /** Null: of none, or of none that is wanted. */
  readonly nodeId: string | null;
  readonly isRunning: boolean;
}

/**
 * A service that is scaled down first gives up slots without a node, then those on the nodes that
 * have the most of it, and of those on one node the ones that do not run.
 */
export class SurplusLeaves implements Checker {
  readonly name = "surplus-leaves";
  readonly source = "SwarmKit orchestrator/replicated: slotsSortedByRunning, by copies on a node";
  checks = 0;
  readonly #history: History;

  constructor(history: History) {
    this.#history = history;
  }

  committed(commit: Commit): void {
    const removed = commit.isForced ? [] : commit.tasks.filter(isRemoval);
    if (removed.length === 0) return;
    const before = Before.of(this.#history.view, commit);
    const gone = new Set(removed.map(({ id }) => id));
    for (const id of new Set(removed.map(({ current }) => current?.serviceId as string))) {
      const service = before.service(id);
      if (service?.spec.mode.kind !== "replicated") continue;
      const { replicas } = service.spec.mode;
      const slots = slotsOf(before.tasksOfService(id), gone);
      const left = slots.filter(({ isRemoved }) => !isRemoved).length;
      // An entry without room for more leaves the rest to the next.
      if (slots.length > replicas && left === replicas) this.#check(commit, service, slots);
    }
  }

  #check({ host }: Commit, { spec }: Service, slots: readonly Slot[]): void {
    this.checks += 1;
    const kept = slots.filter(({ isRemoved }) => !isRemoved);
    const keptOn = (node: string | null) => kept.filter(({ nodeId }) => nodeId === node).length;
    for (const slot of slots) {
      if (!slot.isRemoved || slot.nodeId === null) continue;
      const here = keptOn(slot.nodeId);
      const other = kept.find(
        ({ nodeId, isRunning }) =>
          nodeId === null ||
          keptOn(nodeId) > here + 1 ||
          (nodeId === slot.nodeId && slot.isRunning && !isRunning),
      );
      if (other === undefined) continue;
      const detail = `${spec.name} gives up ${slot.name} on ${slot.nodeId} and keeps ${other.name}`;
      throw new BrokenInvariant(this.name, host.name, `${detail} on ${other.nodeId ?? "no node"}`);
    }
  }
}

/** The leader has a task removed. */
function isRemoval({ actor, previous, current }: EventOf<Task>): boolean {
  if (actor !== "orchestrator" || previous === null || current === null) return false;
  return previous.desiredState < TaskState.REMOVE && current.desiredState === TaskState.REMOVE;
}

function slotsOf(tasks: readonly Task[], gone: ReadonlySet<string>): Slot[] {
  const present = tasks.filter(({ desiredState }) => desiredState < TaskState.REMOVE);
  const bySlot = new Map<SlotKey, Task[]>();
  for (const task of present.sort(byAge)) {
    bySlot.set(slotOf(task), [...(bySlot.get(slotOf(task)) ?? []), task]);
  }
  return [...bySlot.values()].map((all) => {
    const wanted = all.filter(({ desiredState }) => isWanted(desiredState));
    return {
      name: (all[0] as Task).name,
      isRemoved: all.every(({ id }) => gone.has(id)),
      nodeId: wanted[0]?.nodeId ?? null,
      isRunning: wanted.some(({ status }) => status.state === TaskState.RUNNING),
    };
  });
}

function byAge(left: Task, right: Task): number {
  return left.meta.createdAt - right.meta.createdAt || (left.id < right.id ? -1 : 1);
}
