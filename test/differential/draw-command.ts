import type { Random } from "../../core/base/random.ts";
import { type ServiceName, services } from "./draw-service.ts";
import { drawStack, stackWords } from "./draw-stack.ts";
import { createWords, updateWords } from "./draw-words.ts";
import { drawnOf, type Kinds, type Step } from "./step.ts";

/** A command of the `docker` CLI; it reads `input`. */
function docker(words: string, input: string | null = null): Step {
  return { method: "docker", path: words, body: input };
}

const serviceNames = Object.keys(services) as ServiceName[];

function createService(chance: Random): Step {
  const name = chance.pick(serviceNames);
  return docker(createWords(chance, name, services[name]));
}

function nameOf(chance: Random, kind: "service" | "secret" | "config" | "network"): string {
  const names = {
    service: ["web", "web", "agent", ...serviceNames],
    secret: ["key", "pin"],
    config: ["key", "pin"],
    network: ["front", "back"],
  };
  return chance.chance(950_000) ? chance.pick<string>(names[kind]) : "nothing";
}

function scaled(chance: Random): Step {
  const each = () => `${nameOf(chance, "service")}=${chance.pick(["0", "1", "2", "3", "x", "-1"])}`;
  const words = Array.from({ length: chance.between(1, 2) }, each).join(" ");
  return docker(`service scale --detach ${words}`);
}

const taskFlags = ["", "--no-trunc", "--filter desired-state=running"];

/** What shows something and changes nothing. */
const shows: readonly ((chance: Random) => string)[] = [
  () => "service ls",
  (chance) => `service ls --filter ${chance.pick(["name=w", "mode=global", "label=tier", "x=y"])}`,
  (chance) => `service inspect ${nameOf(chance, "service")}`,
  (chance) => `service inspect --pretty ${nameOf(chance, "service")}`,
  (chance) => `service inspect --pretty ${nameOf(chance, "service")}`,
  (chance) => `service ps ${chance.pick(taskFlags)} ${nameOf(chance, "service")}`,
  (chance) => `service ps ${nameOf(chance, "service")} ${nameOf(chance, "service")}`,
  (chance) => `service logs ${logFlags(chance)} ${nameOf(chance, "service")}`,
  (chance) => `service logs ${logFlags(chance)} ${nameOf(chance, "service")}`,
  (chance) => `service logs --follow ${logFlags(chance)} ${nameOf(chance, "service")}`,
  () => "node ls",
  () => "node ps",
  (chance) =>
    `node ps self --filter ${chance.pick(["desired-state=running", "name=web", "label=a=b"])}`,
  () => "node inspect --pretty self",
  (chance) =>
    `node ls --filter ${chance.pick(["role=manager", "membership=accepted", "node.label=zone"])}`,
  (chance) => `secret ${chance.pick(["ls", "inspect key", "inspect --pretty key pin"])}`,
  (chance) => `config ${chance.pick(["ls", "inspect key", "inspect --pretty key"])}`,
  (chance) =>
    `network ${chance.pick(["ls --filter scope=swarm", "inspect front", "inspect front back"])}`,
  (chance) =>
    `swarm ${chance.pick(["join-token -q worker", "join-token manager", "unlock-key", "ca"])}`,
  () => "info --format '{{json .Swarm}}'",
  (chance) =>
    `events --since $SINCE --until $(date +%s) ${eventFlags(chance)} --format '{{json .}}'`,
  (chance) => `events --since $SINCE --until $(date +%s) ${eventFlags(chance)}`,
  stackWords,
];

function logFlags(chance: Random): string {
  return chance.pick([
    "",
    "--raw",
    "--details",
    "--no-task-ids",
    "--no-trunc",
    "--timestamps",
    "--tail 1",
    "--tail 0",
    "--since 1h",
    "--since 2h --no-resolve",
  ]);
}

function eventFlags(chance: Random): string {
  return chance.pick([
    ...[
      "--filter type=service",
      "--filter type=node",
      "--filter type=secret",
      "--filter type=config",
    ],
    ...[
      "--filter type=network --filter scope=swarm",
      "--filter scope=swarm",
      "--filter service=web",
    ],
    ...["--filter type=service --filter event=create", "--filter node=self --filter type=node"],
  ]);
}

function updateNode(chance: Random): Step {
  const words = chance.pick([
    ...[
      "--label-add zone=a",
      "--label-add zone=b --label-add x",
      "--label-rm zone",
      "--label-rm no",
    ],
    ...["--availability active", "--availability pause", "--availability drain", "--role manager"],
    ...["--role worker", "--role king", "--availability gone", ""],
  ]);
  return docker(`node update ${words} <node self id>`);
}

function updateSwarm(chance: Random): Step {
  const words = chance.pick([
    ...[
      "--task-history-limit 6",
      "--cert-expiry 2160h",
      "--cert-expiry 1s",
      "--snapshot-interval 500",
    ],
    ...["--dispatcher-heartbeat 5s", "--autolock=false", "--task-history-limit -1", ""],
    ...["--max-snapshots 1", "--external-ca x", "--dispatcher-heartbeat=-1s"],
  ]);
  return docker(`swarm update ${words}`);
}

function createFile(chance: Random): Step {
  const kind = chance.pick(["secret", "config"] as const);
  const flags = chance.pick([
    "",
    "",
    "--label a=b",
    "--template-driver golang",
    "-l c -l a=",
    "--template-driver x",
  ]);
  return docker(
    `${kind} create ${flags} ${nameOf(chance, kind)} -`,
    chance.pick(["secret", "{{.Service.Name}}", ""]),
  );
}

function removed(chance: Random): Step {
  const kind = chance.pick(["service", "service", "secret", "config", "network"] as const);
  return docker(
    `${kind} rm ${nameOf(chance, kind)}${chance.chance(200_000) ? ` ${nameOf(chance, kind)}` : ""}`,
  );
}

function createNetwork(chance: Random): Step {
  const flags = chance.pick([
    ...[
      "",
      "--attachable",
      "--internal",
      "--label a=b",
      "--subnet 10.99.0.0/24 --gateway 10.99.0.1",
    ],
    ...[
      "--subnet 10.98.0.0/16 --ip-range 10.98.1.0/24",
      "--subnet x",
      "--opt a=b",
      "--scope swarm",
    ],
  ]);
  return docker(`network create -d overlay ${flags} ${nameOf(chance, "network")}`);
}

/** The logs of tasks that come later too. */
function followed(chance: Random): Step {
  const name = nameOf(chance, "service");
  const change = `docker service update --detach --force --quiet ${name}`;
  return docker(`service logs --follow --no-task-ids ${name} & sleep 4; ${change}; wait`);
}

/** How often each kind of command is drawn, against the others. */
const kinds: Kinds<Step> = [
  [18, createService],
  [26, (chance) => docker(updateWords(chance, nameOf(chance, "service")))],
  [4, (chance) => docker(`service rollback --detach ${nameOf(chance, "service")}`)],
  [6, scaled],
  [7, removed],
  [5, createFile],
  [3, createNetwork],
  [12, drawStack],
  [4, updateNode],
  [2, updateSwarm],
  [2, followed],
  [30, (chance) => docker(chance.pick(shows)(chance))],
];

export function drawCommand(chance: Random): Step {
  return drawnOf(kinds, chance);
}
