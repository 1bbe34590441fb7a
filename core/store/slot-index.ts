import { type SlotKey, slotOf, type Task } from "../model/task.ts";

/** The tasks of each slot of one service; lists are replaced and never changed. */
type Slots = Map<SlotKey, readonly Task[]>;

/** The tasks of each slot of each service, as a function of the tasks. */
export class SlotIndex {
  readonly #services = new Map<string, Slots>();

  /** Those of a slot in the order in which they came. */
  of(service: string): ReadonlyMap<SlotKey, readonly Task[]> {
    return this.#services.get(service) ?? none;
  }

  /** Null: the task did not exist, or is gone. */
  replace(previous: Task | null, current: Task | null): void {
    if (previous === null) this.#add(current as Task);
    else if (current === null || slotOf(previous) !== slotOf(current)) {
      this.#remove(previous);
      if (current !== null) this.#add(current);
    } else {
      const slots = this.#services.get(current.serviceId) as Slots;
      const tasks = slots.get(slotOf(current)) as readonly Task[];
      const isAlone = tasks.length === 1;
      slots.set(slotOf(current), isAlone ? [current] : replaced(tasks, previous, current));
    }
  }

  #add(task: Task): void {
    let slots = this.#services.get(task.serviceId);
    if (slots === undefined) {
      slots = new Map();
      this.#services.set(task.serviceId, slots);
    }
    const slot = slotOf(task);
    slots.set(slot, [...(slots.get(slot) ?? []), task]);
  }

  #remove(task: Task): void {
    const slots = this.#services.get(task.serviceId);
    const left = slots?.get(slotOf(task))?.filter((other) => other !== task) ?? [];
    if (left.length > 0) slots?.set(slotOf(task), left);
    else slots?.delete(slotOf(task));
    if (slots?.size === 0) this.#services.delete(task.serviceId);
  }
}

function replaced(tasks: readonly Task[], previous: Task, current: Task): readonly Task[] {
  return tasks.map((task) => (task === previous ? current : task));
}

const none: ReadonlyMap<SlotKey, readonly Task[]> = new Map();
