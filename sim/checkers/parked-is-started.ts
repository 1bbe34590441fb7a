import type { Node } from "../../core/model/node.ts";
import { slotOf, type Task } from "../../core/model/task.ts";
import { isTerminal, isWanted, TaskState } from "../../core/model/task-state.ts";
import type { Member } from "../../core/node/member.ts";
import type { Kernel } from "../kernel.ts";
import type { Commit, History } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";
import { PassedOver } from "./passed-over.ts";

/** A leader's clock may be slower than the world's by this much of a delay. */
const drift = 0.5;

/**
 * A replacement is parked only for its delay, until what it replaces has stopped, and while its
 * service waits for others.
 */
export class ParkedIsStarted implements Checker {
  readonly name = "parked-is-started";
  readonly source = "SwarmKit orchestrator/restart: DelayStart starts what waits no longer";
  checks = 0;
  readonly #history: History;
  readonly #parked: PassedOver;

  constructor(kernel: Kernel, history: History) {
    this.#history = history;
    this.#parked = new PassedOver(kernel, history, isParked);
  }

  committed(commit: Commit): void {
    this.#parked.committed(commit);
  }

  leading(host: Host, member: Member): void {
    for (const [task, span] of this.#parked.seen(host, member)) {
      const isFree = this.#isFree(task, span);
      if (isFree) this.checks += 1;
      if (!this.#parked.isTooOften(task, isFree)) continue;
      const detail = `${task.name} is not started, though nothing of its slot may run any more`;
      throw new BrokenInvariant(this.name, host.name, detail);
    }
  }

  #isFree(task: Task, parkedFor: number): boolean {
    const { view } = this.#history;
    const delay = Math.max(0, task.startAt - task.meta.createdAt);
    const waitsFor = view.services.get(task.serviceId)?.waitsFor.length ?? 1;
    if (waitsFor > 0 || parkedFor <= delay + delay * drift) return false;
    if (task.nodeId !== null && this.#stateOf(task.nodeId) !== "ready") return false;
    const others = view.tasksOfSlot(task.serviceId, slotOf(task));
    return others.every((other) => other.id === task.id || this.#isGone(other));
  }

  /** Of a node that is neither ready nor down nobody knows what still runs there. */
  #isGone({ status, desiredState, nodeId }: Task): boolean {
    if (isTerminal(status.state)) return true;
    const isOut = nodeId === null || (this.#stateOf(nodeId) ?? "down") === "down";
    return !isWanted(desiredState) && (isOut || status.state < TaskState.ASSIGNED);
  }

  #stateOf(node: string): Node["status"]["state"] | undefined {
    return this.#history.view.nodes.get(node)?.status.state;
  }
}

function isParked({ desiredState, status }: Task): boolean {
  return desiredState === TaskState.READY && !isTerminal(status.state);
}
