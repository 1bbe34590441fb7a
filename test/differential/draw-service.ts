import type { Random } from "../../core/base/random.ts";
import { testImage } from "../support/docker.ts";

// biome-ignore lint/suspicious/noExplicitAny: JSON of any form.
type Json = any;

const second = 1_000_000_000;

export const services = {
  web: "replicated",
  api: "replicated",
  agent: "global",
  once: "replicated-job",
  sweep: "global-job",
} as const;

export type ServiceName = keyof typeof services;

/** The field once in so many thousand. */
export function sometimes(chance: Random, perMille: number, fields: () => Json): Json {
  return chance.chance(perMille * 1_000) ? fields() : {};
}

/** Of words that may be there, and one that may not. */
function word(chance: Random, words: readonly Json[], wrong: Json = "sometimes"): Json {
  return chance.chance(20_000) ? wrong : chance.pick(words);
}

export function drawService(chance: Random, name: ServiceName): Json {
  const kind = chance.chance(30_000) ? chance.pick(Object.values(services)) : services[name];
  const isJob = kind.endsWith("job");
  return {
    Name: name,
    ...sometimes(chance, 200, () => ({ Labels: drawLabels(chance) })),
    TaskTemplate: drawTask(chance, isJob),
    Mode: drawMode(chance, kind),
    ...sometimes(chance, isJob ? 20 : 500, () => ({
      UpdateConfig: drawUpdate(chance, "rollback"),
    })),
    ...sometimes(chance, isJob ? 20 : 300, () => ({ RollbackConfig: drawUpdate(chance, "pause") })),
    ...sometimes(chance, isJob ? 20 : 250, () => ({ EndpointSpec: drawEndpoint(chance) })),
    ...sometimes(chance, 40, () => ({ Networks: drawNetworks(chance) })),
  };
}

export function drawLabels(chance: Random): Json {
  return chance.pick([{}, { tier: "front" }, { tier: "back", "a.b": "" }]);
}

function drawMode(chance: Random, kind: string): Json {
  const few = () => chance.pick([0, 1, 1, 2, 2, 3]);
  if (kind === "global") return { Global: {} };
  if (kind === "global-job") return { GlobalJob: {} };
  if (kind === "replicated") {
    const wrong = { Replicated: { Replicas: 1 }, Global: {} };
    return word(
      chance,
      [{ Replicated: { Replicas: few() } }, { Replicated: { Replicas: few() } }],
      wrong,
    );
  }
  return {
    ReplicatedJob: {
      ...sometimes(chance, 600, () => ({ MaxConcurrent: few() })),
      ...sometimes(chance, 600, () => ({ TotalCompletions: few() })),
    },
  };
}

function drawUpdate(chance: Random, last: string): Json {
  return {
    Parallelism: chance.pick([0, 1, 1, 2]),
    ...sometimes(chance, 100, () => ({ Delay: word(chance, [0, 200_000_000], -1) })),
    ...sometimes(chance, 700, () => ({
      FailureAction: word(chance, ["pause", "continue", last]),
    })),
    Monitor: word(chance, [second / 2, second], -5),
    ...sometimes(chance, 300, () => ({ MaxFailureRatio: word(chance, [0, 0.3, 1], 1.5) })),
    ...sometimes(chance, 400, () => ({ Order: word(chance, ["stop-first", "start-first"]) })),
  };
}

function drawEndpoint(chance: Random): Json {
  return {
    ...sometimes(chance, 400, () => ({ Mode: word(chance, ["vip", "dnsrr"]) })),
    ...sometimes(chance, 600, () => ({
      Ports: Array.from({ length: chance.between(1, 2) }, () => drawPort(chance)),
    })),
  };
}

function drawPort(chance: Random): Json {
  return {
    ...sometimes(chance, 200, () => ({ Name: "http" })),
    ...sometimes(chance, 500, () => ({ Protocol: word(chance, ["tcp", "udp"]) })),
    TargetPort: word(chance, [80, 443], 70_000),
    ...sometimes(chance, 600, () => ({ PublishedPort: word(chance, [8080, 8081], 8082) })),
    ...sometimes(chance, 500, () => ({ PublishMode: word(chance, ["ingress", "host"]) })),
  };
}

function drawNetworks(chance: Random): Json {
  return [{ Target: word(chance, ["host", "host", "front"], "nowhere") }];
}

function drawTask(chance: Random, isJob: boolean): Json {
  const ends = isJob ? 700 : 250;
  const doesEnd = chance.chance(ends * 1_000);
  return {
    ContainerSpec: drawContainer(chance, doesEnd),
    ...sometimes(chance, 200, () => ({ Resources: drawResources(chance) })),
    RestartPolicy: drawRestart(chance, isJob),
    ...sometimes(chance, 250, () => ({ Placement: drawPlacement(chance) })),
    ...sometimes(chance, 300, () => ({ Networks: drawNetworks(chance) })),
    ...sometimes(chance, 150, () => ({ ForceUpdate: chance.between(0, 2) })),
    ...sometimes(chance, 60, () => ({
      LogDriver: {
        Name: word(chance, ["json-file", "local", "none"]),
        Options: chance.pick([{}, { "max-size": "1m" }]),
      },
    })),
    ...sometimes(chance, 10, () => ({ Runtime: chance.pick(["container", "plugin", "vm"]) })),
  };
}

/** Containers that end are not begun again and again: histories come to rest. */
function drawRestart(chance: Random, isJob: boolean): Json {
  const conditions = isJob ? ["none", "on-failure", "on-failure"] : ["none", "on-failure", "any"];
  const Condition = word(chance, conditions, isJob ? "any" : "sometimes");
  const wait = chance.chance(500_000);
  return {
    Condition,
    Delay: wait ? 3_600 * second : 0,
    ...(wait ? {} : { MaxAttempts: chance.between(1, 2) }),
    ...sometimes(chance, 100, () => ({ Window: word(chance, [0, 600 * second], -1) })),
  };
}

function drawResources(chance: Random): Json {
  return {
    ...sometimes(chance, 400, () => ({
      Limits: {
        ...sometimes(chance, 500, () => ({ NanoCPUs: word(chance, [second], 100) })),
        ...sometimes(chance, 500, () => ({ MemoryBytes: word(chance, [64 << 20], 100) })),
        ...sometimes(chance, 300, () => ({ Pids: word(chance, [0, 100], -1) })),
      },
    })),
    ...sometimes(chance, 500, () => ({
      Reservations: {
        ...sometimes(chance, 500, () => ({
          NanoCPUs: word(chance, [second / 10, 900 * second], 100),
        })),
        ...sometimes(chance, 500, () => ({ MemoryBytes: word(chance, [8 << 20, 2 ** 50], 100) })),
        ...sometimes(chance, 300, () => ({
          GenericResources: [
            word(chance, [{ DiscreteResourceSpec: { Kind: "gpu", Value: chance.between(1, 2) } }], {
              NamedResourceSpec: { Kind: "gpu", Value: "one" },
            }),
          ],
        })),
      },
    })),
  };
}

const constraints = [
  ...["node.role==manager", "node.role != manager", "node.labels.zone==a", "node.labels.zone!=a"],
  ...["node.platform.os==linux", "node.hostname!=nobody", "engine.labels.disk==nvme"],
  ...["node.platform.arch == sparc", "node.ip==10.0.0.0/8", "node.id==nobody"],
];
const wrongConstraints = [
  ...["node.role=manager", "node.nothing==1", "==", "node.labels.==a", "node.role==", "a==b"],
  ...["node.labels.zone==", "node.ip==ten", "node.role == man ager", "node.role==-", " "],
];

function drawPlacement(chance: Random): Json {
  return {
    ...sometimes(chance, 600, () => ({
      Constraints: Array.from({ length: chance.between(1, 2) }, () =>
        chance.pick(chance.chance(100_000) ? wrongConstraints : constraints),
      ),
    })),
    ...sometimes(chance, 300, () => ({
      Preferences: [{ Spread: { SpreadDescriptor: word(chance, ["node.labels.zone"], "zone") } }],
    })),
    ...sometimes(chance, 300, () => ({ MaxReplicas: chance.between(0, 2) })),
    ...sometimes(chance, 300, () => ({
      Platforms: [
        chance.pick([{ Architecture: "amd64", OS: "linux" }, { OS: "linux" }, { OS: "windows" }]),
      ],
    })),
  };
}

function drawContainer(chance: Random, doesEnd: boolean): Json {
  const command = doesEnd ? chance.pick(["true", "false"]) : "sleep 100000";
  return {
    Image: testImage,
    Command: ["sh", "-c", `exec ${command}`],
    StopSignal: "SIGKILL",
    ...sometimes(chance, 100, () => ({ Args: ["a", "b"] })),
    ...sometimes(chance, 200, () => ({ Labels: drawLabels(chance) })),
    ...sometimes(chance, 250, () => ({
      Env: [
        word(
          chance,
          ["A=1", "A=2", "B=", "NODE={{.Node.Hostname}}", "SLOT={{.Task.Slot}}"],
          "A={{.Nothing}}",
        ),
      ],
    })),
    ...sometimes(chance, 60, () => ({
      Hostname: word(chance, ["box", "{{.Service.Name}}"], "{{"),
    })),
    ...sometimes(chance, 60, () => ({ Dir: "/tmp" })),
    ...sometimes(chance, 60, () => ({ User: word(chance, ["nobody", "0:0"], "nobody-at-all") })),
    ...sometimes(chance, 40, () => ({ Groups: ["0"] })),
    ...sometimes(chance, 40, () => ({ TTY: true })),
    ...sometimes(chance, 40, () => ({ OpenStdin: true })),
    ...sometimes(chance, 40, () => ({ ReadOnly: true })),
    ...sometimes(chance, 40, () => ({ Init: chance.chance(500_000) })),
    ...sometimes(chance, 40, () => ({ Hosts: ["10.0.0.1 db"] })),
    ...sometimes(chance, 40, () => ({ StopGracePeriod: word(chance, [0, second], -1) })),
    ...sometimes(chance, 40, () => ({ Sysctls: { "kernel.shm_rmid_forced": "1" } })),
    ...sometimes(chance, 40, () => ({ CapabilityAdd: ["CAP_NET_ADMIN"] })),
    ...sometimes(chance, 40, () => ({ CapabilityDrop: ["CAP_CHOWN"] })),
    ...sometimes(chance, 40, () => ({ Ulimits: [{ Name: "nofile", Soft: 64, Hard: 128 }] })),
    ...sometimes(chance, 40, () => ({
      DNSConfig: chance.pick([
        {},
        { Nameservers: ["10.0.0.1"] },
        { Search: ["here"], Options: ["ndots:1"] },
      ]),
    })),
    ...sometimes(chance, 30, () => ({ Isolation: word(chance, ["default"], "hyperv") })),
    ...sometimes(chance, 100, () => ({ Mounts: [drawMount(chance)] })),
    ...sometimes(chance, 150, () => ({ Secrets: [drawReference(chance, "Secret")] })),
    ...sometimes(chance, 150, () => ({ Configs: [drawReference(chance, "Config")] })),
    ...sometimes(chance, 60, () => ({ Healthcheck: drawHealth(chance) })),
  };
}

function drawMount(chance: Random): Json {
  return chance.pick([
    { Type: "bind", Source: "/tmp", Target: "/t" },
    { Type: "bind", Source: "/nothing/here", Target: "/t", ReadOnly: true },
    { Type: "bind", Source: "/tmp", Target: "/t", BindOptions: { Propagation: "rslave" } },
    { Type: "volume", Source: "data", Target: "/t" },
    { Type: "volume", Target: "/t", VolumeOptions: { NoCopy: true, Labels: { a: "b" } } },
    { Type: "tmpfs", Target: "/t", TmpfsOptions: { SizeBytes: 4096, Mode: 511 } },
    { Target: "/t" },
    { Type: "floppy", Source: "/tmp", Target: "/t" },
  ]);
}

function drawReference(chance: Random, kind: "Secret" | "Config"): Json {
  const low = kind.toLowerCase();
  const name = word(chance, ["key"], "pin");
  const File = { Name: chance.pick([name, "/etc/key"]), UID: "0", GID: "0", Mode: 292 };
  const whole = { [`${kind}ID`]: `<${low} ${name} id>`, [`${kind}Name`]: name, File };
  return word(chance, [whole], {
    ...whole,
    ...chance.pick([
      { File: null },
      { [`${kind}ID`]: "nothing" },
      { [`${kind}Name`]: "other" },
      { File: { Name: "" } },
    ]),
  });
}

function drawHealth(chance: Random): Json {
  return chance.pick([
    { Test: ["NONE"] },
    { Test: ["CMD", "true"], Interval: second / 10, Retries: 1 },
    { Test: ["CMD-SHELL", "exit 0"], Interval: second / 10, Timeout: second },
    { Test: ["CMD", "false"], Interval: second / 20, Retries: 1, StartPeriod: 0 },
    { Test: ["CMD", "true"], Interval: 1 },
    { Test: ["CMD", "true"], Retries: -1 },
    { Test: ["WHAT", "true"] },
    {},
  ]);
}
