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
import type { Command } from "./command-words.ts";
import type { Fault } from "./fault-words.ts";
import type { Goal } from "./goal-words.ts";
import type { NamedService, NetworkPlan, ServicePlan } from "./service-words.ts";
import type { Topology } from "./topology-words.ts";
import type { Span } from "./units.ts";

// biome-ignore lint/performance/noBarrelFile: scenarios import all their words from here
export { authority } from "./authority-words.ts";
export type { Chaos } from "./chaos-words.ts";
export type { Attempt, Command } from "./command-words.ts";
export {
  activate,
  configure,
  create,
  createConfig,
  createNetwork,
  createSecret,
  createVolume,
  demote,
  drain,
  label,
  labelConfig,
  labelSecret,
  labelVolume,
  pauseScheduling,
  promote,
  rebalance,
  remove,
  removeConfig,
  removeNetwork,
  removeNode,
  removeSecret,
  removeTask,
  removeTaskOn,
  removeVolume,
  rollback,
  rotateJoinToken,
  rotateRoot,
  rotateUnlockKey,
  scale,
  update,
  volumeAvailability,
} from "./command-words.ts";
export type {
  ContainerFaults,
  DiskPlan,
  Fault,
  Guise,
  MachineParts,
  Meddling,
} from "./fault-words.ts";
export {
  backUp,
  badImage,
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
  forceNewCluster,
  forge,
  freeDaemon,
  freeDisk,
  freeze,
  giveToken,
  goodImage,
  hangDaemon,
  jumpClock,
  kill,
  leave,
  meddle,
  misdirectWrite,
  pause,
  powerOn,
  refit,
  restart,
  restoreBackup,
  resume,
  skewClock,
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
export type { Delays, NetworkConditions, PartitionMode } from "./network-words.ts";
export {
  clog,
  flap,
  heal,
  mend,
  mendOneWay,
  network,
  partition,
  partitionAtRandom,
  partitionOneWay,
  unclog,
} from "./network-words.ts";
export type {
  HealthPlan,
  NamedService,
  NetworkPlan,
  PortPlan,
  RestartPlan,
  ServicePlan,
  UpdatePlan,
} from "./service-words.ts";
export type { ClusterPlan, NodePlan, Selector, Settings, Topology } from "./topology-words.ts";
export type { Memory, Range, Span } from "./units.ts";

/** Something that happens to the cluster at one moment. */
export type Action =
  | Fault
  /** What a user asks for: the one numbered `by`, from 1; without, the first. */
  | (Command & { readonly by?: number });

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
export function at(time: Span, action: Action, ...others: readonly never[]): Step {
  if (others.length > 0) throw new TypeError("at takes one action: write a step for each");
  return { at: time, action };
}

/** Another user than the first asks for it: users do not wait for one another. */
export function by(user: number, command: Command): Action {
  return { ...command, by: user };
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
