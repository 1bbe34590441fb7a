import { changedTask } from "../model/changed.ts";
import type { Rejection } from "../model/rejection.ts";
import { TaskState } from "../model/task-state.ts";
import type { StoreView } from "../store/view.ts";
import { type Decided, notFound, updating } from "./decided.ts";

/**
 * The task is to stop and is then forgotten, as one that was scaled away. SwarmKit (`RemoveTask`)
 * forgets it at once, and with it what its container takes up until its node has heard of it.
 */
export function removeTask(view: StoreView, id: string): Decided | Rejection {
  const task = view.tasks.get(id);
  if (task === undefined) return notFound("task", id);
  if (task.desiredState === TaskState.REMOVE) return { id, changes: [] };
  return updating(changedTask(task, { desiredState: TaskState.REMOVE }));
}
