import type { Task } from "../../core/model/task.ts";
import { TaskState } from "../../core/model/task-state.ts";

/**
 * True when the task has ended and nobody but itself made it. The checkers have their own
 * definition on purpose: they are to see when core's is wrong.
 */
export function endedByItself({ status: { state, isLost } }: Task): boolean {
  const itsOwn: TaskState[] = [TaskState.COMPLETE, TaskState.FAILED, TaskState.REJECTED];
  return isLost !== true && itsOwn.includes(state);
}
