import type { Planted } from "../core/base/planted.ts";
import { ms, seconds } from "../core/base/time.ts";
import { type ClusterSpec, defaultClusterSpec } from "../core/model/cluster.ts";
import type { NodeDescription } from "../core/model/node.ts";
import { type ServiceSpec, serviceSpec } from "../core/model/service.ts";
import { defaultRaftTiming, type NodeConfig, type RaftTiming } from "../core/node/config.ts";
import type { NamedService, NodePlan, ServicePlan, Topology } from "./scenario/dsl.ts";
import { memory, span } from "./scenario/units.ts";

const billion = 1_000_000_000;

/** One machine of the topology, with its name settled. */
export interface Machine {
  readonly name: string;
  readonly role: "manager" | "worker";
  readonly zone: string | null;
  readonly description: NodeDescription;
}

/** Every machine, managers first, in the order of the topology. */
export function machines(topology: Topology): Machine[] {
  return [...named(topology.managers, "manager"), ...named(topology.workers, "worker")];
}

/** What each node is told when it starts. */
export function nodeConfigs(topology: Topology, planted: Planted): NodeConfig[] {
  const all = machines(topology);
  const managers = all.filter((each) => each.role === "manager").map((each) => each.name);
  return all.map(({ name, description }) => ({
    id: name,
    managers,
    description,
    cluster: clusterSpec(topology),
    raft: raftTiming(topology),
    planted,
  }));
}

export function clusterSpec(topology: Topology): ClusterSpec {
  const { heartbeat } = topology;
  if (heartbeat === undefined) return defaultClusterSpec;
  return { ...defaultClusterSpec, heartbeatPeriod: span(heartbeat) };
}

export function raftTiming(topology: Topology): RaftTiming {
  const { tick, heartbeatTicks, electionTicks, snapshotInterval } = topology.raft ?? {};
  const { logEntriesForSlowFollowers, snapshotChunkBytes } = topology.raft ?? {};
  const { reads, maxClockDriftPpm } = topology.raft ?? {};
  return {
    ...defaultRaftTiming,
    ...(tick === undefined ? {} : { tickInterval: span(tick) }),
    ...(heartbeatTicks === undefined ? {} : { heartbeatTicks }),
    ...(electionTicks === undefined ? {} : { electionTicks }),
    ...(reads === undefined ? {} : { reads }),
    ...(maxClockDriftPpm === undefined ? {} : { maxClockDriftPpm }),
    ...(snapshotInterval === undefined ? {} : { snapshotInterval }),
    ...(snapshotChunkBytes === undefined ? {} : { snapshotChunkBytes }),
    ...(logEntriesForSlowFollowers === undefined ? {} : { logEntriesForSlowFollowers }),
  };
}

/** The spec that a plan asks for, with SwarmKit's defaults where it says nothing. */
export function specOf({ name, ...plan }: NamedService): ServiceSpec {
  return changed(serviceSpec(name, plan.image, plan.replicas ?? 1), plan);
}

/** `spec` with those parts replaced that `change` names. */
export function changed(spec: ServiceSpec, change: Partial<ServicePlan>): ServiceSpec {
  const { task, update } = spec;
  const { container, reservations, restart } = task;
  return {
    ...spec,
    mode: { kind: "replicated", replicas: change.replicas ?? spec.mode.replicas },
    task: {
      ...task,
      container: {
        ...container,
        image: change.image ?? container.image,
        stopGracePeriod:
          change.stopGracePeriod === undefined
            ? container.stopGracePeriod
            : span(change.stopGracePeriod),
      },
      reservations: {
        nanoCpus: change.cpus === undefined ? reservations.nanoCpus : nanoCpus(change.cpus),
        memoryBytes: change.memory === undefined ? reservations.memoryBytes : memory(change.memory),
      },
      constraints: change.constraints ?? task.constraints,
      restart: {
        condition: change.restart?.condition ?? restart.condition,
        delay: change.restart?.delay === undefined ? restart.delay : span(change.restart.delay),
        maxAttempts: change.restart?.maxAttempts ?? restart.maxAttempts,
        window: change.restart?.window === undefined ? restart.window : span(change.restart.window),
      },
    },
    update: {
      parallelism: change.update?.parallelism ?? update.parallelism,
      delay: change.update?.delay === undefined ? update.delay : span(change.update.delay),
      order: change.update?.order ?? update.order,
    },
  };
}

function named(plan: number | readonly NodePlan[], role: "manager" | "worker"): Machine[] {
  const prefix = role === "manager" ? "m" : "w";
  const plans = typeof plan === "number" ? [{ count: plan }] : plan;
  const each = plans.flatMap((one) => Array.from({ length: one.count ?? 1 }, () => one));
  return each.map((one: NodePlan, at) => machine(one, one.name ?? `${prefix}${at + 1}`, role));
}

function machine(plan: NodePlan, name: string, role: "manager" | "worker"): Machine {
  const labels = new Map(Object.entries(plan.labels ?? {}));
  if (plan.zone !== undefined) labels.set("zone", plan.zone);
  return {
    name,
    role,
    zone: plan.zone ?? null,
    description: {
      hostname: name,
      resources: { nanoCpus: nanoCpus(plan.cpus ?? 4), memoryBytes: memory(plan.memory ?? "8GiB") },
      platform: { os: "linux", architecture: "x86_64" },
      engineLabels: labels,
    },
  };
}

function nanoCpus(cpus: number): number {
  return Math.round(cpus * billion);
}

/** How long containers take, as a quick machine with a near registry does it. */
export const containerDefaults = {
  pullMean: seconds(1),
  createMean: ms(40),
  startMean: ms(120),
  stopMean: ms(300),
} as const;
