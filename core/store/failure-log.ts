import { limits } from "../base/limits.ts";
import { minutes, type Timestamp } from "../base/time.ts";
import type { Task, TaskStatus } from "../model/task.ts";
import { isTerminal, TaskState } from "../model/task-state.ts";

/** A task that failed or was rejected on the node which the scheduler had chosen for it. */
export interface TaskFailure {
  readonly at: Timestamp;
  readonly nodeId: string;
  readonly serviceId: string;
  readonly specVersion: number;
}

/** SwarmKit `scheduler/nodeinfo.go`: `monitorFailures` and `maxFailures`. */
const window = minutes(5);
const tooMany = 5;
const none: ReadonlyMap<string, number> = new Map();

/**
 * The failures of the last five minutes, which weigh a node down for the spec that fails there.
 *
 * They are part of the replicated state, since the tasks themselves don't last: of a slot that
 * fails again and again, the history keeps fewer than it takes. SwarmKit's new leader forgets them.
 */
export class FailureLog {
  /** Oldest first; those before `#head` are over. */
  #failures: TaskFailure[] = [];
  #head = 0;
  /** How often each spec failed, by node. */
  readonly #counts = new Map<string, Map<string, number>>();
  readonly #faulty = new Map<string, ReadonlyMap<string, number>>();

  /**
   * Of a task that was created for its node (slot 0) nobody chose the node; and a task that was
   * lost with its machine says nothing of its spec, where in SwarmKit it counts as any other.
   */
  note(previous: Task | null, current: Task, at: Timestamp): void {
    const { nodeId, serviceId, specVersion, slot, status } = current;
    if (nodeId === null || slot === 0 || !hasFailed(status)) return;
    if (previous === null || isTerminal(previous.status.state)) return;
    this.#record({ at, nodeId, serviceId, specVersion });
  }

  /** Forgets what is over at `now`. */
  expire(now: Timestamp): void {
    for (;;) {
      const oldest = this.#failures[this.#head];
      if (oldest === undefined || now - oldest.at < window) return;
      this.#forgetOldest();
    }
  }

  /** The nodes where a spec failed five times or more. The same map until it has changed. */
  faultyNodes(serviceId: string, specVersion: number): ReadonlyMap<string, number> {
    if (this.#counts.size === 0) return none;
    const key = `${serviceId} ${specVersion}`;
    const counts = this.#counts.get(key);
    if (counts === undefined) return none;
    const known = this.#faulty.get(key);
    if (known !== undefined) return known;
    const faulty = new Map([...counts].filter(([, count]) => count >= tooMany));
    this.#faulty.set(key, faulty);
    return faulty;
  }

  list(): readonly TaskFailure[] {
    return this.#failures.slice(this.#head);
  }

  restore(failures: readonly TaskFailure[]): void {
    this.#failures = [...failures];
    this.#head = 0;
    this.#counts.clear();
    this.#faulty.clear();
    for (const failure of failures) this.#count(failure, 1);
  }

  #record(failure: TaskFailure): void {
    this.#failures.push(failure);
    this.#count(failure, 1);
    if (this.#failures.length - this.#head > limits.rememberedFailures) this.#forgetOldest();
  }

  #forgetOldest(): void {
    this.#count(this.#failures[this.#head] as TaskFailure, -1);
    this.#head += 1;
    if (this.#head * 2 < this.#failures.length) return;
    this.#failures = this.#failures.slice(this.#head);
    this.#head = 0;
  }

  #count({ nodeId, serviceId, specVersion }: TaskFailure, sign: 1 | -1): void {
    const key = `${serviceId} ${specVersion}`;
    const counts = this.#counts.get(key) ?? new Map<string, number>();
    const before = counts.get(nodeId) ?? 0;
    const after = before + sign;
    if (after === 0) counts.delete(nodeId);
    else counts.set(nodeId, after);
    if (Math.max(before, after) >= tooMany) this.#faulty.delete(key);
    if (counts.size > 0) this.#counts.set(key, counts);
    else this.#counts.delete(key);
    if (counts.size === 0) this.#faulty.delete(key);
  }
}

function hasFailed({ state, isLost }: TaskStatus): boolean {
  return isLost !== true && (state === TaskState.FAILED || state === TaskState.REJECTED);
}
