import type { Task } from "../model/task.ts";

/** Of each service, by its id, its tasks in their order. `tasks`: all of theirs, or more. */
export function tasksByService(
  services: readonly { readonly id: string }[],
  tasks: readonly Task[],
): ReadonlyMap<string, readonly Task[]> {
  const own = new Map(services.map(({ id }) => [id, [] as Task[]]));
  for (const task of tasks) own.get(task.serviceId)?.push(task);
  return own;
}
