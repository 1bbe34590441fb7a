import { z } from "zod";
import { isEqual } from "../../../core/base/equal.ts";
import type { NetworkAttachment } from "../../../core/model/network.ts";
import { defaultRestart } from "../../../core/model/service-defaults.ts";
import type {
  LogDriver,
  Placement,
  RestartPolicy,
  TaskSpec,
} from "../../../core/model/task-spec.ts";
import { ApiError } from "../routes.ts";
import { containerSchema, containerSpecOf, dockerContainer } from "./container-spec.ts";
import {
  count,
  dockerObject,
  integer,
  labels,
  lean,
  mapOf,
  nanos,
  nanosOf,
  spanOf,
  text,
  texts,
  wordOf,
} from "./schema.ts";

const generic = dockerObject({
  DiscreteResourceSpec: dockerObject({ Kind: text, Value: count }).optional(),
});

const restart = dockerObject({
  Condition: text,
  Delay: nanos,
  MaxAttempts: count,
  Window: nanos,
});

const preference = dockerObject({
  Spread: dockerObject({ SpreadDescriptor: text }).optional(),
});

const placement = dockerObject({
  Constraints: texts,
  Preferences: z.array(preference).optional(),
  MaxReplicas: count,
  Platforms: z.array(dockerObject({ Architecture: text, OS: text })).optional(),
});

export const attachmentsSchema = z
  .array(dockerObject({ Target: text, Aliases: texts, DriverOpts: labels }))
  .optional();

export const logDriverSchema = dockerObject({ Name: text, Options: labels });

export const taskSchema = dockerObject({
  ContainerSpec: containerSchema.optional(),
  Resources: dockerObject({
    Limits: dockerObject({ NanoCPUs: integer, MemoryBytes: integer, Pids: integer }).optional(),
    Reservations: dockerObject({
      NanoCPUs: integer,
      MemoryBytes: integer,
      GenericResources: z.array(generic).optional(),
    }).optional(),
  }).optional(),
  RestartPolicy: restart.optional(),
  Placement: placement.optional(),
  ForceUpdate: count,
  Runtime: text,
  Networks: attachmentsSchema,
  LogDriver: logDriverSchema.optional(),
});

export type DockerTaskSpec = z.infer<typeof taskSchema>;

/** `before` gives what Docker has no words for. */
export function taskSpecOf(docker: DockerTaskSpec, before: TaskSpec): TaskSpec {
  const { ContainerSpec, Resources, Runtime, LogDriver: driver } = docker;
  wordOf(Runtime, ["container"], "container", `Runtime "${Runtime}" is not supported`);
  if (ContainerSpec === undefined) throw new ApiError(400, "mismatched Runtime and *Spec fields");
  const { Limits, Reservations } = Resources ?? {};
  return {
    container: containerSpecOf(ContainerSpec, before.container),
    reservations: {
      nanoCpus: Reservations?.NanoCPUs ?? 0,
      memoryBytes: Reservations?.MemoryBytes ?? 0,
    },
    limits: {
      nanoCpus: Limits?.NanoCPUs ?? 0,
      memoryBytes: Limits?.MemoryBytes ?? 0,
      pids: Limits?.Pids ?? 0,
    },
    genericReservations: genericOf(Reservations?.GenericResources ?? []),
    restart: restartOf(docker.RestartPolicy ?? {}, before.restart),
    placement: placementOf(docker.Placement ?? {}, before.placement),
    priority: before.priority,
    networks: attachmentsOf(docker.Networks),
    logDriver: driver === undefined ? null : logDriverOf(driver),
    forceUpdate: docker.ForceUpdate ?? 0,
  };
}

/** With `isComplete` also what is as nobody has said it. */
export function dockerTask(spec: TaskSpec, isComplete: boolean): DockerTaskSpec {
  const { container, restart: policy, networks, logDriver } = spec;
  const usual = { ...defaultRestart, maxDelay: policy.maxDelay };
  const resources = dockerResources(spec);
  return {
    ContainerSpec: dockerContainer(container, isComplete),
    ...(isComplete ? { Resources: resources } : lean({ Resources: resources })),
    ...(isComplete || !isEqual(policy, usual) ? { RestartPolicy: dockerRestart(policy) } : {}),
    // `docker service update --replicas-max-per-node` of today can't do without.
    Placement: dockerPlacement(spec.placement),
    ...lean({ Networks: dockerAttachments(networks) }),
    ...(logDriver === null ? {} : { LogDriver: dockerLogDriver(logDriver) }),
    ForceUpdate: spec.forceUpdate,
    Runtime: "container",
  };
}

export function attachmentsOf(docker: z.infer<typeof attachmentsSchema>): NetworkAttachment[] {
  return (docker ?? []).map(({ Target = "", Aliases = [], DriverOpts }) => {
    const driverOptions = mapOf(DriverOpts);
    const options = driverOptions.size === 0 ? {} : { driverOptions };
    return { target: Target, aliases: Aliases, ...options };
  });
}

function dockerAttachments(networks: readonly NetworkAttachment[]) {
  return networks.map(({ target, aliases, driverOptions = [] }) => {
    const DriverOpts = Object.fromEntries(driverOptions);
    return { Target: target, ...lean({ Aliases: [...aliases], DriverOpts }) };
  });
}

function dockerResources({ limits, reservations, genericReservations }: TaskSpec) {
  const GenericResources = [...genericReservations].map(([Kind, Value]) => {
    return { DiscreteResourceSpec: { Kind, Value } };
  });
  return lean({
    Limits: lean({
      NanoCPUs: limits.nanoCpus,
      MemoryBytes: limits.memoryBytes,
      Pids: limits.pids,
    }),
    Reservations: lean({
      NanoCPUs: reservations.nanoCpus,
      MemoryBytes: reservations.memoryBytes,
      GenericResources,
    }),
  });
}

function genericOf(resources: readonly z.infer<typeof generic>[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const { DiscreteResourceSpec } of resources) {
    const { Kind = "", Value = 0 } = DiscreteResourceSpec ?? {};
    if (Kind === "") throw new ApiError(400, "invalid generic resource: Kind is missing");
    const sum = (found.get(Kind) ?? 0) + Value;
    if (!Number.isSafeInteger(sum)) {
      throw new ApiError(400, `invalid generic resource ${Kind}: no node has ${sum} of it`);
    }
    found.set(Kind, sum);
  }
  return found;
}

function restartOf(
  { Condition, Delay, MaxAttempts = 0, Window = 0 }: z.infer<typeof restart>,
  { maxDelay }: RestartPolicy,
): RestartPolicy {
  const conditions = ["none", "on-failure", "any"] as const;
  return {
    condition: wordOf(Condition, conditions, "any", `invalid RestartCondition: "${Condition}"`),
    delay: Delay === undefined ? defaultRestart.delay : spanOf(Delay),
    maxDelay,
    maxAttempts: MaxAttempts,
    window: spanOf(Window),
  };
}

function dockerRestart({ condition, delay, maxAttempts, window }: RestartPolicy) {
  return {
    Condition: condition,
    Delay: nanosOf(delay),
    MaxAttempts: maxAttempts,
    ...lean({ Window: nanosOf(window) }),
  };
}

function placementOf(docker: z.infer<typeof placement>, before: Placement): Placement {
  const { Constraints = [], Preferences = [], MaxReplicas = 0, Platforms = [] } = docker;
  return {
    constraints: Constraints,
    preferences: Preferences.map(({ Spread }) => Spread?.SpreadDescriptor ?? ""),
    maxReplicas: MaxReplicas,
    platforms: Platforms.map(({ Architecture = "", OS = "" }) => {
      return { architecture: Architecture, os: OS };
    }),
    affinity: before.affinity,
    antiAffinity: before.antiAffinity,
    strategy: before.strategy,
  };
}

function dockerPlacement({ constraints, preferences, maxReplicas, platforms }: Placement) {
  return lean({
    Constraints: [...constraints],
    Preferences: preferences.map((SpreadDescriptor) => ({ Spread: { SpreadDescriptor } })),
    MaxReplicas: maxReplicas,
    Platforms: platforms.map(({ os, architecture }) => {
      return lean({ Architecture: architecture, OS: os });
    }),
  });
}

export function logDriverOf({ Name = "", Options }: z.infer<typeof logDriverSchema>): LogDriver {
  return { name: Name, options: mapOf(Options) };
}

export function dockerLogDriver({ name, options }: LogDriver) {
  return { Name: name, ...lean({ Options: Object.fromEntries(options) }) };
}
