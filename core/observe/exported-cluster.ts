import { sortedById } from "../base/order.ts";
import type { Cluster, ClusterSpec } from "../model/cluster.ts";
import type { HealthConfig } from "../model/container-spec.ts";
import type { PortConfig } from "../model/endpoint.ts";
import type { Availability, ListedNode, NodeRole, NodeState, Platform } from "../model/node.ts";
import type { GenericResource, Resources } from "../model/resources.ts";
import type { Service, ServiceMode, ServiceSpec } from "../model/service.ts";
import type { Task } from "../model/task.ts";
import type { Placement, TaskSpec } from "../model/task-spec.ts";
import { isWanted, TaskState } from "../model/task-state.ts";
import type { Volume } from "../model/volume.ts";
import { tasksByService } from "./tasks-by-service.ts";

/**
 * A cluster at one time, as plain JSON: what `swarmctl cluster export` writes and `sim whatif`
 * reads. It holds what decides where tasks run and when they are replaced, and nothing that is
 * secret: no environment, no arguments, no secrets, tokens or keys. Times are microseconds.
 */
export interface ExportedCluster {
  readonly format: typeof exportFormat;
  readonly version: typeof exportVersion;
  /** When it was taken: RFC 3339. */
  readonly takenAt: string;
  readonly settings: ExportedSettings;
  readonly nodes: readonly ExportedNode[];
  /** Names of the volumes of the cluster. */
  readonly volumes: readonly string[];
  readonly services: readonly ExportedService[];
}

export const exportFormat = "simswarm-cluster";
export const exportVersion = 1;

export type ExportedSettings = Pick<
  ClusterSpec,
  | "heartbeatPeriod"
  | "heartbeatGrace"
  | "engineTimeout"
  | "nodeDownPeriod"
  | "taskHistoryRetentionLimit"
  | "strategy"
  | "preemption"
  | "drain"
  | "rebalancePerMinute"
>;

export interface ExportedNode extends Resources {
  readonly id: string;
  readonly hostname: string;
  readonly role: NodeRole;
  readonly isLeader: boolean;
  readonly availability: Availability;
  readonly state: NodeState;
  readonly labels: Readonly<Record<string, string>>;
  readonly engineLabels: Readonly<Record<string, string>>;
  readonly generic: Readonly<Record<string, GenericResource>>;
  readonly platform: Platform;
  readonly plugins: readonly string[] | null;
  readonly address: string;
}

export interface ExportedService
  extends Pick<TaskSpec, "reservations" | "restart" | "priority">,
    Pick<ServiceSpec, "name" | "update" | "rollback"> {
  readonly mode: ServiceMode;
  readonly image: string;
  readonly generic: Readonly<Record<string, number>>;
  readonly placement: Placement;
  readonly ports: readonly PortConfig[];
  /** Null: none, or only the image's own, which the cluster does not know of. */
  readonly health: Pick<HealthConfig, "interval" | "timeout" | "retries" | "startPeriod"> | null;
  readonly stopGracePeriod: number;
  /** Names of the cluster's volumes that its tasks mount. */
  readonly volumes: readonly string[];
  /** Ids of the nodes of its tasks that run, one for each task, in the order of the slots. */
  readonly runsOn: readonly string[];
}

/** What is listed of a cluster, for an export to be made of it. */
export interface ListedCluster {
  readonly cluster: Cluster;
  readonly nodes: readonly ListedNode[];
  readonly services: readonly Service[];
  readonly tasks: readonly Task[];
  readonly volumes: readonly Volume[];
}

export function exportedCluster(listed: ListedCluster, takenAt: string): ExportedCluster {
  const { cluster, nodes, services, tasks, volumes } = listed;
  const own = tasksByService(services, tasks);
  return {
    format: exportFormat,
    version: exportVersion,
    takenAt,
    settings: settingsOf(cluster.spec),
    nodes: sortedById(nodes).map(nodeOf),
    volumes: sortedById(volumes).map(({ spec }) => spec.name),
    services: sortedById(services).map((each) => serviceOf(each, own.get(each.id) ?? [])),
  };
}

function settingsOf(spec: ClusterSpec): ExportedSettings {
  const { heartbeatPeriod, heartbeatGrace, engineTimeout, nodeDownPeriod } = spec;
  const { taskHistoryRetentionLimit, strategy, preemption, drain, rebalancePerMinute } = spec;
  const liveness = { heartbeatPeriod, heartbeatGrace, engineTimeout, nodeDownPeriod };
  return {
    ...liveness,
    taskHistoryRetentionLimit,
    strategy,
    preemption,
    drain,
    rebalancePerMinute,
  };
}

function nodeOf({ id, role, spec, status, description, managerStatus }: ListedNode): ExportedNode {
  const { hostname, resources, platform, plugins, address } = description;
  return {
    id,
    hostname,
    role,
    isLeader: managerStatus?.leader ?? false,
    availability: spec.availability,
    state: status.state,
    labels: Object.fromEntries(spec.labels),
    engineLabels: Object.fromEntries(description.engineLabels),
    ...resources,
    generic: Object.fromEntries(description.genericResources),
    platform,
    plugins,
    address,
  };
}

function serviceOf({ spec }: Service, tasks: readonly Task[]): ExportedService {
  const { name, mode, task, update, rollback, endpoint } = spec;
  const { container, reservations, restart, placement, priority } = task;
  return {
    name,
    mode,
    image: container.image,
    reservations,
    generic: Object.fromEntries(task.genericReservations),
    restart,
    placement,
    priority,
    update,
    rollback,
    ports: endpoint.ports,
    health: healthOf(container.health),
    stopGracePeriod: container.stopGracePeriod,
    volumes: container.mounts.filter(({ kind }) => kind === "cluster").map(({ source }) => source),
    runsOn: placesOf(tasks),
  };
}

/** `NONE` takes the image's own away. */
function healthOf(health: HealthConfig | null): ExportedService["health"] {
  if (health === null || health.test.length === 0 || health.test[0] === "NONE") return null;
  const { interval, timeout, retries, startPeriod } = health;
  return { interval, timeout, retries, startPeriod };
}

function placesOf(tasks: readonly Task[]): string[] {
  return tasks
    .filter(({ status, desiredState }) => {
      return status.state === TaskState.RUNNING && isWanted(desiredState);
    })
    .sort((left, right) => left.slot - right.slot)
    .flatMap(({ nodeId }) => (nodeId === null ? [] : [nodeId]));
}
