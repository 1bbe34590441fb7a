import {
  at,
  availability,
  type Chaos,
  type NodePlan,
  powerOn,
  type Scenario,
  type ScenarioPlan,
  scenario,
  service,
  type Topology,
} from "simswarm/scenario";

/**
 * What the worlds of this folder share: the scenario `everyday-chaos` as it once was. It is frozen,
 * so that the seeds in `seeds.txt` stay the runs that they were.
 */
export const faults: Chaos = {
  from: "30s",
  until: "150s",
  crashes: { every: ["5s", "60s"], downFor: ["1s", "30s"] },
  pauses: { every: ["5s", "60s"], lasting: ["1s", "30s"] },
  partitions: { every: ["5s", "60s"], lasting: ["1s", "30s"] },
  clockSkew: ["0s", "1h"],
  clockDriftPpm: [0, 500],
  loss: [0, 20],
  duplicates: [0, 20],
  latencyMean: ["200us", "100ms"],
  diskLatencyMean: ["100us", "50ms"],
  containerCrashes: { every: ["20s", "5m"] },
  unhealthy: { every: ["20s", "5m"] },
  pullFailures: [0, 30],
  startFailures: [0, 30],
};

/** Users who do everything, and authorities outside that lie. */
export const everything: Partial<Chaos> = {
  authorities: { every: ["10s", "60s"], lasting: ["1s", "60s"] },
  commands: { every: ["500ms", "4s"], users: 3, creates: 6, everything: true },
};

/** What users find, and change. */
export const services = [
  service("web", {
    image: "web:1",
    replicas: 4,
    cpus: 0.25,
    memory: "128MiB",
    networks: ["front"],
  }),
  service("logs", { image: "logs:1", mode: "global", restart: { delay: "2s" } }),
];

const small = { driver: "overlay", subnet: "10.7.0.0/27" } as const;

/** So many managers, and workers with and without fast disks. */
export function machines(managers: number, each: NodePlan): Topology {
  return {
    managers: [{ count: managers, ...each }],
    workers: [
      { count: 4, ...each, labels: { disk: "ssd" } },
      { count: 2, ...each, labels: { disk: "hdd" } },
    ],
  };
}

/** More seats than anybody takes, and licenses by name. */
export const generic = { seat: 100, license: Array.from({ length: 40 }, (_, at) => `L-${at}`) };

/** The same with generic resources, and a machine that joins. */
export function machinesThatJoin(managers: number): Topology {
  const each = { cpus: 8, generic };
  const { workers, ...others } = machines(managers, each);
  return { ...others, workers: [...(workers as NodePlan[]), { ...each, joins: true }] };
}

/** How a world differs. */
interface Changes extends Pick<ScenarioPlan, "topology" | "clients"> {
  readonly name?: string;
  readonly chaos: Partial<Chaos>;
  /** When the machine that joins is switched on; null: there is none. Default 45s. */
  readonly joinsAt?: "45s" | "10m" | null;
  /** There is a network of few addresses as well. */
  readonly hasSmallNetwork?: boolean;
  /** How long services may run short. */
  readonly below?: "10m" | "3h";
}

export function everyday(changes: Changes): Scenario {
  const { name = "everyday chaos", topology, clients, chaos, below = "10m" } = changes;
  const { joinsAt = "45s", hasSmallNetwork = false } = changes;
  return scenario({
    name,
    story:
      "Users do all that users can do while everything fails; their last words must come true.",
    topology,
    networks: { front: { driver: "overlay" }, ...(hasSmallNetwork && { small }) },
    services,
    ...(clients !== undefined && { clients }),
    ...(joinsAt !== null && { steps: [at(joinsAt, powerOn("w7"))] }),
    chaos: { ...faults, ...chaos },
    expect: [availability("web", { below }), availability("logs", { below })],
  });
}
