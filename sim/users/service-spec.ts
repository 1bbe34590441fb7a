import { ms, seconds } from "../../core/base/time.ts";
import type {
  ContainerSpec,
  FileReference,
  HealthConfig,
} from "../../core/model/container-spec.ts";
import type { EndpointSpec, PortConfig } from "../../core/model/endpoint.ts";
import type { Mount } from "../../core/model/mount.ts";
import type { Platform } from "../../core/model/node.ts";
import type { ServiceMode, ServiceSpec } from "../../core/model/service.ts";
import { filePlace, serviceSpec } from "../../core/model/service-defaults.ts";
import type { Placement, RestartPolicy, TaskSpec } from "../../core/model/task-spec.ts";
import type { UpdateConfig } from "../../core/model/update-config.ts";
import { environmentOf } from "../ports/program.ts";
import type {
  HealthPlan,
  NamedService,
  PortPlan,
  RestartPlan,
  ServicePlan,
  UpdatePlan,
} from "../scenario/service-words.ts";
import { memory, nanoCpus, type Span, span } from "../scenario/units.ts";

const million = 1_000_000;

/** The spec that a plan asks for, with SwarmKit's defaults where it says nothing. */
export function specOf({ name, ...plan }: NamedService): ServiceSpec {
  const first = serviceSpec(name, plan.image, plan.replicas ?? 1);
  return changed({ ...first, mode: firstMode(plan) }, plan);
}

/** `spec` with those parts replaced that `change` names. */
export function changed(spec: ServiceSpec, change: Partial<ServicePlan>): ServiceSpec {
  return {
    ...spec,
    mode: modeOf(spec.mode, change),
    task: taskOf(spec.task, change),
    update: updateOf(spec.update, change.update),
    rollback: updateOf(spec.rollback, change.rollback),
    endpoint: endpointOf(spec.endpoint, change),
    dependsOn: change.dependsOn ?? spec.dependsOn,
  };
}

function firstMode({ mode = "replicated", replicas = 1, maxConcurrent }: ServicePlan): ServiceMode {
  switch (mode) {
    case "replicated":
      return { kind: mode, replicas };
    case "replicated-job":
      return { kind: mode, maxConcurrent: maxConcurrent ?? replicas, totalCompletions: replicas };
    default:
      return { kind: mode };
  }
}

function modeOf(mode: ServiceMode, { replicas, maxConcurrent }: Partial<ServicePlan>): ServiceMode {
  if (mode.kind === "replicated") return { ...mode, replicas: replicas ?? mode.replicas };
  if (mode.kind !== "replicated-job") return mode;
  const totalCompletions = replicas ?? mode.totalCompletions;
  return { ...mode, maxConcurrent: maxConcurrent ?? mode.maxConcurrent, totalCompletions };
}

function taskOf(task: TaskSpec, change: Partial<ServicePlan>): TaskSpec {
  const { reservations } = task;
  return {
    ...task,
    container: containerOf(task.container, change),
    reservations: {
      nanoCpus: change.cpus === undefined ? reservations.nanoCpus : nanoCpus(change.cpus),
      memoryBytes: change.memory === undefined ? reservations.memoryBytes : memory(change.memory),
    },
    genericReservations:
      change.generic === undefined
        ? task.genericReservations
        : new Map(Object.entries(change.generic)),
    restart: restartOf(task.restart, change.restart),
    placement: placementOf(task.placement, change),
    priority: change.priority ?? task.priority,
    networks:
      change.networks === undefined
        ? task.networks
        : change.networks.map((target) => ({ target, aliases: [] })),
    forceUpdate: change.forceUpdate ?? task.forceUpdate,
  };
}

function containerOf(container: ContainerSpec, change: Partial<ServicePlan>): ContainerSpec {
  return {
    ...container,
    image: change.image ?? container.image,
    env: environmentOf(container.env, change),
    health: change.health === undefined ? container.health : healthOf(change.health),
    mounts: change.volumes === undefined ? container.mounts : change.volumes.map(mountOf),
    secrets: change.secrets === undefined ? container.secrets : change.secrets.map(fileOf),
    configs: change.configs === undefined ? container.configs : change.configs.map(fileOf),
    stopGracePeriod: spanOr(change.stopGracePeriod, container.stopGracePeriod),
  };
}

function mountOf(name: string): Mount {
  return { kind: "cluster", source: name, target: `/${name}`, readOnly: false };
}

/** Whoever asks for the service finds out the id (see `Operator`). */
function fileOf(name: string): FileReference {
  return { id: "", name, ...filePlace(name) };
}

/** Docker's defaults. */
function healthOf({ interval, timeout, retries, startPeriod }: HealthPlan): HealthConfig {
  return {
    test: ["CMD", "healthy"],
    interval: spanOr(interval, seconds(30)),
    timeout: spanOr(timeout, seconds(30)),
    retries: retries ?? 3,
    startPeriod: spanOr(startPeriod, ms(0)),
  };
}

function placementOf(placement: Placement, change: Partial<ServicePlan>): Placement {
  return {
    ...placement,
    constraints: change.constraints ?? placement.constraints,
    platforms: change.platforms?.map(platformOf) ?? placement.platforms,
    preferences: change.spreadOver ?? placement.preferences,
    maxReplicas: change.maxReplicasPerNode ?? placement.maxReplicas,
    affinity: change.affinity ?? placement.affinity,
    antiAffinity: change.antiAffinity ?? placement.antiAffinity,
    strategy: change.strategy ?? placement.strategy,
  };
}

function platformOf(text: string): Platform {
  const [os = "", architecture = ""] = text.split("/");
  return { os, architecture };
}

function restartOf(restart: RestartPolicy, change: RestartPlan = {}): RestartPolicy {
  return {
    condition: change.condition ?? restart.condition,
    delay: spanOr(change.delay, restart.delay),
    maxDelay: spanOr(change.maxDelay, restart.maxDelay),
    maxAttempts: change.maxAttempts ?? restart.maxAttempts,
    window: spanOr(change.window, restart.window),
  };
}

function updateOf(update: UpdateConfig, change: UpdatePlan = {}): UpdateConfig {
  const ratio = change.maxFailureRatio;
  return {
    parallelism: change.parallelism ?? update.parallelism,
    delay: spanOr(change.delay, update.delay),
    failureAction: change.failureAction ?? update.failureAction,
    monitor: spanOr(change.monitor, update.monitor),
    maxFailureRatioPpm:
      ratio === undefined ? update.maxFailureRatioPpm : Math.round(ratio * million),
    order: change.order ?? update.order,
    progressDeadline: spanOr(change.progressDeadline, update.progressDeadline),
  };
}

function endpointOf(
  endpoint: EndpointSpec,
  { ports, endpointMode }: Partial<ServicePlan>,
): EndpointSpec {
  return {
    mode: endpointMode ?? endpoint.mode,
    ports: ports === undefined ? endpoint.ports : ports.map(portOf),
  };
}

function portOf({
  target,
  published = 0,
  protocol = "tcp",
  mode = "ingress",
}: PortPlan): PortConfig {
  return {
    ...{ name: "", protocol, targetPort: target, publishedPort: published },
    publishMode: mode,
  };
}

function spanOr<T>(written: Span | undefined, otherwise: T): T | ReturnType<typeof span> {
  return written === undefined ? otherwise : span(written);
}
