import type { Random } from "../../core/base/random.ts";
import type { NodeDescription } from "../../core/model/node.ts";
import type {
  HealthPlan,
  NamedService,
  PortPlan,
  RestartPlan,
  ServicePlan,
  UpdatePlan,
} from "../scenario/service-words.ts";
import type { Span } from "../scenario/units.ts";

/** What whoever draws a service knows of the cluster. */
export interface Surroundings {
  /** Every machine of the topology. */
  readonly machines: readonly NodeDescription[];
  /** Names of services to depend on, and of secrets and configs that may exist. */
  readonly services: readonly string[];
  readonly secrets: readonly string[];
  readonly configs: readonly string[];
  /** Names of networks that exist. */
  readonly networks: readonly string[];
  /** Null: nobody draws what few services have. */
  readonly rare: {
    /** Names of volumes that exist. */
    readonly volumes: readonly string[];
    /** Names of services that may be kept from nodes for the sake of another one. */
    readonly neighbours: readonly string[];
    /** What nodes may have for `node.labels.tier`. */
    readonly tiers: readonly string[];
  } | null;
}

/** A service with one task to a node has no more of them than this at first. */
const apartMost = 3;
/** A label is worth a constraint where this many machines have it. */
const labelledLeast = 4;
/** Ports on every node that services fight over, and where those on hosts begin. */
const sharedPorts = [0, 8000, 8001] as const;
const firstHostPort = 9000;

type Part = (draw: Draw) => Partial<ServicePlan>;

/** Draws for the parts of one service. */
class Draw {
  readonly random: Random;
  readonly around: Surroundings;
  readonly name: string;

  constructor(random: Random, around: Surroundings, name: string) {
    this.random = random;
    this.around = around;
    this.name = name;
  }

  /** True in this many of a hundred draws. */
  percent(share: number): boolean {
    return this.random.chance(share * 10_000);
  }

  seconds(least: number, most: number): Span {
    return `${this.random.between(least, most)}s`;
  }

  /** Some of `items`, often none. */
  some<T>(items: readonly T[], share: number): T[] {
    return items.filter(() => this.percent(share));
  }
}

/** A service of any mode, with everything that its mode may have. */
export function drawService(random: Random, around: Surroundings, name: string): NamedService {
  const draw = new Draw(random, around, name);
  const mode = random.pick(modes);
  const image = `${name}:1`;
  const dependsOn = draw.percent(15) && around.services.length > 0;
  return {
    ...{ name, image, mode, ...sized(draw, mode) },
    ...(isJob(mode) ? program(draw) : rolling(draw)),
    ...(dependsOn ? { dependsOn: [random.pick(around.services)] } : {}),
    ...Object.assign({}, ...draw.some(parts, 50).map((part) => part(draw))),
    ...rarely(draw),
    ...(draw.percent(25) ? apart(draw, mode) : {}),
  };
}

/** Another way to be for one part of a service that is there. */
export function drawChange(
  random: Random,
  around: Surroundings,
  name: string,
  isJob: boolean,
): Partial<ServicePlan> {
  const draw = new Draw(random, around, name);
  const usual = isJob ? parts : [...parts, rolling];
  const { rare } = around;
  if (rare === null) return random.pick(usual)(draw);
  return random.pick([...usual, ...rareParts(rare), ...(isJob ? [jobSize] : [])])(draw);
}

/** Some platforms that there are, one with a part left open, or any. */
export function drawPlatforms(
  random: Random,
  machines: readonly NodeDescription[],
): Partial<ServicePlan> {
  const { os, architecture } = random.pick(machines).platform;
  const other = random.pick(machines).platform;
  const both = [`${os}/${architecture}`, `${other.os}/${other.architecture}`];
  const some = [both, both.slice(1), [`${os}/`], [`/${architecture}`], []];
  return { platforms: random.pick(some) };
}

/** In capitals, with blanks, by addresses, or of what no node has. */
export function drawConstraints(
  random: Random,
  machines: readonly NodeDescription[],
): Partial<ServicePlan> {
  const { hostname, address } = random.pick(machines);
  const constraint = random.pick([
    `NODE.HOSTNAME != ${hostname.toUpperCase()}`,
    "node.role==Worker",
    `node.ip!=${address}`,
    "node.ip==10.2.0.0/16",
    "engine.labels.Disk!=ssd",
    "engine.labels.disk ==SSD",
  ]);
  return { constraints: [constraint] };
}

type Mode = NonNullable<ServicePlan["mode"]>;

const modes: readonly Mode[] = [
  ...(["replicated", "replicated", "replicated", "global"] as const),
  ...(["replicated-job", "global-job"] as const),
];

const parts: readonly Part[] = [
  (draw) => ({ restart: restart(draw) }),
  (draw) => ({ health: health(draw) }),
  (draw) => ({ constraints: constraints(draw) }),
  ({ around }) => ({ spreadOver: labelsOf(around).map(({ key }) => `engine.labels.${key}`) }),
  (draw) => ({ cpus: draw.random.pick([0, 0.1, 0.2]), memory: draw.random.pick(memories) }),
  (draw) => ({ secrets: draw.some(draw.around.secrets, 50) }),
  (draw) => ({ configs: draw.some(draw.around.configs, 50) }),
  (draw) => ({ networks: draw.some(draw.around.networks, 70) }),
  (draw) => ({ stopGracePeriod: draw.seconds(0, 10) }),
  (draw) => ({ priority: draw.random.between(-1, 1) }),
  (draw) => ({ ports: [{ target: 80, published: draw.random.pick(sharedPorts) }] }),
  (draw) => ({ forceUpdate: draw.random.u32() }),
];

/** What few services have, of a new one. */
function rarely(draw: Draw): Partial<ServicePlan> {
  const { rare } = draw.around;
  if (rare === null) return {};
  return Object.assign({}, ...draw.some(rareParts(rare), 12).map((part) => part(draw)));
}

function rareParts({ volumes, tiers, neighbours }: NonNullable<Surroundings["rare"]>): Part[] {
  return [
    (draw) => ({ generic: generic(draw) }),
    (draw) => ({ strategy: draw.random.pick(["spread", "binpack"]) }),
    (draw) => ({ maxReplicasPerNode: draw.random.below(3) }),
    (draw) => ({ volumes: draw.some(volumes, 50) }),
    (draw) => ({ constraints: tierConstraints(draw, tiers) }),
    () => ({ spreadOver: ["node.labels.tier"] }),
    (draw) => ({ dependsOn: draw.some(draw.around.services, 20) }),
    (draw) => company(draw, neighbours),
    (draw) => ({ env: draw.some(templates, 40).map((value, at) => `E${at}=${value}`) }),
  ];
}

function tierConstraints({ random }: Draw, tiers: readonly string[]): string[] {
  return [`node.labels.tier${random.pick(["==", "!="])}${random.pick(tiers)}`];
}

/** Of a kind that all machines have; each has so many that nobody ever wants for one. */
function generic(draw: Draw): Record<string, number> {
  const [first, ...others] = draw.around.machines.map((each) => each.genericResources);
  const kinds = [...(first?.keys() ?? [])].filter((kind) => others.every((each) => each.has(kind)));
  return Object.fromEntries(draw.some(kinds, 60).map((kind) => [kind, draw.random.between(1, 2)]));
}

function company(draw: Draw, neighbours: readonly string[]): Partial<ServicePlan> {
  const others = neighbours.filter((name) => name !== draw.name);
  if (others.length === 0 || draw.percent(30)) return { affinity: [], antiAffinity: [] };
  const name = draw.random.pick(others);
  return draw.percent(60) ? { antiAffinity: [name] } : { affinity: [name] };
}

function jobSize({ random }: Draw): Partial<ServicePlan> {
  return { replicas: random.between(1, 6), maxConcurrent: random.between(1, 3) };
}

const templates = [
  ...["{{.Node.ID}}", "{{.Node.Hostname}}", "{{.Service.ID}}", "{{.Service.Name}}"],
  ...["{{.Task.ID}}", "{{.Task.Name}}", "{{.Task.Slot}}", "plain"],
];

const memories = ["0KiB", "32MiB", "64MiB"] as const;

function isJob(mode: Mode): boolean {
  return mode === "replicated-job" || mode === "global-job";
}

function sized(draw: Draw, mode: Mode): Partial<ServicePlan> {
  if (mode === "replicated") return { replicas: draw.random.between(1, 5) };
  if (mode !== "replicated-job") return {};
  return jobSize(draw);
}

function program(draw: Draw): Partial<ServicePlan> {
  return { runsFor: ["1s", draw.seconds(1, 15)], fails: draw.random.between(0, 30) };
}

function rolling(draw: Draw): Partial<ServicePlan> {
  return { update: update(draw), rollback: update(draw) };
}

/** No two tasks on one node: by a port on hosts, or by a limit. */
function apart(draw: Draw, mode: Mode): Partial<ServicePlan> {
  const replicas = mode === "replicated" ? { replicas: draw.random.between(1, apartMost) } : {};
  if (mode === "replicated" && draw.percent(50)) {
    return { ...replicas, maxReplicasPerNode: 1, constraints: [] };
  }
  return isJob(mode) ? {} : { ...replicas, ports: [hostPort(draw)], constraints: [] };
}

/** Each service has its own, since on a machine there is only one of each. */
function hostPort({ name, random }: Draw): PortPlan {
  const own = firstHostPort + Number(/\d+$/.exec(name)?.[0] ?? 0);
  return { target: 80, published: own, mode: "host", protocol: random.pick(["tcp", "udp"]) };
}

function restart(draw: Draw): RestartPlan {
  return {
    condition: draw.random.pick(["any", "any", "on-failure", "none"]),
    delay: draw.seconds(0, 5),
    maxDelay: draw.percent(40) ? draw.seconds(6, 20) : "0s",
    maxAttempts: draw.percent(40) ? draw.random.between(1, 4) : 0,
    window: draw.percent(30) ? draw.seconds(10, 60) : "0s",
  };
}

function health(draw: Draw): HealthPlan {
  return {
    interval: draw.seconds(1, 4),
    retries: draw.random.between(1, 3),
    startPeriod: draw.seconds(0, 3),
  };
}

function update(draw: Draw): UpdatePlan {
  return {
    parallelism: draw.random.between(0, 3),
    delay: draw.seconds(0, 4),
    failureAction: draw.random.pick(["pause", "continue", "rollback"]),
    monitor: draw.seconds(0, 6),
    maxFailureRatio: draw.random.pick([0, 0.2, 0.5, 1]),
    order: draw.random.pick(["stop-first", "start-first"]),
    progressDeadline: draw.seconds(15, 60),
  };
}

function constraints({ random, around }: Draw): string[] {
  const labels = labelsOf(around).map(({ key, value }) => `engine.labels.${key}==${value}`);
  const others = around.machines.map(({ hostname }) => `node.hostname!=${hostname}`);
  return random.pick([
    [],
    [random.pick([...labels, "node.platform.os==linux"])],
    [random.pick(others)],
  ]);
}

interface Label {
  readonly key: string;
  readonly value: string;
}

/** Labels that enough machines have for a service to live on these alone. */
function labelsOf({ machines }: Surroundings): Label[] {
  const counts = new Map<string, Label & { count: number }>();
  for (const { engineLabels } of machines) {
    for (const [key, value] of engineLabels) {
      const label = counts.get(`${key}=${value}`) ?? { key, value, count: 0 };
      counts.set(`${key}=${value}`, { ...label, count: label.count + 1 });
    }
  }
  return [...counts.values()].filter(({ count }) => count >= labelledLeast);
}
