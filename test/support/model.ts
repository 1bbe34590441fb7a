import { type Duration, seconds, type Timestamp } from "../../core/base/time.ts";
import { type Cluster, type ClusterSpec, defaultClusterSpec } from "../../core/model/cluster.ts";
import type { FileReference, HealthConfig } from "../../core/model/container-spec.ts";
import { noEndpoint, type PortConfig } from "../../core/model/endpoint.ts";
import { newestLevel } from "../../core/model/level.ts";
import { unlocked } from "../../core/model/manager-lock.ts";
import type { Meta } from "../../core/model/meta.ts";
import type { Mount } from "../../core/model/mount.ts";
import type { Network } from "../../core/model/network.ts";
import type { Node, NodeDescription } from "../../core/model/node.ts";
import { defaultOverlaySettings } from "../../core/model/overlay.ts";
import type { GenericResource, Resources } from "../../core/model/resources.ts";
import type { Config, Secret } from "../../core/model/secret.ts";
import {
  isJob,
  type Service,
  type ServiceMode,
  type ServiceSpec,
} from "../../core/model/service.ts";
import { filePlace, serviceSpec } from "../../core/model/service-defaults.ts";
import {
  noRestarts,
  type RestartCount,
  type Task,
  type TaskStatus,
} from "../../core/model/task.ts";
import type { LogDriver, Placement, RestartPolicy } from "../../core/model/task-spec.ts";
import { TaskState } from "../../core/model/task-state.ts";
import type { UpdateConfig } from "../../core/model/update-config.ts";
import type { Volume } from "../../core/model/volume.ts";

/** Builders of stored objects: each names only what its test is about. */

const mebi = 1024 * 1024;

/** A moment of the cluster's clock, in seconds. */
export function moment(second: number): Timestamp {
  return (second * 1_000_000) as Timestamp;
}

export function meta(version: number, createdAt = 0, updatedAt = createdAt): Meta {
  return { version, createdAt: moment(createdAt), updatedAt: moment(updatedAt) };
}

/** Processors and mebibytes. */
export function resources(cpus: number, memory: number): Resources {
  return { nanoCpus: Math.round(cpus * 1e9), memoryBytes: memory * mebi };
}

export interface NodeTraits {
  readonly state?: Node["status"]["state"];
  /** Seconds of the cluster's clock; of a node that is down. */
  readonly downSince?: number;
  readonly availableSince?: number;
  readonly availability?: Node["spec"]["availability"];
  readonly role?: Node["role"];
  readonly cpus?: number;
  readonly memory?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly engineLabels?: Readonly<Record<string, string>>;
  readonly os?: string;
  readonly architecture?: string;
  readonly hostname?: string;
  readonly address?: string;
  readonly remoteApiPort?: number;
  readonly plugins?: readonly string[] | null;
  readonly level?: number;
  readonly generic?: Readonly<Record<string, number | readonly string[]>>;
  readonly version?: number;
}

export function description(hostname: string, traits: NodeTraits = {}): NodeDescription {
  return {
    hostname: traits.hostname ?? hostname,
    resources: resources(traits.cpus ?? 4, traits.memory ?? 8192),
    platform: { os: traits.os ?? "linux", architecture: traits.architecture ?? "x86_64" },
    genericResources: new Map(
      Object.entries(traits.generic ?? {}).map(([kind, has]) => [kind, generic(has)]),
    ),
    engineLabels: new Map(Object.entries(traits.engineLabels ?? {})),
    plugins: traits.plugins ?? null,
    address: traits.address ?? "",
    ...(traits.remoteApiPort === undefined ? {} : { remoteApiPort: traits.remoteApiPort }),
    level: traits.level ?? newestLevel,
  };
}

function generic(has: number | readonly string[]): GenericResource {
  return typeof has === "number" ? { kind: "discrete", count: has } : { kind: "named", ids: has };
}

/** A worker that is ready and active, with 4 processors and 8 GiB. */
export function node(id: string, traits: NodeTraits = {}): Node {
  return {
    kind: "node",
    id,
    meta: meta(traits.version ?? 1),
    spec: {
      availability: traits.availability ?? "active",
      labels: new Map(Object.entries(traits.labels ?? {})),
      desiredRole: traits.role ?? "worker",
    },
    description: description(id, traits),
    status: {
      state: traits.state ?? "ready",
      message: "",
      downSince: traits.state === "down" ? moment(traits.downSince ?? 0) : null,
    },
    availableSince: moment(traits.availableSince ?? 0),
    role: traits.role ?? "worker",
    raftId: traits.role === "manager" ? id : null,
    certificate: null,
  };
}

export interface ServiceTraits {
  readonly name?: string;
  /** Default: replicated. */
  readonly mode?: ServiceMode;
  readonly replicas?: number;
  readonly image?: string;
  readonly specVersion?: number;
  readonly version?: number;
  readonly restart?: Partial<RestartPolicy>;
  readonly update?: Partial<UpdateConfig>;
  readonly rollback?: Partial<UpdateConfig>;
  readonly constraints?: readonly string[];
  readonly placement?: Partial<Placement>;
  readonly reservations?: Resources;
  readonly generic?: Readonly<Record<string, number>>;
  readonly priority?: number;
  readonly stopGracePeriod?: Duration;
  /** By name; the id of each is its name. */
  readonly secrets?: readonly string[];
  readonly configs?: readonly string[];
  readonly mounts?: readonly Mount[];
  readonly ports?: readonly Partial<PortConfig>[];
  readonly health?: HealthConfig;
  /** Without options. */
  readonly logDriver?: string;
  readonly dependsOn?: readonly string[];
  readonly waitsFor?: readonly string[];
}

export function spec(name: string, traits: ServiceTraits = {}): ServiceSpec {
  const base = serviceSpec(name, traits.image ?? "web:1", traits.replicas ?? 1);
  const { container, reservations, restart } = base.task;
  return {
    ...base,
    mode: traits.mode ?? base.mode,
    task: {
      ...base.task,
      container: {
        ...container,
        secrets: (traits.secrets ?? []).map(fileReference),
        configs: (traits.configs ?? []).map(fileReference),
        mounts: traits.mounts ?? [],
        stopGracePeriod: traits.stopGracePeriod ?? container.stopGracePeriod,
        health: traits.health ?? null,
      },
      reservations: traits.reservations ?? reservations,
      restart: { ...restart, ...traits.restart },
      genericReservations: new Map(Object.entries(traits.generic ?? {})),
      placement: {
        ...base.task.placement,
        constraints: traits.constraints ?? [],
        ...traits.placement,
      },
      priority: traits.priority ?? 0,
      logDriver: traits.logDriver === undefined ? null : logDriver(traits.logDriver),
    },
    update: { ...base.update, ...traits.update },
    rollback: { ...base.rollback, ...traits.rollback },
    endpoint: { mode: "vip", ports: (traits.ports ?? []).map(port) },
    dependsOn: traits.dependsOn ?? traits.waitsFor ?? [],
  };
}

/** Without options. */
export function logDriver(name: string): LogDriver {
  return { name, options: new Map() };
}

/** A file at the path of its name, by the id of its name. */
export function fileReference(name: string): FileReference {
  return { id: name, name, ...filePlace(name) };
}

/** Port 80 of the container, published in ingress mode at a port that the cluster chooses. */
export function port(traits: Partial<PortConfig> = {}): PortConfig {
  const any = { name: "", protocol: "tcp", publishMode: "ingress" } as const;
  return { ...any, targetPort: 80, publishedPort: 0, ...traits };
}

/** A secret whose id is its name. */
export function secret(name: string, data = "c2VjcmV0"): Secret {
  return { kind: "secret", id: name, meta: meta(1), spec: { name, labels: new Map(), data } };
}

/** A config whose id is its name. */
export function config(name: string, data = "Y29uZmln"): Config {
  return { kind: "config", id: name, meta: meta(1), spec: { name, labels: new Map(), data } };
}

/** A network whose id is its name. */
export function network(name: string, traits: Partial<Network["spec"]> = {}): Network {
  const usual = {
    driver: "overlay",
    internal: false,
    attachable: false,
    enableIpv6: false,
    subnets: [],
  } as const;
  const spec = { name, labels: new Map(), options: new Map(), ...usual, ...traits };
  return { kind: "network", id: name, meta: meta(1), spec, overlay: null };
}

/** A volume of the `local` driver whose id is its name. */
export function volume(
  name: string,
  nodeId: string | null = null,
  traits: Partial<Volume["spec"]> = {},
): Volume {
  const usual = { name, labels: new Map(), driver: "local", availability: "active" } as const;
  return { kind: "volume", id: name, meta: meta(1), spec: { ...usual, ...traits }, nodeId };
}

/** A replicated service of one replica whose name is its id. */
export function service(id: string, traits: ServiceTraits = {}): Service {
  const asked = spec(traits.name ?? id, traits);
  return {
    kind: "service",
    id,
    meta: meta(traits.version ?? 1),
    spec: asked,
    specVersion: traits.specVersion ?? 1,
    previousSpec: null,
    updateStatus: null,
    ports: [],
    waitsFor: traits.waitsFor ?? [],
    job: isJob(asked) ? { iteration: 0, lastExecution: moment(0) } : null,
    rebalanceRequestedAt: null,
  };
}

/** The cluster, with some settings other than the defaults. */
export function settings(change: Partial<ClusterSpec> = {}): Cluster {
  return cluster({ spec: { ...defaultClusterSpec, ...change } });
}

/** Drained nodes stop their tasks at once, as in SwarmKit. */
export const stopFirst = settings({ drain: { order: "stop-first", patience: seconds(0) } });

export type StateName = keyof typeof TaskState;

export interface TaskTraits extends ServiceTraits {
  readonly service?: string;
  readonly slot?: number;
  /** The iteration of the job that it belongs to. */
  readonly job?: number;
  readonly node?: string | null;
  readonly state?: StateName;
  readonly desired?: StateName;
  /** Seconds of the cluster's clock. */
  readonly createdAt?: number;
  readonly appliedAt?: number;
  readonly startAt?: number;
  readonly replaces?: string;
  readonly restarts?: Partial<RestartCount>;
  readonly err?: string;
  readonly exitCode?: number | null;
  readonly isUpdate?: boolean;
  readonly isMove?: boolean;
  readonly preemptedBy?: string;
  readonly nominated?: string;
}

export function status(state: StateName, traits: Partial<TaskStatus> = {}): TaskStatus {
  const nothing = { appliedAt: moment(0), message: "", err: "", exitCode: null };
  return { ...nothing, state: TaskState[state], ...traits };
}

/** A task of service `web` in slot 1 that runs on node `n1`, as wanted. */
export function task(id: string, traits: TaskTraits = {}): Task {
  const serviceId = traits.service ?? "web";
  const slot = traits.slot ?? 1;
  const state = traits.state ?? "RUNNING";
  const isPlaced = TaskState[state] >= TaskState.ASSIGNED;
  return {
    kind: "task",
    id,
    meta: meta(traits.version ?? 1, traits.createdAt),
    serviceId,
    name: `${serviceId}.${slot}`,
    slot,
    nodeId: traits.node === undefined ? (isPlaced ? "n1" : null) : traits.node,
    spec: spec(serviceId, traits).task,
    specVersion: traits.specVersion ?? 1,
    endpoint: noEndpoint,
    isUpdate: traits.isUpdate ?? false,
    isMove: traits.isMove ?? false,
    jobIteration: traits.job ?? null,
    ports: (traits.ports ?? []).map(port),
    networks: [],
    assignedResources: new Map(),
    replaces: traits.replaces ?? null,
    preemptedBy: traits.preemptedBy ?? null,
    nominatedNodeId: traits.nominated ?? null,
    startAt: moment(traits.startAt ?? 0),
    restarts: { ...noRestarts, ...traits.restarts },
    desiredState: TaskState[traits.desired ?? "RUNNING"],
    runningSince: state === "RUNNING" ? moment(traits.appliedAt ?? 0) : null,
    status: status(state, {
      appliedAt: moment(traits.appliedAt ?? 0),
      err: traits.err ?? "",
      exitCode: traits.exitCode ?? null,
    }),
  };
}

/** Port `number` of the node itself. */
export function hostPort(number: number): PortConfig {
  return port({ publishMode: "host", targetPort: number, publishedPort: number });
}

/** A task that runs on `n1`, which answers on `number` for its port 80, published at 8080. */
export function serving(id: string, number: number, traits: TaskTraits = {}): Task {
  const made = task(id, { ports: [{ publishedPort: 8080 }], ...traits });
  const hostPorts = [{ protocol: "tcp", targetPort: 80, hostPort: number }] as const;
  return { ...made, status: { ...made.status, hostPorts } };
}

/** The policy that restarts at once. */
export const noDelay: Partial<RestartPolicy> = { delay: seconds(0) };

/** The cluster with its defaults, or with some settings of its own. */
export function cluster(traits: Partial<Cluster> = {}): Cluster {
  const founding = {
    overlays: defaultOverlaySettings,
    incarnation: 0,
    level: newestLevel,
    founders: ["m1", "m2", "m3"],
    removedNodes: [],
    slowBeatsUntil: 0 as Timestamp,
    ca: null,
    lock: unlocked,
  };
  const spec = defaultClusterSpec;
  return { kind: "cluster", id: "cluster", meta: meta(1), spec, ...founding, ...traits };
}
