import { unreachable } from "../../core/base/assert.ts";
import { sortedText } from "../../core/base/order.ts";
import type {
  ExportedCluster,
  ExportedNode,
  ExportedService,
} from "../../core/observe/exported-cluster.ts";
import * as dsl from "../scenario/dsl.ts";
import type { NodePlan, Topology } from "../scenario/topology-words.ts";
import { spanText } from "../scenario/units.ts";
import { isUp, type MachineNames } from "./machine-names.ts";
import { memoryText, planOfService } from "./service-plan.ts";

/** What is to happen to the cluster. */
export interface Loss {
  /** Names of machines that lose their power, all at once. */
  readonly lost: readonly string[];
  /** Of machines that lose the network, together, while their containers go on. */
  readonly cut: readonly string[];
  /** Microseconds until all are back; null: they stay away. */
  readonly backAfter: number | null;
  /** For how long after the loss the run goes on, in microseconds. */
  readonly watched: number;
}

/** A scenario in which that happens, and when. */
export interface LossPlan {
  readonly plan: dsl.ScenarioPlan;
  /** When it happens, in microseconds since the start. */
  readonly lossAt: number;
  /** Of each replicated service by name the machines of its tasks, in order of names. */
  readonly places: ReadonlyMap<string, readonly string[]>;
}

const second = 1_000_000;
/** All machines are up by then, and the services that are on every node run. */
const placingFrom = 60 * second;
/** For the tasks of a step to be scheduled, and for each command that is asked before. */
const forTasks = 2 * second;
const forCommand = second / 4;
/** All that was placed runs, and is healthy; a machine that is down has been missed. */
const forQuiet = 60 * second;

/**
 * The cluster as a scenario: the same machines, settings and services, its tasks on the nodes where
 * they are, and then the loss. All of that comes about as it does in a real cluster, by commands of
 * users: one founder, whom the others join; then one node after the other is the only one that
 * takes tasks while services are scaled to as many more as it runs. Nothing but core decides.
 */
export function planOfCluster(cluster: ExportedCluster, names: MachineNames, loss: Loss): LossPlan {
  const script = new Script();
  const { services, placed } = servicesOf(cluster, names);
  prepare(script, cluster, names, placed);
  for (const node of cluster.nodes.filter(isUp)) place(script, names.of(node), node, placed);
  settle(script, cluster, names);
  const lossAt = script.now;
  happen(script, loss);
  return {
    lossAt,
    places: new Map(placed.map(({ plan, runsOn }) => [plan.name, machinesOf(runsOn, names)])),
    plan: {
      name: "what if",
      story: `${storyOf(loss)} The cluster is as it was exported at ${cluster.takenAt}.`,
      topology: topologyOf(cluster, names),
      services: services.filter(({ mode }) => mode === "global"),
      steps: script.steps,
      recoverAt: [spanText(lossAt + loss.watched + second)],
      countFrom: spanText(lossAt),
      expect: [],
    },
  };
}

function machinesOf(ids: readonly string[], names: MachineNames): string[] {
  return sortedText(ids.flatMap((id) => names.find(id) ?? []));
}

/** Steps in the order of their times. */
class Script {
  readonly steps: dsl.Step[] = [];
  now = placingFrom;

  do(...actions: readonly dsl.Action[]): void {
    for (const action of actions) this.steps.push(dsl.at(spanText(this.now), action));
  }

  /** Commands of one user, who does them one after the other. */
  ask(...commands: readonly dsl.Command[]): void {
    this.do(...commands);
    this.now += commands.length * forCommand;
  }

  wait(us: number): void {
    this.now += us;
  }
}

interface Placed {
  readonly plan: dsl.NamedService;
  readonly runsOn: readonly string[];
  /** How many of its tasks have been placed. */
  count: number;
}

/** Jobs end by themselves, and what does not run now has no place. */
function servicesOf(cluster: ExportedCluster, names: MachineNames) {
  const nameOf = (word: string) => names.find(word) ?? word;
  const kept = cluster.services.filter(isKept);
  const services = kept.map((service) => planOfService(service, nameOf));
  const placed = kept.flatMap(({ mode, runsOn }, at): Placed[] => {
    const plan = services[at] as dsl.NamedService;
    return mode.kind === "replicated" ? [{ plan, runsOn, count: 0 }] : [];
  });
  return { services, placed };
}

/** True of a service that the simulation has: one that runs, and goes on to. */
export function isKept({ mode, runsOn }: ExportedService): boolean {
  return (mode.kind === "replicated" && runsOn.length > 0) || mode.kind === "global";
}

/** Machines that are down go down, and nobody takes tasks. */
function prepare(
  script: Script,
  cluster: ExportedCluster,
  names: MachineNames,
  placed: readonly Placed[],
): void {
  const { nodes, volumes } = cluster;
  const leader = founderOf(cluster);
  const others = nodes.filter((node) => node.role === "manager" && node !== leader);
  for (const node of others) {
    script.steps.push(dsl.at("10s", dsl.powerOn(names.of(node))));
  }
  for (const node of nodes.filter((each) => !isUp(each))) script.do(dsl.crash(names.of(node)));
  for (const node of nodes) {
    if (Object.keys(node.labels).length > 0) script.ask(dsl.label(names.of(node), node.labels));
  }
  script.ask(...volumes.map(dsl.createVolume));
  for (const node of nodes) script.ask(dsl.pauseScheduling(names.of(node)));
  for (const { plan } of placed) script.ask(dsl.create(plan));
  script.wait(forTasks);
}

/** What the node runs is started there, as no other takes tasks meanwhile. */
function place(
  script: Script,
  name: string,
  { id }: ExportedNode,
  placed: readonly Placed[],
): void {
  const here = placed.filter(({ runsOn }) => runsOn.includes(id));
  if (here.length === 0) return;
  script.ask(dsl.activate(name));
  for (const service of here) {
    service.count += service.runsOn.filter((each) => each === id).length;
    script.ask(dsl.scale(service.plan.name, service.count));
  }
  script.wait(forTasks);
  script.ask(dsl.pauseScheduling(name));
}

function settle(script: Script, { nodes }: ExportedCluster, names: MachineNames): void {
  for (const node of nodes) {
    const name = names.of(node);
    if (node.availability === "active") script.ask(dsl.activate(name));
    if (node.availability === "drain") script.ask(dsl.drain(name));
  }
  script.wait(forQuiet);
}

function happen(script: Script, { lost, cut, backAfter }: Loss): void {
  script.do(...lost.map(dsl.crash));
  if (cut.length > 0) script.do(dsl.partition(cut, "rest"));
  if (backAfter === null) return;
  script.wait(backAfter);
  script.do(...lost.map(dsl.restart));
  if (cut.length > 0) script.do(dsl.heal());
}

function storyOf({ lost, cut, backAfter }: Loss): string {
  const parts = [
    ...(lost.length > 0 ? [`${lost.join(", ")} lost without power`] : []),
    ...(cut.length > 0 ? [`${cut.join(", ")} cut off from the network`] : []),
  ];
  const back = backAfter === null ? "" : `, and back after ${spanText(backAfter)}`;
  return `What if: ${parts.join("; ") || "nothing happens"}${back}.`;
}

/** The leader founds the cluster, so that it leads in the simulation too. */
function founderOf({ nodes }: ExportedCluster): ExportedNode | undefined {
  return nodes.find(({ isLeader }) => isLeader) ?? nodes.find(({ role }) => role === "manager");
}

function topologyOf(cluster: ExportedCluster, names: MachineNames): Topology {
  const { nodes, settings } = cluster;
  const founder = founderOf(cluster);
  const managers = nodes.filter(({ role }) => role === "manager");
  const plan = (node: ExportedNode) => machineOf(node, names.of(node));
  return {
    managers: managers.map((node) =>
      node === founder ? plan(node) : { ...plan(node), joins: true },
    ),
    workers: nodes.filter(({ role }) => role === "worker").map(plan),
    raft: { tick: "100ms" },
    heartbeat: spanText(settings.heartbeatPeriod),
    cluster: {
      heartbeatGrace: settings.heartbeatGrace,
      engineTimeout: spanText(settings.engineTimeout),
      nodeDownPeriod: spanText(settings.nodeDownPeriod),
      taskHistoryLimit: settings.taskHistoryRetentionLimit,
      strategy: settings.strategy,
      preemption: settings.preemption,
      drain: { order: settings.drain.order, patience: spanText(settings.drain.patience) },
      rebalancePerMinute: settings.rebalancePerMinute,
    },
  };
}

function machineOf(node: ExportedNode, name: string): NodePlan {
  const { nanoCpus, memoryBytes, generic, engineLabels, platform, plugins, address } = node;
  const kinds = Object.entries(generic);
  return {
    name,
    cpus: nanoCpus / 1e9,
    memory: memoryText(memoryBytes),
    ...(kinds.length > 0 && { generic: Object.fromEntries(kinds.map(genericOf)) }),
    ...(Object.keys(engineLabels).length > 0 && { labels: engineLabels }),
    os: platform.os,
    architecture: platform.architecture,
    ...(plugins !== null && { plugins }),
    ...(address !== "" && { address }),
  };
}

function genericOf([kind, has]: [string, ExportedNode["generic"][string]]) {
  switch (has.kind) {
    case "discrete":
      return [kind, has.count] as const;
    case "named":
      return [kind, has.ids] as const;
    default:
      return unreachable(has);
  }
}
