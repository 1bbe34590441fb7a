import type { Planted } from "../../core/base/planted.ts";
import { type Duration, ms, seconds } from "../../core/base/time.ts";
import { type ClusterSpec, defaultClusterSpec } from "../../core/model/cluster.ts";
import { newestLevel } from "../../core/model/level.ts";
import type { EngineParts, NodeDescription } from "../../core/model/node.ts";
import { defaultOverlaySettings, type OverlaySettings } from "../../core/model/overlay.ts";
import type { GenericResource } from "../../core/model/resources.ts";
import { defaultRaftTiming, type NodeConfig, type RaftTiming } from "../../core/node/config.ts";
import { authorityOf } from "../ports/authorities.ts";
import type { ContainerConditions } from "../ports/container-conditions.ts";
import type { MachineParts } from "../scenario/fault-words.ts";
import type { NodePlan, Settings, Topology } from "../scenario/topology-words.ts";
import { memory, nanoCpus, type Span, span } from "../scenario/units.ts";

/** Where the remote API of each machine listens (`swarmd --listen-remote-api`). */
const remoteApiPort = 4242;

/** One machine of the topology, with its name settled. */
export interface PlannedMachine {
  readonly name: string;
  readonly role: "manager" | "worker";
  readonly zone: string | null;
  /** New to the cluster, and off at first. */
  readonly joins: boolean;
  /** Whose machine it is, in an earlier life; null: nobody's. */
  readonly previous: string | null;
  /** Which one its user has noted. */
  readonly token: NonNullable<NodePlan["token"]>;
  readonly description: NodeDescription;
}

/** Every machine, managers first, in the order of the topology. */
export function plannedMachines(topology: Topology): PlannedMachine[] {
  const { managers, workers, level = newestLevel } = topology;
  return [...named(managers, "manager", level), ...named(workers, "worker", level)];
}

/** What each node is told when it starts. */
export function nodeConfigs(topology: Topology, planted: Planted): NodeConfig[] {
  const all = plannedMachines(topology);
  const founders = all.filter(({ role, joins }) => role === "manager" && !joins);
  const managers = founders.map(({ name }) => name);
  return all.map(({ name, description }) => ({
    id: name,
    managers,
    description,
    cluster: clusterSpec(topology),
    overlays: overlaySettings(topology),
    raft: raftTiming(topology),
    planted,
  }));
}

/** How the cluster is founded. */
export function overlaySettings({ defaultAddressPool, subnetSize }: Topology): OverlaySettings {
  return {
    ...defaultOverlaySettings,
    ...(defaultAddressPool && { defaultAddressPool }),
    ...(subnetSize && { subnetSize }),
  };
}

function clusterSpec(topology: Topology): ClusterSpec {
  const { heartbeat, raft = {}, cluster = {} } = topology;
  const { snapshotInterval, logEntriesForSlowFollowers } = raft;
  const settings = { heartbeat, snapshotInterval, logEntriesForSlowFollowers };
  return configured(defaultClusterSpec, { ...cluster, ...given(settings) });
}

/** `spec` with those settings replaced that `plan` names. */
export function configured(spec: ClusterSpec, plan: Settings): ClusterSpec {
  const { taskHistoryLimit, nodeDownPeriod, certExpiry, drain = {} } = plan;
  const { strategy, preemption, rebalancePerMinute, logDriver, externalCas, outsideCas } = plan;
  const or = (written: Span | undefined, otherwise: Duration): Duration =>
    written === undefined ? otherwise : span(written);
  return {
    ...spec,
    heartbeatPeriod: or(plan.heartbeat, spec.heartbeatPeriod),
    heartbeatGrace: plan.heartbeatGrace ?? spec.heartbeatGrace,
    taskHistoryRetentionLimit: taskHistoryLimit ?? spec.taskHistoryRetentionLimit,
    engineTimeout: or(plan.engineTimeout, spec.engineTimeout),
    nodeDownPeriod: or(nodeDownPeriod, spec.nodeDownPeriod),
    nodeCertExpiry: or(certExpiry, spec.nodeCertExpiry),
    externalCas:
      externalCas === undefined && outsideCas === undefined
        ? spec.externalCas
        : [
            ...(externalCas ?? []).map((name) => authorityOf(name, false)),
            ...(outsideCas ?? []).map((name) => authorityOf(name, true)),
          ],
    autoLockManagers: plan.autoLock ?? spec.autoLockManagers,
    logDriver: logDriver === undefined ? spec.logDriver : { name: logDriver, options: new Map() },
    strategy: strategy ?? spec.strategy,
    preemption: preemption ?? spec.preemption,
    drain: {
      order: drain.order ?? spec.drain.order,
      patience: or(drain.patience, spec.drain.patience),
    },
    rebalancePerMinute: rebalancePerMinute ?? spec.rebalancePerMinute,
    snapshotInterval: plan.snapshotInterval ?? spec.snapshotInterval,
    logEntriesForSlowFollowers: plan.logEntriesForSlowFollowers ?? spec.logEntriesForSlowFollowers,
  };
}

export function raftTiming(topology: Topology): RaftTiming {
  const { tick, heartbeatTicks, electionTicks, snapshotChunkBytes } = topology.raft ?? {};
  const { reads, maxClockDriftPpm } = topology.raft ?? {};
  return {
    ...defaultRaftTiming,
    ...given({ heartbeatTicks, electionTicks, reads, maxClockDriftPpm, snapshotChunkBytes }),
    ...(tick !== undefined && { tickInterval: span(tick) }),
  };
}

type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** The fields that are there: what is undefined does not stand in place of a default. */
function given<T extends object>(fields: T): Given<T> {
  const there = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there) as Given<T>;
}

function named(
  plan: number | readonly NodePlan[],
  role: "manager" | "worker",
  level: number,
): PlannedMachine[] {
  const prefix = role === "manager" ? "m" : "w";
  const plans = typeof plan === "number" ? [{ count: plan }] : plan;
  const each = plans.flatMap((one) => Array.from({ length: one.count ?? 1 }, () => one));
  const first = each.map((one: NodePlan, at) =>
    machine(
      { address: addressOf(role, at), ...one },
      one.name ?? `${prefix}${at + 1}`,
      role,
      level,
    ),
  );
  return [...first, ...first.flatMap((one, at) => laterLives(one, each[at]?.lives ?? 1))];
}

/** The nodes that the machine is after it has left as this one, each time as the next. */
function laterLives(first: PlannedMachine, lives: number): PlannedMachine[] {
  const nameOf = (life: number) => (life === 1 ? first.name : `${first.name}~${life}`);
  return Array.from({ length: lives - 1 }, (_, at) => ({
    ...first,
    name: nameOf(at + 2),
    previous: nameOf(at + 1),
    joins: true,
    token: "current",
  }));
}

/** Managers and workers have a network each. */
function addressOf(role: "manager" | "worker", at: number): string {
  const network = role === "manager" ? "10.1" : "10.2";
  return `${network}.${(at >>> 8) & 255}.${at & 255}`;
}

function machine(
  plan: NodePlan,
  name: string,
  role: "manager" | "worker",
  level: number,
): PlannedMachine {
  const labels = new Map(Object.entries(plan.labels ?? {}));
  if (plan.zone !== undefined) labels.set("zone", plan.zone);
  return {
    name,
    role,
    zone: plan.zone ?? null,
    joins: plan.joins ?? false,
    previous: null,
    token: plan.token ?? "current",
    description: asOfLevel(level, {
      hostname: name,
      resources: { nanoCpus: nanoCpus(plan.cpus ?? 4), memoryBytes: memory(plan.memory ?? "8GiB") },
      genericResources: genericOf(plan),
      platform: { os: plan.os ?? "linux", architecture: plan.architecture ?? "x86_64" },
      engineLabels: labels,
      plugins: plan.plugins ?? null,
      address: plan.address ?? "",
      remoteApiPort,
      level,
    }),
  };
}

/** What a version of that level says of the same machine. */
export function asOfLevel(level: number, machine: NodeDescription): NodeDescription {
  const { hostname, resources, genericResources, platform, engineLabels, plugins } = machine;
  const hardware = { resources, genericResources, platform };
  const known = { hostname, level, address: machine.address, engineLabels, plugins, ...hardware };
  return level < 4 ? known : { remoteApiPort, ...known };
}

/** What may change while a machine is up, and its engine tells of. */
export function enginePartsOf({ resources, engineLabels, plugins }: NodeDescription): EngineParts {
  return { resources, engineLabels, plugins };
}

/** The same machine with other parts. */
export function refitted(
  { resources, ...machine }: NodeDescription,
  parts: MachineParts,
): NodeDescription {
  const { cpus, memory: size, generic, labels, plugins } = parts;
  return {
    ...machine,
    resources: {
      nanoCpus: cpus === undefined ? resources.nanoCpus : nanoCpus(cpus),
      memoryBytes: size === undefined ? resources.memoryBytes : memory(size),
    },
    ...(generic && { genericResources: genericOf({ generic }) }),
    ...(labels && { engineLabels: new Map(Object.entries(labels)) }),
    ...(plugins && { plugins }),
  };
}

function genericOf({ generic = {} }: Pick<NodePlan, "generic">): Map<string, GenericResource> {
  return new Map(
    Object.entries(generic).map(([kind, has]) => [
      kind,
      typeof has === "number" ? { kind: "discrete", count: has } : { kind: "named", ids: has },
    ]),
  );
}

/** How long containers take, as a quick machine with a near registry does it. */
export const containerDefaults = {
  pullMean: seconds(1),
  createMean: ms(40),
  startMean: ms(120),
  stopMean: ms(300),
  healthyMean: seconds(2),
} as const;

/** Containers none of which fails by itself. */
export function calmContainers(): ContainerConditions {
  return {
    badImages: new Map(),
    sickImages: new Set(),
    ...{ pullFailuresPerMillion: 0, startFailuresPerMillion: 0, crashMean: 0, unhealthyMean: 0 },
    ...containerDefaults,
  };
}
