import { Random } from "../../core/base/random.ts";
import { testImage } from "../support/docker.ts";
import { drawCommand } from "./draw-command.ts";
import { drawLabels, drawService, type ServiceName, services, sometimes } from "./draw-service.ts";
import { spoiled } from "./spoil.ts";
import { drawnOf, type Kinds, type Step } from "./step.ts";

// biome-ignore lint/suspicious/noExplicitAny: JSON of any form.
type Json = any;

/**
 * So many steps of one seed: the same each time, whatever comes of those before. One speaks HTTP,
 * another the `docker` CLI, a third both.
 */
export function drawHistory(seed: number, length: number): Step[] {
  const chance = new Random([seed, 0x5eed, 0x0d1f, 0xf]);
  const commands = chance.pick([0, 500_000, 1_000_000]);
  const draw = () => (chance.chance(commands) ? drawCommand(chance) : drawStep(chance));
  return [...beginning, ...Array.from({ length }, draw)];
}

/** What most steps are about is there. */
const beginning = [
  step("POST", "/secrets/create", '{"Name":"key","Data":"c2VjcmV0"}'),
  step("POST", "/configs/create", '{"Name":"key","Data":"c2VjcmV0"}'),
  step("POST", "/networks/create", '{"Name":"front","Driver":"overlay"}'),
  begun("web", { Replicated: { Replicas: 2 } }),
  begun("agent", { Global: {} }),
  begun("once", { ReplicatedJob: { TotalCompletions: 2 } }),
];

function begun(Name: string, Mode: Json): Step {
  const Command = ["sh", "-c", "echo begun; exec sleep 100000"];
  const ContainerSpec = { Image: testImage, Command, StopSignal: "SIGKILL" };
  const TaskTemplate = { ContainerSpec, RestartPolicy: { Delay: 3_600_000_000_000 } };
  return step("POST", "/services/create", JSON.stringify({ Name, TaskTemplate, Mode }));
}

/** How often each kind of step is drawn, against the others. */
const kinds: Kinds<Step> = [
  [16, createService],
  [28, updateService],
  [4, rollBack],
  [6, (chance) => step("DELETE", `/services/${drawName(chance, "service")}`)],
  [8, createFile],
  [3, updateFile],
  [4, (chance) => removed(chance, chance.pick(["secret", "config"]))],
  [4, createNetwork],
  [3, (chance) => removed(chance, "network")],
  [7, updateNode],
  [4, updateSwarm],
  [14, listed],
  [8, inspected],
  [3, strange],
];

function drawStep(chance: Random): Step {
  return drawnOf(kinds, chance);
}

/** One body in eight is spoiled. */
function sent(chance: Random, path: string, body: Json): Step {
  const spoils = chance.chance(120_000);
  return step("POST", path, JSON.stringify(spoils ? spoiled(chance, body) : body));
}

function step(method: string, path: string, body: string | null = null): Step {
  return { method, path, body };
}

const names = {
  service: Object.keys(services) as ServiceName[],
  secret: ["key", "pin"],
  config: ["key", "pin"],
  network: ["front", "back"],
} as const;
type Kind = keyof typeof names;

/** A name, an id, the beginning of one, or what is none. */
function drawName(chance: Random, kind: Kind): string {
  const name = chance.pick<string>(names[kind]);
  return chance.pick([
    name,
    name,
    name,
    `<${kind} ${name} id>`,
    `<${kind} ${name} id 9>`,
    "nothing",
  ]);
}

function createService(chance: Random): Step {
  return sent(chance, "/services/create", drawService(chance, chance.pick(names.service)));
}

/** Mostly the one that was read. */
function drawVersion(chance: Random, object: string): string {
  const good = `version=<${object} version>`;
  return chance.chance(900_000)
    ? good
    : chance.pick(["", "version=", "version=1", "version=-1", "version=x", `${good}0`]);
}

function updateService(chance: Random): Step {
  const name = chance.pick(names.service);
  const body = drawService(chance, chance.chance(970_000) ? name : chance.pick(names.service));
  const more = chance.pick([
    "",
    "",
    "",
    "&registryAuthFrom=spec",
    "&registryAuthFrom=previous-spec",
    "&rollback=previous",
    "&registryAuthFrom=x",
  ]);
  return sent(
    chance,
    `/services/${name}/update?${drawVersion(chance, `service ${name}`)}${more}`,
    body,
  );
}

function rollBack(chance: Random): Step {
  const name = chance.pick(names.service);
  const how = chance.pick(["previous", "previous", "previous", "previous", "later"]);
  const path = `/services/${name}/update?rollback=${how}&${drawVersion(chance, `service ${name}`)}`;
  return step("POST", path, JSON.stringify(drawService(chance, name)));
}

function drawFile(chance: Random, name: string): Json {
  return {
    Name: chance.chance(950_000) ? name : chance.pick(["", "-", "a b", "x".repeat(65), "a.b_c-d"]),
    ...sometimes(chance, 500, () => ({ Labels: drawLabels(chance) })),
    Data: chance.chance(950_000) ? "c2VjcmV0" : chance.pick(["", "***", null]),
    ...sometimes(chance, 50, () => ({ Templating: { Name: chance.pick(["golang", "other"]) } })),
    ...sometimes(chance, 30, () => ({ Driver: { Name: "vault" } })),
  };
}

function createFile(chance: Random): Step {
  const kind = chance.pick(["secret", "config"] as const);
  return sent(chance, `/${kind}s/create`, drawFile(chance, chance.pick(names[kind])));
}

function updateFile(chance: Random): Step {
  const kind = chance.pick(["secret", "config"] as const);
  const name = chance.pick(names[kind]);
  const path = `/${kind}s/${name}/update?${drawVersion(chance, `${kind} ${name}`)}`;
  const { Data, ...rest } = drawFile(chance, name);
  return sent(chance, path, chance.chance(200_000) ? { ...rest, Data } : rest);
}

function removed(chance: Random, kind: Kind): Step {
  return step("DELETE", `/${kind}s/${drawName(chance, kind)}`);
}

function createNetwork(chance: Random): Step {
  return sent(chance, "/networks/create", {
    Name: chance.chance(900_000)
      ? chance.pick(names.network)
      : chance.pick(["", "host", "ingress", "a b", "nobody"]),
    Driver: chance.chance(950_000) ? "overlay" : "nothing",
    ...sometimes(chance, 300, () => ({ Labels: drawLabels(chance) })),
    ...sometimes(chance, 200, () => ({ Attachable: true })),
    ...sometimes(chance, 100, () => ({ Internal: true })),
    ...sometimes(chance, 500, () => ({ CheckDuplicate: true })),
    ...sometimes(chance, 200, () => ({
      IPAM: {
        Driver: "default",
        Config: [
          { Subnet: chance.pick(["10.99.0.0/24", "10.99.0.0/24", "10.99.0.1/40", "nobody"]) },
        ],
      },
    })),
  });
}

const node = "/nodes/<node self id>";

function updateNode(chance: Random): Step {
  const body = {
    Role: chance.chance(930_000) ? "manager" : chance.pick(["worker", "king", ""]),
    Availability: chance.chance(900_000)
      ? chance.pick(["active", "active", "pause", "drain"])
      : chance.pick(["", "Active", "gone"]),
    ...sometimes(chance, 500, () => ({ Labels: chance.pick([{}, { zone: "a" }, { zone: "b" }]) })),
    ...sometimes(chance, 50, () => ({ Name: "me" })),
  };
  return sent(chance, `${node}/update?${drawVersion(chance, "node self")}`, body);
}

/** All of it, with some of it changed: what is not said Swarm takes for zero. */
function updateSwarm(chance: Random): Step {
  const more = chance.chance(100_000) ? "&rotateWorkerToken=true" : "";
  return sent(chance, `/swarm/update?${drawVersion(chance, "swarm self")}${more}`, {
    Name: chance.chance(950_000) ? "default" : "other",
    Labels: drawLabels(chance),
    Orchestration: { TaskHistoryRetentionLimit: chance.pick([5, 5, 6, -1]) },
    Raft: {
      SnapshotInterval: chance.pick([10_000, 500]),
      KeepOldSnapshots: 0,
      LogEntriesForSlowFollowers: 500,
      ElectionTick: 10,
      HeartbeatTick: 1,
    },
    Dispatcher: { HeartbeatPeriod: chance.pick([5e9, 5e9, 5e9, -1]) },
    CAConfig: { NodeCertExpiry: chance.pick([7776000e9, 7776000e9, 7200e9, 1e9, -1]) },
    TaskDefaults: {},
    EncryptionConfig: { AutoLockManagers: false },
  });
}

const filters: Record<string, Record<string, readonly string[]>> = {
  services: {
    id: ["<service web id>", "<service web id 4>", "nobody"],
    name: ["web", "w", "api", ""],
    label: ["tier", "tier=front", "tier=", "a.b="],
    mode: ["replicated", "global", "replicated-job", "global-job", "other"],
    runtime: ["container", "plugin"],
  },
  tasks: {
    id: ["x", ""],
    name: ["web.1", "web", "once"],
    service: ["web", "nothing", "<service web id>", "<service api id 9>"],
    node: ["self", "nothing", "<node self id>", "<node self id 9>"],
    label: ["tier", "tier=front"],
    "desired-state": ["running", "shutdown", "accepted", "ready", "complete", "failed", "nobody"],
    "_up-to-date": ["true", "false", "nobody"],
    runtime: ["container", "plugin"],
  },
  nodes: {
    id: ["<node self id>", "<node self id 3>", "nobody"],
    name: ["x", ""],
    label: ["zone", "disk=nvme"],
    "node.label": ["zone", "zone=a", "zone=b"],
    membership: ["accepted", "pending", "nobody"],
    role: ["manager", "worker", "nobody"],
  },
  secrets: {
    id: ["<secret key id 5>", "nobody"],
    name: ["key", "k"],
    names: ["key", "k"],
    label: ["tier", "tier=back"],
  },
  configs: {
    id: ["<config key id 5>", "nobody"],
    name: ["pin", "p"],
    names: ["pin"],
    label: ["tier", "tier=back"],
  },
};

function listed(chance: Random): Step {
  const kind = chance.pick(Object.keys(filters));
  const known = filters[kind] ?? {};
  const isMap = chance.chance(500_000);
  const wanted = Object.fromEntries(
    Array.from({ length: chance.between(0, 2) }, () => {
      const name = chance.chance(970_000) ? chance.pick(Object.keys(known)) : "strange";
      const words = known[name] ?? ["nobody"];
      const values = Array.from({ length: name === "label" ? 1 : chance.between(1, 2) }, () =>
        chance.pick(words),
      );
      const asMap = Object.fromEntries(values.map((value) => [value, chance.chance(900_000)]));
      return [name, isMap ? asMap : values];
    }),
  );
  const written = chance.chance(970_000)
    ? JSON.stringify(wanted)
    : chance.pick(["{", "[]", '{"id":1}', '{"id":"x"}', "null", '"x"', '{"id":[1]}']);
  const more = chance.chance(200_000)
    ? chance.pick(["&status=true", "&insertDefaults=1", "&status=0", "&x=y"])
    : "";
  return step(
    "GET",
    `/${kind}?filters=${encodeURIComponent(written)}${more}`.replaceAll(
      /%3C(\w+)%20(\w+)%20(id|version)(%20\d+)?%3E/g,
      (mark) => decodeURIComponent(mark),
    ),
  );
}

function inspected(chance: Random): Step {
  const kind = chance.pick([
    "service",
    "service",
    "secret",
    "config",
    "node",
    "swarm",
    "network",
  ] as const);
  if (kind === "swarm") return step("GET", "/swarm");
  if (kind === "node")
    return step(
      "GET",
      chance.pick([node, "/nodes/self", "/nodes/nothing", "/nodes/<node self id 6>"]),
    );
  const more = kind === "service" && chance.chance(300_000) ? "?insertDefaults=true" : "";
  return step("GET", `/${kind}s/${drawName(chance, kind)}${more}`);
}

/** What no client should say. */
function strange(chance: Random): Step {
  const path = chance.pick([
    "/services",
    "/services/web",
    "/services/create",
    "/services/web/update",
    "/secrets/create",
    "/nodes",
    "/swarm",
    "/swarm/update",
    "/tasks",
    "/tasks/nothing",
    "/swarm/unlock",
    "/swarm/unlockkey",
    "/swarm/leave",
    "/swarm/join",
    "/swarm/init",
    "/nodes/nothing",
    "/services/web/logs",
    "/secrets",
  ]);
  const method = chance.pick(["GET", "POST", "DELETE", "PUT", "PATCH"]);
  return step(method, path, chance.pick([null, "", "{", "null", "[]", "3", '"x"', "{}", "{} {}"]));
}
