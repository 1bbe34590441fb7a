import { z } from "zod";
import { unreachable } from "../../../core/base/assert.ts";
import { isEqual } from "../../../core/base/equal.ts";
import { isJob, type ServiceMode, type ServiceSpec } from "../../../core/model/service.ts";
import { defaultUpdate, serviceSpec } from "../../../core/model/service-defaults.ts";
import type { UpdateConfig } from "../../../core/model/update-config.ts";
import { ApiError } from "../routes.ts";
import { dockerEndpoint, endpointOf, endpointSchema } from "./endpoint.ts";
import {
  count,
  dockerObject,
  labels,
  lean,
  mapOf,
  nanos,
  nanosOf,
  parsed,
  spanOf,
  text,
  wordOf,
} from "./schema.ts";
import {
  attachmentsOf,
  attachmentsSchema,
  dockerTask,
  taskSchema,
  taskSpecOf,
} from "./task-spec.ts";

const update = dockerObject({
  Parallelism: count,
  Delay: nanos,
  FailureAction: text,
  Monitor: nanos,
  MaxFailureRatio: z.number().optional(),
  Order: text,
});

const mode = dockerObject({
  Replicated: dockerObject({ Replicas: count }).optional(),
  Global: dockerObject({}).optional(),
  ReplicatedJob: dockerObject({ MaxConcurrent: count, TotalCompletions: count }).optional(),
  GlobalJob: dockerObject({}).optional(),
});

const service = dockerObject({
  Name: text,
  Labels: labels,
  TaskTemplate: taskSchema.optional(),
  Mode: mode.optional(),
  UpdateConfig: update.optional(),
  RollbackConfig: update.optional(),
  Networks: attachmentsSchema,
  EndpointSpec: endpointSchema.optional(),
});

/** Docker's `ServiceSpec`, as it is sent and shown. */
export type DockerService = z.infer<typeof service>;

/**
 * The spec as ours. `before`: the service's until now, which gives what Docker has no words for;
 * null: it is a new one. Throws an `ApiError` that names what can't be had.
 */
export function serviceSpecOf(body: unknown, before: ServiceSpec | null): ServiceSpec {
  const docker = parsed(service, body);
  const base = before ?? serviceSpec("", "", 1);
  const task = taskSpecOf(docker.TaskTemplate ?? {}, base.task);
  const older = attachmentsOf(docker.Networks);
  return {
    name: docker.Name ?? "",
    labels: mapOf(docker.Labels),
    mode: modeOf(docker.Mode ?? {}),
    task: task.networks.length === 0 ? { ...task, networks: older } : task,
    update: updateOf(docker.UpdateConfig, base.update),
    rollback: updateOf(docker.RollbackConfig, base.rollback),
    endpoint: endpointOf(docker.EndpointSpec ?? {}),
    dependsOn: base.dependsOn,
  };
}

/** With `isComplete` also what is as nobody has said it (Docker's `insertDefaults`). */
export function dockerService(spec: ServiceSpec, isComplete = false): DockerService {
  const { name, task, update: rollout, rollback, endpoint } = spec;
  return {
    Name: name,
    Labels: Object.fromEntries(spec.labels),
    TaskTemplate: dockerTask(task, isComplete),
    Mode: dockerMode(spec.mode),
    ...(isShown(spec, rollout, isComplete) ? { UpdateConfig: dockerUpdate(rollout) } : {}),
    ...(isShown(spec, rollback, isComplete) ? { RollbackConfig: dockerUpdate(rollback) } : {}),
    EndpointSpec: dockerEndpoint(endpoint),
  };
}

/** A job is never updated but run again: it has the usual ones, or one that was said. */
function isShown(spec: ServiceSpec, config: UpdateConfig, isComplete: boolean): boolean {
  const usual = { ...defaultUpdate, progressDeadline: config.progressDeadline };
  return (isComplete && !isJob(spec)) || !isEqual(config, usual);
}

function modeOf({ Replicated, Global, ReplicatedJob, GlobalJob }: z.infer<typeof mode>) {
  const modes: ServiceMode[] = [];
  if (Replicated !== undefined) {
    modes.push({ kind: "replicated", replicas: Replicated.Replicas ?? 1 });
  }
  if (Global !== undefined) modes.push({ kind: "global" });
  if (ReplicatedJob !== undefined) {
    const { MaxConcurrent: maxConcurrent = 1, TotalCompletions } = ReplicatedJob;
    const totalCompletions = TotalCompletions ?? maxConcurrent;
    modes.push({ kind: "replicated-job", maxConcurrent, totalCompletions });
  }
  if (GlobalJob !== undefined) modes.push({ kind: "global-job" });
  if (modes.length > 1) throw new ApiError(400, "must specify only one service mode");
  return modes[0] ?? { kind: "replicated", replicas: 1 };
}

function dockerMode(kind: ServiceMode): z.infer<typeof mode> {
  switch (kind.kind) {
    case "replicated":
      return { Replicated: { Replicas: kind.replicas } };
    case "global":
      return { Global: {} };
    case "replicated-job": {
      const { maxConcurrent: MaxConcurrent, totalCompletions: TotalCompletions } = kind;
      return { ReplicatedJob: { MaxConcurrent, TotalCompletions } };
    }
    case "global-job":
      return { GlobalJob: {} };
    default:
      return unreachable(kind);
  }
}

function updateOf(
  docker: z.infer<typeof update> | undefined,
  { progressDeadline }: UpdateConfig,
): UpdateConfig {
  if (docker === undefined) return { ...defaultUpdate, progressDeadline };
  const { Parallelism = 0, Delay = 0, FailureAction, Monitor = 0, MaxFailureRatio = 0 } = docker;
  return {
    parallelism: Parallelism,
    delay: spanOf(Delay),
    failureAction: wordOf(
      FailureAction,
      ["pause", "continue", "rollback"],
      "pause",
      `unrecognized update failure action ${FailureAction}`,
    ),
    monitor: Monitor === 0 ? defaultUpdate.monitor : spanOf(Monitor),
    maxFailureRatioPpm: Math.round(MaxFailureRatio * 1_000_000),
    order: wordOf(
      docker.Order,
      ["stop-first", "start-first"],
      "stop-first",
      `unrecognized update order ${docker.Order}`,
    ),
    progressDeadline,
  };
}

function dockerUpdate(config: UpdateConfig): z.infer<typeof update> {
  return {
    Parallelism: config.parallelism,
    ...lean({ Delay: nanosOf(config.delay) }),
    FailureAction: config.failureAction,
    ...lean({ Monitor: nanosOf(config.monitor) }),
    MaxFailureRatio: config.maxFailureRatioPpm / 1_000_000,
    Order: config.order,
  };
}
