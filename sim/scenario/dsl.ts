/**
 * The words a scenario is written in. A scenario is data: which machines there are, which services
 * run on them, what happens when, and what must be true. It names nothing of the simulator.
 *
 *     import {
 *       at, eventually, heal, partition, running, scenario, service,
 *     } from "simswarm/scenario";
 *
 *     export default scenario({
 *       name: "leader cut off",
 *       story: "The leader loses the network; the others elect a new one and go on.",
 *       topology: { managers: 3, workers: 5 },
 *       services: [service("web", { image: "web:1", replicas: 6 })],
 *       steps: [at("20s", partition(["leader"], "rest")), at("60s", heal())],
 *       expect: [eventually(running("web", 6))],
 *     });
 */

import type { Goal } from "./goal-words.ts";
import type { NamedService, ServicePlan } from "./service-words.ts";
import type { ClusterPlan, Topology } from "./topology-words.ts";
import type { Range, Span } from "./units.ts";

export type { Goal } from "./goal-words.ts";
// biome-ignore lint/performance/noBarrelFile: scenarios import all their words from here
export {
  atLeast,
  completed,
  empty,
  hasSecret,
  image,
  isGone,
  isManager,
  isWorker,
  removed,
  running,
} from "./goal-words.ts";
export type {
  HealthPlan,
  NamedService,
  PortPlan,
  RestartPlan,
  ServicePlan,
  UpdatePlan,
} from "./service-words.ts";
export type { ClusterPlan, NodePlan, Topology } from "./topology-words.ts";
export type { Memory, Range, Span } from "./units.ts";

/**
 * Which nodes a step is about, found out when the step happens: a node's name, or `leader`,
 * `followers`, `a follower`, `managers`, `workers`, `a worker`, `all`, or `zone:NAME`.
 */
export type Selector = string;

/** Something that happens to the cluster at one moment. */
export type Action =
  | {
      readonly do: "partition";
      readonly from: readonly Selector[];
      readonly to: readonly Selector[] | "rest";
      /** Only what `from` sends to `to` is lost. */
      readonly oneWay: boolean;
    }
  | { readonly do: "heal" }
  | { readonly do: "crash"; readonly nodes: Selector }
  | { readonly do: "restart"; readonly nodes: Selector }
  | { readonly do: "pause"; readonly nodes: Selector }
  | { readonly do: "resume"; readonly nodes: Selector }
  | { readonly do: "corrupt-disk"; readonly nodes: Selector }
  | { readonly do: "skew-clock"; readonly nodes: Selector; readonly ahead: Span | `-${Span}` }
  | { readonly do: "drift-clock"; readonly nodes: Selector; readonly ppm: number }
  | { readonly do: "network"; readonly conditions: NetworkConditions }
  | { readonly do: "create"; readonly service: NamedService }
  | { readonly do: "scale"; readonly service: string; readonly replicas: number }
  | { readonly do: "update"; readonly service: string; readonly change: Partial<ServicePlan> }
  | { readonly do: "rollback"; readonly service: string }
  | { readonly do: "remove"; readonly service: string }
  | { readonly do: "bad-image"; readonly image: string; readonly crashesAfter: Span }
  | {
      readonly do: "create-file";
      readonly table: "secret" | "config";
      readonly name: string;
      readonly data: string;
    }
  | { readonly do: "remove-file"; readonly table: "secret" | "config"; readonly name: string }
  | { readonly do: "create-volume"; readonly name: string }
  | { readonly do: "rotate-root" }
  | { readonly do: "rotate-join-token"; readonly role: "manager" | "worker" }
  | { readonly do: "configure"; readonly change: ClusterPlan & { readonly heartbeat?: Span } }
  | {
      readonly do: "availability";
      readonly nodes: Selector;
      readonly availability: "active" | "pause" | "drain";
    }
  | { readonly do: "role"; readonly nodes: Selector; readonly role: "manager" | "worker" }
  | { readonly do: "remove-node"; readonly nodes: Selector; readonly force: boolean }
  | { readonly do: "force-new-cluster"; readonly nodes: Selector };

/** How the network behaves between nodes that can reach each other. */
export interface NetworkConditions {
  /** Percent of messages lost. Default 0. */
  readonly loss?: number;
  /** Percent of messages that arrive twice. Default 0. */
  readonly duplicates?: number;
  /** The least a message takes. Default 200us. */
  readonly latencyMin?: Span;
  /** What it takes on average beyond that, exponentially distributed. Default 300us. */
  readonly latencyMean?: Span;
}

export interface Step {
  readonly at: Span;
  readonly action: Action;
}

/**
 * Faults that come by themselves. Each range is drawn from once per run, so that every seed is a
 * world of its own: some calm, some terrible, some only flaky in one way.
 */
export interface Chaos {
  readonly from: Span;
  /** After this moment everything that is needed heals, and the cluster must recover. */
  readonly until: Span;
  readonly crashes?: { readonly every: Range<Span>; readonly downFor: Range<Span> };
  readonly pauses?: { readonly every: Range<Span>; readonly lasting: Range<Span> };
  readonly partitions?: { readonly every: Range<Span>; readonly lasting: Range<Span> };
  /** How far each node's calendar is off, either way. */
  readonly clockSkew?: Range<Span>;
  /** How fast each node's clock runs off, in millionths, either way. */
  readonly clockDriftPpm?: Range<number>;
  /** In percent. */
  readonly loss?: Range<number>;
  readonly duplicates?: Range<number>;
  readonly latencyMean?: Range<Span>;
  /** How long the disk takes to make a write safe, on average. */
  readonly diskLatencyMean?: Range<Span>;
  /** How often, on average, a container that runs ends by itself. */
  readonly containerCrashes?: { readonly every: Range<Span> };
  /** How often, on average, a healthy container with a health check turns unhealthy. */
  readonly unhealthy?: { readonly every: Range<Span> };
  /** Percent of image pulls that fail for good, and of starts. */
  readonly pullFailures?: Range<number>;
  readonly startFailures?: Range<number>;
  /** How often someone scales or updates a service, drains a node, or changes its role. */
  readonly commands?: { readonly every: Range<Span> };
}

/** What must be true. The safety properties of Raft and of the orchestrator always are. */
export type Expectation =
  /** Once the last fault is over, within a time computed from the configuration. */
  | { readonly expect: "eventually"; readonly goal: Goal }
  /** From the moment at which the service first had all its tasks, to the end. */
  | { readonly expect: "always"; readonly goal: Goal }
  | {
      readonly expect: "availability";
      readonly service: string;
      /** No fewer tasks ever run, from the moment at which all first did. */
      readonly lowest?: number;
      /** No more time than this is spent with fewer running than wanted. */
      readonly below?: Span;
    };

export interface ScenarioPlan {
  readonly name: string;
  /** One or two sentences: what happens, and what a reader should see. */
  readonly story: string;
  readonly topology: Topology;
  /** Created before the first step. */
  readonly services: readonly NamedService[];
  /** In the order of their times. */
  readonly steps?: readonly Step[];
  readonly chaos?: Chaos;
  /**
   * How many clients use a few services as registers, from the first deployment to the last fault.
   * All that they were told must be linearizable. The services are called `register-1` and so on;
   * these names are left to them. Default none.
   */
  readonly clients?: number;
  /** Containers of these images never become healthy: for services that check their health. */
  readonly sickImages?: readonly string[];
  readonly expect: readonly Expectation[];
}

const brand = Symbol.for("simswarm.scenario");

/** A plan that `scenario` has marked. What it says is checked before a run, not before. */
export interface Scenario extends ScenarioPlan {
  readonly [brand]: true;
}

/** Makes a scenario out of a plan: the default export of a scenario file. */
export function scenario(plan: ScenarioPlan): Scenario {
  return { ...plan, [brand]: true };
}

/** True for what `scenario` returned. */
export function isScenario(value: unknown): value is Scenario {
  return typeof value === "object" && value !== null && brand in value;
}

export function service(name: string, plan: ServicePlan): NamedService {
  return { name, ...plan };
}

/** What happens `time` after the start. */
export function at(time: Span, action: Action): Step {
  return { at: time, action };
}

/** Nodes of `from` and nodes of `to` no longer reach each other. */
export function partition(from: readonly Selector[], to: readonly Selector[] | "rest"): Action {
  return { do: "partition", from, to, oneWay: false };
}

/** What `from` sends to `to` is lost; the way back works. */
export function partitionOneWay(
  from: readonly Selector[],
  to: readonly Selector[] | "rest",
): Action {
  return { do: "partition", from, to, oneWay: true };
}

/** Every partition ends. */
export function heal(): Action {
  return { do: "heal" };
}

/** The machine is off: its containers stop, what its disk had not made safe is lost. */
export function crash(nodes: Selector): Action {
  return { do: "crash", nodes };
}

/** A machine that crashed starts again, with what its disk holds. */
export function restart(nodes: Selector): Action {
  return { do: "restart", nodes };
}

/** The node does nothing, like a stopped virtual machine, and knows nothing of it. */
export function pause(nodes: Selector): Action {
  return { do: "pause", nodes };
}

export function resume(nodes: Selector): Action {
  return { do: "resume", nodes };
}

/**
 * At its next crash a bit goes wrong in what the machine's disk had made safe. A manager refuses to
 * start with such a disk, for good.
 */
export function corruptDisk(nodes: Selector): Action {
  return { do: "corrupt-disk", nodes };
}

/** The calendar of the nodes is off by `ahead`, from now on. */
export function skewClock(nodes: Selector, ahead: Span | `-${Span}`): Action {
  return { do: "skew-clock", nodes, ahead };
}

/** The clocks of the nodes run fast (or slow, below 0) by `ppm` millionths, from now on. */
export function driftClock(nodes: Selector, ppm: number): Action {
  return { do: "drift-clock", nodes, ppm };
}

/** From now on the network behaves like this. */
export function network(conditions: NetworkConditions): Action {
  return { do: "network", conditions };
}

export function create(created: NamedService): Action {
  return { do: "create", service: created };
}

export function scale(name: string, replicas: number): Action {
  return { do: "scale", service: name, replicas };
}

/** Changes parts of a service; tasks whose spec changes are replaced in a rolling update. */
export function update(name: string, change: Partial<ServicePlan>): Action {
  return { do: "update", service: name, change };
}

/** Back to the spec before the last change; once more, and it is undone. */
export function rollback(name: string): Action {
  return { do: "rollback", service: name };
}

/**
 * Containers of this image fail at their start from now on, or end by themselves with an error
 * after they have run for `crashesAfter`.
 */
export function badImage(image: string, crashesAfter: Span = "0s"): Action {
  return { do: "bad-image", image, crashesAfter };
}

export function remove(name: string): Action {
  return { do: "remove", service: name };
}

/** A secret of this name and text exists from now on. */
export function createSecret(name: string, data: string): Action {
  return { do: "create-file", table: "secret", name, data };
}

/** The secret is gone, unless a service still names it. */
export function removeSecret(name: string): Action {
  return { do: "remove-file", table: "secret", name };
}

export function createConfig(name: string, data: string): Action {
  return { do: "create-file", table: "config", name, data };
}

export function removeConfig(name: string): Action {
  return { do: "remove-file", table: "config", name };
}

/** A volume of the cluster: its content is on the node of the first task that mounts it. */
export function createVolume(name: string): Action {
  return { do: "create-volume", name };
}

/** Replaces the root of all certificates by a new one, node by node. */
export function rotateRoot(): Action {
  return { do: "rotate-root" };
}

/** Whoever has the old token of that role can't join with it any more. */
export function rotateJoinToken(role: "manager" | "worker"): Action {
  return { do: "rotate-join-token", role };
}

/** Changes settings of the running cluster. */
export function configure(change: ClusterPlan & { readonly heartbeat?: Span }): Action {
  return { do: "configure", change };
}

/** The nodes give up their tasks and take no new ones. */
export function drain(nodes: Selector): Action {
  return { do: "availability", nodes, availability: "drain" };
}

/** The nodes keep their tasks and take no new ones. */
export function pauseScheduling(nodes: Selector): Action {
  return { do: "availability", nodes, availability: "pause" };
}

export function activate(nodes: Selector): Action {
  return { do: "availability", nodes, availability: "active" };
}

/** The nodes are to be managers: each takes part in Raft once it has caught up. */
export function promote(nodes: Selector): Action {
  return { do: "role", nodes, role: "manager" };
}

/** The nodes are to be workers; refused where too few managers would be left. */
export function demote(nodes: Selector): Action {
  return { do: "role", nodes, role: "worker" };
}

/** The cluster forgets the nodes, which must be workers; with `force` even while they are up. */
export function removeNode(nodes: Selector, force = false): Action {
  return { do: "remove-node", nodes, force };
}

/** A machine that `joins` is switched on for the first time. */
export function powerOn(nodes: Selector): Action {
  return { do: "restart", nodes };
}

/**
 * The manager starts again and goes on alone with what it has: for when the others are lost for
 * good. It refuses where it can reach enough of them.
 */
export function forceNewCluster(manager: Selector): Action {
  return { do: "force-new-cluster", nodes: manager };
}

export function eventually(goal: Goal): Expectation {
  return { expect: "eventually", goal };
}

export function always(goal: Goal): Expectation {
  return { expect: "always", goal };
}

export function availability(
  name: string,
  bounds: { readonly lowest?: number; readonly below?: Span },
): Expectation {
  return { expect: "availability", service: name, ...bounds };
}
