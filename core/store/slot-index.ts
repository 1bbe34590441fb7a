import { type SlotKey, slotOf, type Task } from "../model/task.ts";

/** The tasks of each slot of each service, as a function of the tasks. */
export class SlotIndex {
  readonly #services = new Map<string, Map<SlotKey, Task[]>>();

  /** In the order in which they came. */
  of(service: string, slot: SlotKey): readonly Task[] {
    return this.#services.get(service)?.get(slot) ?? none;
  }

  /** Null: the task did not exist, or is gone. */
  replace(previous: Task | null, current: Task | null): void {
    if (previous === null) this.#add(current as Task);
    else if (current === null || slotOf(previous) !== slotOf(current)) {
      this.#remove(previous);
      if (current !== null) this.#add(current);
    } else {
      const tasks = this.#services.get(current.serviceId)?.get(slotOf(current)) as Task[];
      tasks[tasks.indexOf(previous)] = current;
    }
  }

  #add(task: Task): void {
    let slots = this.#services.get(task.serviceId);
    if (slots === undefined) {
      slots = new Map();
      this.#services.set(task.serviceId, slots);
    }
    const tasks = slots.get(slotOf(task));
    if (tasks === undefined) slots.set(slotOf(task), [task]);
    else tasks.push(task);
  }

  #remove(task: Task): void {
    const slots = this.#services.get(task.serviceId);
    const left = slots?.get(slotOf(task))?.filter((other) => other !== task) ?? [];
    if (left.length > 0) slots?.set(slotOf(task), left);
    else slots?.delete(slotOf(task));
    if (slots?.size === 0) this.#services.delete(task.serviceId);
  }
}

const none: readonly Task[] = [];
