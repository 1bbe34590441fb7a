import { type SlotKey, slotOf, type Task } from "../../core/model/task.ts";
import type { Commit } from "../world/history.ts";

/** Names a task's slot: its service and its number, or of a global service its node. */
export function slotNameOf(task: Task): string {
  return `${task.serviceId} ${slotOf(task)}`;
}

/**
 * The tasks of each slot, followed entry by entry: to ask for those of one slot costs what the slot
 * holds, however many tasks its service has.
 */
export class SlotTasks {
  /** By service, slot and id. */
  readonly #services = new Map<string, Map<SlotKey, Map<string, Task>>>();
  #newest: Commit | null = null;

  /** Takes an entry in, once, whoever of several checkers asks first. */
  follow(commit: Commit): void {
    if (commit === this.#newest) return;
    this.#newest = commit;
    for (const { previous, current } of commit.tasks) {
      if (current !== null) this.#put(current);
      else if (previous !== null) this.#remove(previous);
    }
  }

  /** The tasks of this one's slot as of the newest entry, in the order in which they came. */
  with(task: Task): ReadonlyMap<string, Task> {
    return this.#services.get(task.serviceId)?.get(slotOf(task)) ?? none;
  }

  #put(task: Task): void {
    let slots = this.#services.get(task.serviceId);
    if (slots === undefined) {
      slots = new Map();
      this.#services.set(task.serviceId, slots);
    }
    const tasks = slots.get(slotOf(task));
    if (tasks === undefined) slots.set(slotOf(task), new Map([[task.id, task]]));
    else tasks.set(task.id, task);
  }

  #remove(task: Task): void {
    const slots = this.#services.get(task.serviceId);
    const tasks = slots?.get(slotOf(task));
    tasks?.delete(task.id);
    if (tasks?.size === 0) slots?.delete(slotOf(task));
    if (slots?.size === 0) this.#services.delete(task.serviceId);
  }
}

const none: ReadonlyMap<string, Task> = new Map();
