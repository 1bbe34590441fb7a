import type { Task } from "../model/task.ts";

const nothing: ReadonlyMap<string, Task> = new Map();

/** Tasks by something that they have in common, such as their service; each group by id. */
export class TaskGroups {
  readonly #groups = new Map<string, Map<string, Task>>();

  of(key: string): ReadonlyMap<string, Task> {
    return this.#groups.get(key) ?? nothing;
  }

  put(key: string, task: Task): void {
    const group = this.#groups.get(key);
    if (group !== undefined) group.set(task.id, task);
    else this.#groups.set(key, new Map<string, Task>().set(task.id, task));
  }

  delete(key: string, id: string): void {
    const group = this.#groups.get(key);
    group?.delete(id);
    if (group?.size === 0) this.#groups.delete(key);
  }
}
