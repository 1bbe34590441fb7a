import { Random } from "../../core/base/random.ts";
import { testImage } from "../support/docker.ts";
import { drawnOf, type Kinds, type Step } from "./step.ts";

const others = ["n2", "n3"] as const;
const zones = ["a", "b"] as const;
const serviceNames = ["web", "agent", "zoned", "led", "job"] as const;

/** So many steps of one seed, for swarms of three nodes of which the first always leads. */
export function drawClusterHistory(seed: number, length: number): Step[] {
  const chance = new Random([seed, 0xc105, 0x7e4d, 3]);
  const steps = Array.from({ length }, () => drawnOf(kinds, chance)).flat();
  return [...beginning, ...steps];
}

function docker(words: string): Step {
  return { method: "docker", path: words, body: null };
}

function created(name: string, more: string, command = "exec sleep 100000"): Step {
  const usual = "--detach --no-resolve-image --stop-signal SIGKILL --restart-delay 0s";
  return docker(`service create ${usual} --name ${name} ${more} ${testImage} sh -c '${command}'`);
}

const services: Readonly<Record<(typeof serviceNames)[number], Step>> = {
  web: created("web", "--replicas 3 --update-parallelism 0"),
  agent: created("agent", "--mode global --update-parallelism 0"),
  zoned: created("zoned", "--replicas 2 --constraint node.labels.zone==a"),
  led: created("led", "--mode global --constraint node.role==manager"),
  job: created("job", "--mode replicated-job --replicas 2", "exit 0"),
};

/** What most steps are about is there. */
const beginning = [
  docker("node update --label-add zone=a n2"),
  docker("node update --label-add zone=b n3"),
  ...Object.values(services),
];

const shown = "{{.Hostname}} {{.Status}} {{.Availability}} {{.ManagerStatus}}";

/** How often each kind is drawn, against the others. */
const kinds: Kinds<Step[]> = [
  [5, (chance) => [docker(`node promote ${chance.pick(others)}`)]],
  [5, (chance) => [docker(`node demote ${chance.pick(others)}`)]],
  [8, (chance) => [docker(`node update ${nodeFlags(chance)} ${chance.pick(["n1", ...others])}`)]],
  [3, (chance) => [docker(`node rm ${chance.pick(["", "--force "])}${chance.pick(others)}`)]],
  [2, (chance) => gone(chance.pick(others), chance.pick(["worker", "manager"]))],
  [6, (chance) => [docker(`service update --detach ${serviceFlags(chance)}`)]],
  [4, (chance) => [docker(`service scale --detach web=${chance.below(6)}`)]],
  [2, (chance) => again(chance)],
  [3, () => [docker(`node ls --format '${shown}'`)]],
  [2, (chance) => [docker(`node inspect --pretty ${chance.pick(others)}`)]],
];

function nodeFlags(chance: Random): string {
  const availability = chance.pick(["active", "active", "pause", "drain"]);
  return chance.pick([
    `--availability ${availability}`,
    `--availability ${availability}`,
    `--label-add zone=${chance.pick(zones)}`,
    "--label-rm zone",
  ]);
}

function serviceFlags(chance: Random): string {
  const zone = `node.labels.zone==${chance.pick(zones)}`;
  return chance.pick([
    "--force web",
    "--force agent",
    `--constraint-add ${zone} web`,
    `--constraint-rm ${zone} web`,
    "--constraint-add node.role==worker agent",
    "--constraint-rm node.role==worker agent",
    "--replicas-max-per-node 1 web",
    "--replicas-max-per-node 0 web",
    "--env-add A=1 zoned",
  ]);
}

function again(chance: Random): Step[] {
  const name = chance.pick(serviceNames);
  return [docker(`service rm ${name}`), services[name]];
}

/** It leaves, is forgotten, and comes back. */
function gone(node: (typeof others)[number], role: "worker" | "manager"): Step[] {
  const address = (name: string) => `10.213.0.${name.slice(1)}:2377`;
  const place = { ListenAddr: address(node), AdvertiseAddr: address(node) };
  const JoinToken = `<swarm ${role} token>`;
  const body = JSON.stringify({ ...place, RemoteAddrs: [address("n1")], JoinToken });
  return [
    docker(`node demote ${node}`),
    { ...docker("swarm leave"), node },
    docker(`node rm --force ${node}`),
    { method: "POST", path: "/swarm/join", body, node },
  ];
}
