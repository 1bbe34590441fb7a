import type { Kernel } from "../kernel.ts";
import type { History } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

/** Beyond the time that the task has to stop. */
const patience = 30_000_000;
/** A node that does not even beat for this long was paused or off: its time does not count. */
const longestStep = 10_000_000;

/**
 * A container that has turned unhealthy is stopped soon, so that its task fails and is replaced, by
 * any node that is at work and whose containers can be reached.
 */
export class UnhealthyIsStopped implements Checker {
  readonly name = "unhealthy-is-stopped";
  readonly source = "SwarmKit dockerexec controller: Wait stops what turns unhealthy";
  checks = 0;
  readonly #kernel: Kernel;
  readonly #history: History;
  /** Since when, by host and task. */
  readonly #sick = new Map<number, Map<string, number>>();
  readonly #seenAt = new Map<number, number>();

  constructor(kernel: Kernel, history: History) {
    this.#kernel = kernel;
    this.#history = history;
  }

  unhealthy(host: number, task: string): void {
    const sick = this.#sick.get(host) ?? new Map<string, number>();
    this.#sick.set(host, sick.set(task, this.#kernel.now));
  }

  ended(host: number, task: string): void {
    const sick = this.#sick.get(host);
    if (sick?.delete(task) === true && sick.size === 0) this.#sick.delete(host);
  }

  atWork(host: Host): void {
    const sick = this.#sick.size === 0 ? undefined : this.#sick.get(host.number);
    if (sick === undefined) return;
    const { now } = this.#kernel;
    const isBack = now - (this.#seenAt.get(host.number) ?? -Infinity) > longestStep;
    this.#seenAt.set(host.number, now);
    this.checks += 1;
    for (const [task, since] of sick) {
      if (isBack || host.executor.isHung) sick.set(task, now);
      else if (now - since > this.#graceOf(task) + patience) this.#fail(host, task, now - since);
    }
  }

  #graceOf(task: string): number {
    return this.#history.view.tasks.get(task)?.spec.container.stopGracePeriod ?? 0;
  }

  #fail(host: Host, id: string, span: number): never {
    const name = this.#history.view.tasks.get(id)?.name ?? id;
    const detail = `${name} has been unhealthy for ${span / 1e6} s, and runs on`;
    throw new BrokenInvariant(this.name, host.name, detail);
  }
}
