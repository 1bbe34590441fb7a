import type { Task } from "../../core/model/task.ts";
import type { Member } from "../../core/node/member.ts";
import type { Kernel } from "../kernel.ts";
import type { Commit, History } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { SteadyLeader } from "./steady-leader.ts";

/**
 * So often, once a second, has a leader been seen that had nothing on its way, and decided nothing
 * all the same. Where entries take long nobody can say what it would decide meanwhile.
 */
const quietMost = 10;

/** Tasks of a kind, and how often a leader at rest has passed each over that could get on. */
export class PassedOver {
  readonly #kernel: Kernel;
  readonly #history: History;
  readonly #isOfKind: (task: Task) => boolean;
  readonly #leader = new SteadyLeader();
  #leads = 0;
  /** Since when, by id. */
  readonly #since = new Map<string, number>();
  readonly #times = new Map<string, number>();

  constructor(kernel: Kernel, history: History, isOfKind: (task: Task) => boolean) {
    this.#kernel = kernel;
    this.#history = history;
    this.#isOfKind = isOfKind;
  }

  committed({ tasks }: Commit): void {
    for (const { id, current } of tasks) {
      if (current !== null && this.#isOfKind(current)) {
        if (!this.#since.has(id)) this.#since.set(id, this.#kernel.now);
      } else if (this.#since.delete(id)) this.#times.delete(id);
    }
  }

  /** Each with for how long it has been one of them; none while the leader is at work. */
  *seen(host: Host, { raft, store }: Member): Generator<readonly [task: Task, span: number]> {
    if (this.#since.size === 0) return;
    const { now } = this.#kernel;
    const { view } = this.#history;
    const leads = this.#leader.sinceStep(host, raft, now);
    if (leads !== this.#leads) this.#times.clear();
    this.#leads = leads;
    if (raft.lastIndex !== view.index || store.index !== view.index) return;
    for (const [id, since] of this.#since) {
      const task = view.tasks.get(id);
      if (task !== undefined) yield [task, now - since];
    }
  }

  /** Whether the task was passed over too often, now that it can, or can't, get on. */
  isTooOften({ id }: Task, canGetOn: boolean): boolean {
    const times = canGetOn ? (this.#times.get(id) ?? 0) + 1 : 0;
    this.#times.set(id, times);
    return times >= quietMost;
  }
}
