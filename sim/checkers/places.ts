import { slotOf, type Task } from "../../core/model/task.ts";
import type { Commit } from "../world/history.ts";

/** Where a task belongs: its service and its slot, or of a global service its node. */
export function placeOf(task: Task): string {
  return `${task.serviceId} ${slotOf(task)}`;
}

/**
 * The tasks of each place, followed entry by entry: to ask for those of one place costs what the
 * place holds, however many tasks its service has.
 */
export class Places {
  readonly #tasks = new Map<string, Map<string, Task>>();
  #newest: Commit | null = null;

  /** Takes an entry in, once, whoever of several checkers asks first. */
  follow(commit: Commit): void {
    if (commit === this.#newest) return;
    this.#newest = commit;
    for (const { previous, current } of commit.events) {
      if (current?.kind === "task") this.#put(current);
      else if (previous?.kind === "task") this.#remove(previous);
    }
  }

  /** As of the newest entry, in the order in which they came. */
  at(place: string): readonly Task[] {
    return [...(this.#tasks.get(place)?.values() ?? [])];
  }

  #put(task: Task): void {
    const place = placeOf(task);
    const tasks = this.#tasks.get(place);
    if (tasks === undefined) this.#tasks.set(place, new Map([[task.id, task]]));
    else tasks.set(task.id, task);
  }

  #remove(task: Task): void {
    const place = placeOf(task);
    const tasks = this.#tasks.get(place);
    tasks?.delete(task.id);
    if (tasks?.size === 0) this.#tasks.delete(place);
  }
}
