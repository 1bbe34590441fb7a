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

import type { AnySituation } from "../world/board.ts";
import type { Chaos } from "./chaos-words.ts";
import type { Fault, Selector } from "./fault-words.ts";
import type { Goal } from "./goal-words.ts";
import type { NamedService, NetworkPlan, ServicePlan } from "./service-words.ts";
import type { Settings, Topology } from "./topology-words.ts";
import type { Span } from "./units.ts";

// biome-ignore lint/performance/noBarrelFile: scenarios import all their words from here
export { authority } from "./authority-words.ts";
export type { Chaos } from "./chaos-words.ts";
export type {
  ContainerFaults,
  Delays,
  DiskPlan,
  Fault,
  Guise,
  NetworkConditions,
  PartitionMode,
  Selector,
} from "./fault-words.ts";
export {
  badImage,
  clog,
  containers,
  corruptDisk,
  corruptRead,
  crash,
  crashLoop,
  disk,
  downgrade,
  driftClock,
  failSync,
  fillDisk,
  flap,
  forceNewCluster,
  forge,
  freeDaemon,
  freeDisk,
  giveToken,
  goodImage,
  hangDaemon,
  heal,
  jumpClock,
  kill,
  mend,
  mendOneWay,
  misdirectWrite,
  network,
  partition,
  partitionAtRandom,
  partitionOneWay,
  pause,
  powerOn,
  restart,
  resume,
  skewClock,
  unclog,
  upgrade,
  wipeDisk,
} from "./fault-words.ts";
export type { Goal } from "./goal-words.ts";
export {
  atLeast,
  balanced,
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
  NetworkPlan,
  PortPlan,
  RestartPlan,
  ServicePlan,
  UpdatePlan,
} from "./service-words.ts";
export type { ClusterPlan, NodePlan, Settings, Topology } from "./topology-words.ts";
export type { Memory, Range, Span } from "./units.ts";

/** Something that happens to the cluster at one moment. */
export type Action =
  | Fault
  /** What a user asks for: the one numbered `by`, from 1; without, the first. */
  | (Command & { readonly by?: number });

/** Something that users ask of the cluster. Each user does one thing after another. */
export type Command =
  | { readonly do: "create"; readonly service: NamedService }
  | { readonly do: "scale"; readonly service: string; readonly replicas: number }
  | { readonly do: "update"; readonly service: string; readonly change: Partial<ServicePlan> }
  | { readonly do: "rollback"; readonly service: string }
  | { readonly do: "rebalance"; readonly service: string }
  | { readonly do: "remove"; readonly service: string }
  | {
      readonly do: "create-file";
      readonly table: "secret" | "config";
      readonly name: string;
      readonly data: string;
    }
  | { readonly do: "remove-file"; readonly table: "secret" | "config"; readonly name: string }
  | { readonly do: "create-volume"; readonly name: string }
  | { readonly do: "remove-volume"; readonly name: string }
  | ({ readonly do: "create-network"; readonly name: string } & NetworkPlan)
  | { readonly do: "remove-network"; readonly name: string }
  | { readonly do: "rotate-root"; readonly to?: "outside" }
  | { readonly do: "rotate-unlock-key" }
  | { readonly do: "rotate-join-token"; readonly role: "manager" | "worker" }
  | { readonly do: "configure"; readonly change: Settings }
  | {
      readonly do: "availability";
      readonly nodes: Selector;
      readonly availability: "active" | "pause" | "drain";
    }
  | {
      readonly do: "label";
      readonly nodes: Selector;
      readonly labels: Readonly<Record<string, string>>;
    }
  | { readonly do: "role"; readonly nodes: Selector; readonly role: "manager" | "worker" }
  | { readonly do: "remove-node"; readonly nodes: Selector; readonly force: boolean };

export interface Step {
  readonly at: Span;
  readonly action: Action;
}

/** What must be true. The safety properties of Raft and of the orchestrator always are. */
export type Expectation =
  /** Once the last fault is over, within a time computed from the configuration. */
  | { readonly expect: "eventually"; readonly goal: Goal }
  /** From the moment at which the service first had all its tasks, to the end. */
  | { readonly expect: "always"; readonly goal: Goal }
  /** In one of many runs at least, now and then. Only an exploration can miss it. */
  | { readonly expect: "sometimes"; readonly goal: Goal }
  | { readonly expect: "reachable"; readonly situation: AnySituation }
  /** In no run. */
  | { readonly expect: "unreachable"; readonly situation: AnySituation }
  | {
      readonly expect: "availability";
      readonly service: string;
      /** No fewer tasks ever run, from the moment at which all first did. */
      readonly lowest?: number;
      /** No more time than this is spent with fewer running than wanted. */
      readonly below?: Span;
      /** No more containers are started from that moment on: 0 is to leave all alone. */
      readonly starts?: number;
    };

export interface ScenarioPlan {
  readonly name: string;
  /** One or two sentences: what happens, and what a reader should see. */
  readonly story: string;
  readonly topology: Topology;
  /** Created before the first step. */
  readonly services: readonly NamedService[];
  /** By name; created before the services. Default none. */
  readonly networks?: Readonly<Record<string, NetworkPlan>>;
  /** In the order of their times. */
  readonly steps?: readonly Step[];
  readonly chaos?: Chaos;
  /**
   * The machines that must recover after the last fault: the network among them heals and they are
   * started again, while the rest stays as bad as it is. So must all that nothing is wrong with,
   * and more managers where these are no majority. Default: after steps all that is up, after chaos
   * as many as are needed, drawn.
   */
  readonly core?: readonly string[];
  /**
   * When faults are over, for now or for good, in ascending order: the run heals what must recover,
   * and the cluster has to be as it is wanted within a time computed from the configuration, unless
   * a step comes first. Default, and always the last of them where later steps follow: with the end
   * of the last step and of chaos.
   */
  readonly recoverAt?: readonly Span[];
  /**
   * From then on it is counted how many tasks of each service run, and for how long too few do.
   * Default: for each service from when all its tasks first ran.
   */
  readonly countFrom?: Span;
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

/** Another user than the first asks for it: users do not wait for one another. */
export function by(user: number, command: Command): Action {
  return { ...command, by: user };
}

export function create(created: NamedService): Command {
  return { do: "create", service: created };
}

export function scale(name: string, replicas: number): Command {
  return { do: "scale", service: name, replicas };
}

/** Changes parts of a service; tasks whose spec changes are replaced in a rolling update. */
export function update(name: string, change: Partial<ServicePlan>): Command {
  return { do: "update", service: name, change };
}

/** Back to the spec before the last change; once more, and it is undone. */
export function rollback(name: string): Command {
  return { do: "rollback", service: name };
}

/** The service's tasks move to nodes with less to do, one after the other. */
export function rebalance(name: string): Command {
  return { do: "rebalance", service: name };
}

export function remove(name: string): Command {
  return { do: "remove", service: name };
}

/** A secret of this name and text exists from now on. */
export function createSecret(name: string, data: string): Command {
  return { do: "create-file", table: "secret", name, data };
}

/** The secret is gone, unless a service still names it. */
export function removeSecret(name: string): Command {
  return { do: "remove-file", table: "secret", name };
}

export function createConfig(name: string, data: string): Command {
  return { do: "create-file", table: "config", name, data };
}

export function removeConfig(name: string): Command {
  return { do: "remove-file", table: "config", name };
}

/** A volume of the cluster: its content is on the node of the first task that mounts it. */
export function createVolume(name: string): Command {
  return { do: "create-volume", name };
}

/** The volume is gone, unless a service still mounts it. */
export function removeVolume(name: string): Command {
  return { do: "remove-volume", name };
}

/** A network of this name exists from now on. */
export function createNetwork(name: string, plan: NetworkPlan = {}): Command {
  return { do: "create-network", name, ...plan };
}

/** The network is gone, unless a service is still attached to it. */
export function removeNetwork(name: string): Command {
  return { do: "remove-network", name };
}

/**
 * Replaces the root of all certificates by a new one, node by node; `outside`: by that of
 * `outsideCas`, whose key the managers do not get.
 */
export function rotateRoot(to?: "outside"): Command {
  return { do: "rotate-root", ...(to && { to }) };
}

/** Whoever has the old token of that role can't join with it any more. */
export function rotateJoinToken(role: "manager" | "worker"): Command {
  return { do: "rotate-join-token", role };
}

/** Managers keep what they keep under another key; refused unless `autoLock` is on. */
export function rotateUnlockKey(): Command {
  return { do: "rotate-unlock-key" };
}

/** Changes settings of the running cluster. */
export function configure(change: Settings): Command {
  return { do: "configure", change };
}

/** The nodes give up their tasks and take no new ones. */
export function drain(nodes: Selector): Command {
  return { do: "availability", nodes, availability: "drain" };
}

/** The nodes keep their tasks and take no new ones. */
export function pauseScheduling(nodes: Selector): Command {
  return { do: "availability", nodes, availability: "pause" };
}

export function activate(nodes: Selector): Command {
  return { do: "availability", nodes, availability: "active" };
}

/** The nodes have these labels, and no others: a constraint reads them as `node.labels.NAME`. */
export function label(nodes: Selector, labels: Readonly<Record<string, string>>): Command {
  return { do: "label", nodes, labels };
}

/** The nodes are to be managers: each takes part in Raft once it has caught up. */
export function promote(nodes: Selector): Command {
  return { do: "role", nodes, role: "manager" };
}

/** The nodes are to be workers; refused where too few managers would be left. */
export function demote(nodes: Selector): Command {
  return { do: "role", nodes, role: "worker" };
}

/** The cluster forgets the nodes, which must be workers; with `force` even while they are up. */
export function removeNode(nodes: Selector, force = false): Command {
  return { do: "remove-node", nodes, force };
}

export function eventually(goal: Goal): Expectation {
  return { expect: "eventually", goal };
}

export function always(goal: Goal): Expectation {
  return { expect: "always", goal };
}

/** Of many runs some must be in this state now and then: `sim explore` sees to it. */
export function sometimes(goal: Goal): Expectation {
  return { expect: "sometimes", goal };
}

/** Of many runs some must get into this situation: `sim explore` sees to it. */
export function reachable(situation: AnySituation): Expectation {
  return { expect: "reachable", situation };
}

/** A run that gets into this situation has failed. */
export function unreachable(situation: AnySituation): Expectation {
  return { expect: "unreachable", situation };
}

export function availability(
  name: string,
  bounds: { readonly lowest?: number; readonly below?: Span; readonly starts?: number },
): Expectation {
  return { expect: "availability", service: name, ...bounds };
}
