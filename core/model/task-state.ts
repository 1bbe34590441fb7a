/**
 * The states of a task, with SwarmKit's values (`api/types.proto`). A task only moves to a higher
 * one; desired states use the same scale.
 */
export const TaskState = {
  NEW: 0,
  PENDING: 64,
  ASSIGNED: 192,
  ACCEPTED: 256,
  PREPARING: 320,
  READY: 384,
  STARTING: 448,
  RUNNING: 512,
  COMPLETE: 576,
  SHUTDOWN: 640,
  FAILED: 704,
  REJECTED: 768,
  /** Only ever desired: the task is to be stopped and then forgotten. */
  REMOVE: 800,
  ORPHANED: 832,
} as const;

export type TaskState = (typeof TaskState)[keyof typeof TaskState];

const names = new Map<TaskState, string>(
  Object.entries(TaskState).map(([name, state]) => [state, name]),
);

/** The name of a state in capitals, as SwarmKit prints it. */
export function stateName(state: TaskState): string {
  return names.get(state) ?? `STATE_${state}`;
}

/**
 * Who may move a task. Every step belongs to exactly one of them (SwarmKit design/tla), except for
 * REJECTED, which the agent says of what can't be prepared and the enforcer of what may no longer
 * be where it is (SwarmKit `constraintenforcer`).
 */
export type TaskActor =
  | "orchestrator"
  | "allocator"
  | "scheduler"
  | "agent"
  | "dispatcher"
  | "enforcer";

/** True when the task has stopped for good, whatever the reason. */
export function isTerminal(state: TaskState): boolean {
  return state > TaskState.RUNNING;
}

/**
 * True of a desired state under which the task is to run, now or when its turn comes: READY,
 * RUNNING, and COMPLETE for a job's task. Whatever is desired beyond is that it stops.
 */
export function isWanted(desired: TaskState): boolean {
  return desired <= TaskState.COMPLETE;
}

/** True when the step from `from` to `to` is legal and `actor`'s to take. */
export function mayStep(actor: string, from: TaskState | null, to: TaskState): boolean {
  if (actor !== "enforcer") return stepOwner(from, to) === actor;
  if (from === null || from < TaskState.ASSIGNED) return false;
  return from <= TaskState.RUNNING && to === TaskState.REJECTED;
}

/**
 * Who owns the step from `from` to `to`, or null when it is nobody's but the enforcer's. Ours: in
 * SwarmKit every task begins as NEW.
 */
export function stepOwner(from: TaskState | null, to: TaskState): TaskActor | null {
  if (from === null) return to <= TaskState.PENDING ? "orchestrator" : null;
  if (from === TaskState.NEW) return to === TaskState.PENDING ? "allocator" : null;
  if (from === TaskState.PENDING) return ownerOfPending(to);
  if (to <= from || isTerminal(from)) return null;
  if (to === TaskState.ORPHANED) return "dispatcher";
  if (to === TaskState.REMOVE) return null;
  if (to === TaskState.REJECTED) return from < TaskState.STARTING ? "agent" : null;
  return "agent";
}

function ownerOfPending(to: TaskState): TaskActor | null {
  return to === TaskState.ASSIGNED || to === TaskState.SHUTDOWN ? "scheduler" : null;
}
