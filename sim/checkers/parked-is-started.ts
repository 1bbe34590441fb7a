import type { Node } from "../../core/model/node.ts";
import { slotOf, type Task } from "../../core/model/task.ts";
import { isTerminal, isWanted, TaskState } from "../../core/model/task-state.ts";
import type { Member } from "../../core/node/member.ts";
import type { Kernel } from "../kernel.ts";
import type { Commit, History } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";
import { SteadyLeader } from "./steady-leader.ts";

/** So often, once a second, has a leader been seen that left it parked and had nothing to do. */
const quietMost = 10;
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
  readonly #kernel: Kernel;
  readonly #history: History;
  readonly #leader = new SteadyLeader();
  #leads = 0;
  /** Since when tasks are parked, by id. */
  readonly #parked = new Map<string, number>();
  /** How often nothing held them back and the leader was at rest, by id. */
  readonly #passedOver = new Map<string, number>();

  constructor(kernel: Kernel, history: History) {
    this.#kernel = kernel;
    this.#history = history;
  }

  committed({ tasks }: Commit): void {
    for (const { id, current } of tasks) {
      if (current !== null && isParked(current)) {
        if (!this.#parked.has(id)) this.#parked.set(id, this.#kernel.now);
      } else if (this.#parked.delete(id)) this.#passedOver.delete(id);
    }
  }

  leading(host: Host, { raft, store }: Member): void {
    if (this.#parked.size === 0) return;
    const { now } = this.#kernel;
    const { view } = this.#history;
    const leads = this.#leader.sinceStep(host, raft, now);
    if (leads !== this.#leads) this.#passedOver.clear();
    this.#leads = leads;
    if (raft.lastIndex !== view.index || store.index !== view.index) return;
    for (const [id, since] of this.#parked) {
      const task = view.tasks.get(id);
      if (task === undefined || !this.#isFree(task, now - since)) {
        this.#passedOver.delete(id);
        continue;
      }
      this.checks += 1;
      const times = (this.#passedOver.get(id) ?? 0) + 1;
      this.#passedOver.set(id, times);
      if (times < quietMost) continue;
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
