import { unreachable } from "../base/assert.ts";
import { isEqual } from "../base/equal.ts";
import { limits } from "../base/limits.ts";
import { parseConstraint } from "../model/constraint.ts";
import { invalidArgument, isRejection, type Rejection } from "../model/rejection.ts";
import type { Resources } from "../model/resources.ts";
import { isJob, type ServiceSpec } from "../model/service.ts";
import { defaultUpdate } from "../model/service-defaults.ts";
import type { TaskSpec } from "../model/task-spec.ts";
import type { UpdateConfig } from "../model/update-config.ts";
import { isCount, spanProblem } from "./count.ts";
import { containerProblem } from "./validate-container.ts";

/** Each letter fits in one way only: what does not fit is known at once, whatever its length. */
const serviceName = /^[a-zA-Z0-9](?:[-_]*[A-Za-z0-9])*$/;
const leastNanoCpus = 1_000_000;
const leastMemoryBytes = 4 * 1024 * 1024;

/** Why a service's spec can't be stored, or null. Texts are SwarmKit's (`controlapi`). */
export function validateServiceSpec(spec: ServiceSpec): Rejection | null {
  const message =
    nameProblem(spec.name) ??
    modeProblem(spec) ??
    jobUpdateProblem(spec) ??
    updateProblem("update", spec.update) ??
    updateProblem("rollback", spec.rollback) ??
    taskProblem(spec);
  return message === null ? null : invalidArgument(message);
}

function nameProblem(name: string): string | null {
  if (name === "") return "meta: name must be provided";
  if (name.length > 63) return "name must be 63 characters or fewer";
  if (!serviceName.test(name)) return "name must be valid as a DNS name component";
  return null;
}

/**
 * Of a job that may run nothing at a time SwarmKit says nothing: it never runs. Nor does it bound
 * how many tasks a service may have.
 */
function modeProblem({ mode }: ServiceSpec): string | null {
  const most = limits.tasksOfService;
  switch (mode.kind) {
    case "replicated":
      if (mode.replicas > most) return `Number of replicas must be at most ${most}`;
      return isCount(mode.replicas) ? null : "Number of replicas must be non-negative";
    case "replicated-job":
      if (!isCount(mode.totalCompletions)) return "Total completions must be non-negative";
      if (mode.totalCompletions > most) return `Total completions must be at most ${most}`;
      if (isCount(mode.maxConcurrent) && mode.maxConcurrent > 0) return null;
      return "Maximum concurrent jobs must be positive";
    case "global":
    case "global-job":
      return null;
    default:
      return unreachable(mode);
  }
}

/** The default of a job stands for none: it is never used, since an update runs the job again. */
function jobUpdateProblem(spec: ServiceSpec): string | null {
  if (!isJob(spec) || isEqual(spec.update, defaultUpdate)) return null;
  return "Jobs may not have an update config";
}

/** SwarmKit checks `update` only, and lets a rollback run into what it would have refused. */
function updateProblem(which: "update" | "rollback", config: UpdateConfig): string | null {
  const { parallelism, delay, monitor, maxFailureRatioPpm: ratio, progressDeadline } = config;
  if (!isCount(parallelism)) return `TaskSpec: ${which}-parallelism cannot be negative`;
  const isRatio = ratio >= 0 && ratio <= 1_000_000;
  if (!isRatio) return `TaskSpec: ${which}-maxfailureratio cannot be less than 0 or bigger than 1`;
  return (
    spanProblem(`TaskSpec: ${which}-delay`, delay) ??
    spanProblem(`TaskSpec: ${which}-monitor`, monitor) ??
    spanProblem(`TaskSpec: ${which}-progress-deadline`, progressDeadline)
  );
}

function taskProblem({ task, labels }: ServiceSpec): string | null {
  return (
    containerProblem(task.container, labels) ??
    resourcesProblem(task.reservations) ??
    resourcesProblem(task.limits) ??
    limitsProblem(task) ??
    restartProblem(task) ??
    constraintProblem(task.placement.constraints)
  );
}

/** As Go writes a fraction (`%g`): `0.0005`, `1e-08`. */
function goText(value: number): string {
  if (Math.abs(value) >= 1e-4) return String(value);
  return value.toExponential().replace(/-(\d)$/, "-0$1");
}

function resourcesProblem({ nanoCpus, memoryBytes }: Resources): string | null {
  if (nanoCpus !== 0 && (!isCount(nanoCpus) || nanoCpus < leastNanoCpus)) {
    return `invalid cpu value ${goText(nanoCpus / 1e9)}: Must be at least ${leastNanoCpus / 1e9}`;
  }
  if (memoryBytes !== 0 && (!isCount(memoryBytes) || memoryBytes < leastMemoryBytes)) {
    return `invalid memory value ${memoryBytes}: Must be at least 4MiB`;
  }
  return null;
}

/** SwarmKit leaves it to the engine to say so, at every start of such a task. */
function limitsProblem({ limits, reservations }: TaskSpec): string | null {
  if (!isCount(limits.pids)) return `invalid pids limit ${limits.pids}: Must not be negative`;
  const { memoryBytes } = limits;
  if (memoryBytes === 0 || memoryBytes >= reservations.memoryBytes) return null;
  return "Minimum memory limit can not be less than memory reservation limit, see usage";
}

function restartProblem({ restart, container }: TaskSpec): string | null {
  if (!isCount(restart.maxAttempts)) return "TaskSpec: restart-max-attempts cannot be negative";
  return (
    spanProblem("TaskSpec: restart-delay", restart.delay) ??
    spanProblem("TaskSpec: restart-max-delay", restart.maxDelay) ??
    spanProblem("TaskSpec: restart-window", restart.window) ??
    spanProblem("TaskSpec: stop-grace-period", container.stopGracePeriod)
  );
}

function constraintProblem(constraints: readonly string[]): string | null {
  for (const text of constraints) {
    const parsed = parseConstraint(text);
    if (isRejection(parsed)) return parsed.message;
  }
  return null;
}
