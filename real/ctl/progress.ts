import { constants } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { isEqual } from "../../core/base/equal.ts";
import type { Service } from "../../core/model/service.ts";
import type { Task } from "../../core/model/task.ts";
import { isWanted, stateName, TaskState } from "../../core/model/task-state.ts";
import { isPaused, isRollback, isUpdating } from "../../core/model/update-config.ts";
import type { Session } from "./session.ts";

const lookEveryMs = 200;
/** So long everything must have been as wanted before it counts: tasks may fail at once. */
const steadyMs = 1_000;

/** How far a service is on its way to what is wanted of it. */
export interface Progress {
  readonly isDone: boolean;
  /** Why it won't get there by itself; null: it may. */
  readonly isStuck: string | null;
  readonly line: string;
}

/** What the tasks of a service say. */
export function progressOf(service: Service, tasks: readonly Task[]): Progress {
  const { spec, updateStatus, specVersion } = service;
  const wanted = tasks.filter(
    ({ desiredState, jobIteration }) =>
      isWanted(desiredState) && jobIteration === (service.job?.iteration ?? null),
  );
  const current = wanted.filter(
    (task) => task.specVersion === specVersion || isSameButForPlacement(task, service),
  );
  const done = spec.mode.kind.endsWith("job") ? TaskState.COMPLETE : TaskState.RUNNING;
  const there = current.filter(({ status }) => status.state === done).length;
  const total = totalOf(service, wanted);
  const roll = updateStatus === null ? "" : `  ${updateStatus.state}`;
  const line = `${spec.name}: ${there} of ${total} ${stateName(done)}${roll}${troubleOf(wanted)}`;
  const isStuck = isPaused(updateStatus) ? (updateStatus?.message ?? "paused") : null;
  const isDone = there === total && wanted.length === total && !isUpdating(updateStatus);
  return { isDone, isStuck, line };
}

/** A task stays when only the placement has changed and its node still fits. */
function isSameButForPlacement(task: Task, { spec }: Service): boolean {
  return isEqual({ ...task.spec, placement: null }, { ...spec.task, placement: null });
}

function totalOf({ spec }: Service, wanted: readonly Task[]): number {
  const { mode } = spec;
  if (mode.kind === "replicated") return mode.replicas;
  return mode.kind === "replicated-job" ? mode.totalCompletions : wanted.length;
}

/** What keeps a task from running, of the first that says so. */
function troubleOf(tasks: readonly Task[]): string {
  const troubled = tasks.find(({ status }) => status.err !== "");
  return troubled === undefined ? "" : `  (${troubled.name}: ${troubled.status.err})`;
}

/** Follows the service until it is as wanted; says how far it is. Throws when it is stuck. */
export async function follow(session: Session, name: string): Promise<void> {
  const { surroundings } = session;
  const interrupted = () => {
    const how = `'swarmctl service ps ${name}' shows how far it is`;
    surroundings.out(`\n${name}: this goes on without you: ${how}\n`);
    process.exit(128 + constants.signals.SIGINT);
  };
  process.once("SIGINT", interrupted);
  try {
    await untilAsWanted(session, name);
  } finally {
    process.off("SIGINT", interrupted);
  }
}

async function untilAsWanted({ client, surroundings }: Session, name: string): Promise<void> {
  let shown = "";
  let doneSince: number | null = null;
  for (;;) {
    const [service] = await client.query({ kind: "get-service", name });
    if (service === undefined) throw new Error(`service '${name}' was removed meanwhile`);
    const progress = progressOf(
      service,
      await client.query({ kind: "list-tasks", service: service.id }),
    );
    if (progress.line !== shown) surroundings.out(lineOf(progress.line, surroundings.isTerminal));
    shown = progress.line;
    if (progress.isStuck !== null) throw new Error(stuck(service, progress.isStuck));
    if (!progress.isDone) doneSince = null;
    else doneSince ??= surroundings.now();
    if (doneSince !== null && surroundings.now() - doneSince >= steadyMs) break;
    await pause(lookEveryMs);
  }
  surroundings.out(`${surroundings.isTerminal ? "\n" : ""}${name}: as wanted\n`);
}

function lineOf(line: string, isTerminal: boolean): string {
  return isTerminal ? `\r\u001b[2K${line}` : `${line}\n`;
}

function stuck({ spec, updateStatus }: Service, reason: string): string {
  const what = isRollback(updateStatus) ? "the rollback" : "the update";
  return (
    `${what} of ${spec.name} is paused: ${reason}. Correct the spec with 'swarmctl service ` +
    `update', or go back with 'swarmctl service rollback ${spec.name}'.`
  );
}
