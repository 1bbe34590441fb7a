import { spawnSync } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ServiceSpec } from "../../../core/model/service.ts";
import { bridgeOf } from "../../../real/overlay/tunnel.ts";
import { ownEngine, testImage } from "../../support/docker.ts";
import { Machines } from "../../support/machines.ts";
import { patienceMs } from "../../support/patience.ts";
import { RealCluster, until } from "../../support/real-cluster.ts";
import { User } from "../../support/user.ts";

// Goal: tasks reach each other by name and by address whichever machines they run on, and go on to
// while nodes, tasks and daemons come and go.
// Method: two machines, each with a network namespace, a Docker engine and a daemon of its own, and
// what people have: `docker stack deploy` of a web application with its database.

type Engine = ReturnType<typeof ownEngine>;

const examples = fileURLToPath(new URL("../../../examples/compose/", import.meta.url));
const engines = new Map<string, Engine>();
let machines: Machines;
let cluster: RealCluster;
let user: User;

/**
 * The web application is on the worker, all else on the manager. Containers end at once when they
 * are told to, and are healthy as soon as they are.
 */
const override = `version: "3.8"
services:
  web:
    command: ["sh", "-c", "hostname > /tmp/index.html; httpd -f -p 80 -h /tmp"]
    healthcheck: { interval: 300ms }
    stop_signal: SIGKILL
    deploy:
      placement: { constraints: [node.role == worker] }
      update_config: { monitor: 500ms }
  db:
    command: ["sh", "-c", "echo db > /tmp/index.html; httpd -f -p 80 -h /tmp"]
    stop_signal: SIGKILL
  cache:
    command: ["sleep", "1000"]
    stop_signal: SIGKILL
    deploy: { placement: { constraints: [node.role == manager] } }
`;

beforeAll(async () => {
  machines = new Machines();
  cluster = new RealCluster({
    machines,
    engine: (name) => {
      const engine = ownEngine(join(cluster.folder, `engine-${name}`), machines.enter(name));
      engines.set(name, engine);
      return engine.address;
    },
  });
  const first = await cluster.node("m1", "--docker-socket", join(cluster.folder, "docker.sock"));
  first.start();
  await cluster.join("w1", "worker");
  await cluster.ready(2);
  user = new User(cluster);
  for (const name of readdirSync(examples)) {
    copyFileSync(join(examples, name), join(cluster.folder, name));
  }
  const web = readFileSync(join(examples, "web.yml"), "utf8");
  writeFileSync(
    join(cluster.folder, "web.yml"),
    web.replaceAll(/image: .*/g, `image: ${testImage}`),
  );
  writeFileSync(join(cluster.folder, "test.yml"), override);
});

afterAll(async () => {
  for (const engine of engines.values()) engine.stop();
  await cluster?.stop();
});

/** What the client of Docker prints that asks the cluster, or a machine's own engine. */
function docker(host: string, ...args: readonly string[]): string {
  const address =
    host === "cluster" ? `unix://${cluster.folder}/docker.sock` : engineOf(host).address;
  const env = { HOME: cluster.folder, PATH: process.env.PATH, DOCKER_HOST: address };
  const options = { cwd: cluster.folder, env, encoding: "utf8", timeout: patienceMs } as const;
  const { stdout, stderr, status } = spawnSync("docker", args, options);
  if (status !== 0) throw new Error(`docker ${args.join(" ")}: ${stderr}${stdout}`);
  return stdout.trim();
}

function engineOf(machine: string): Engine {
  const engine = engines.get(machine);
  if (engine === undefined) throw new Error(`there is no machine ${machine}`);
  return engine;
}

/** What a container of the service on the machine prints. */
function inside(machine: string, service: string, line: string): string {
  const filter = `label=com.docker.swarm.service.name=${service}`;
  const [id = ""] = docker(machine, "ps", "--quiet", "--filter", filter).split("\n");
  return docker(machine, "exec", id, "sh", "-c", line);
}

function deploy(): string {
  const files = ["-c", "web.yml", "-c", "test.yml"];
  return docker("cluster", "stack", "deploy", "--resolve-image", "never", ...files, "shop");
}

function replicas(): string[] {
  const format = "{{.Name}} {{.Replicas}}";
  return docker("cluster", "stack", "services", "--format", format, "shop").split("\n").sort();
}

interface Link {
  readonly ifname: string;
  readonly ifindex: number;
}

/** Devices on the machine that are of overlays, by name. */
function links(machine: string): readonly Link[] {
  const [command = "", ...args] = [...machines.enter(machine), "ip", "-json", "link"];
  const found = JSON.parse(spawnSync(command, args, { encoding: "utf8" }).stdout) as Link[];
  const ours = found.filter(({ ifname }) => /^(sw|vx)/.test(ifname));
  return ours.sort((one, other) => (one.ifname < other.ifname ? -1 : 1));
}

const devices = (machine: string) => links(machine).map(({ ifname }) => ifname);
/** Which tell those that stayed from others of the same name. */
const indexes = (machine: string) => links(machine).map(({ ifindex }) => ifindex);

/** How often each was the one that answered at `http://web/`. */
function answeredBy(machine: string, service: string, times: number): Map<string, number> {
  const ask = "timeout 3 wget -q -O - http://web/ || echo nobody";
  const line = `for i in $(seq ${times}); do ${ask}; done`;
  const counts = new Map<string, number>();
  for (const who of inside(machine, service, line).split("\n")) {
    counts.set(who, (counts.get(who) ?? 0) + 1);
  }
  return counts;
}

/** Of the network in the cluster. */
function idOf(network: string): string {
  return docker("cluster", "network", "inspect", "--format", "{{.Id}}", network);
}

function withEnv(spec: ServiceSpec, line: string): ServiceSpec {
  const { container } = spec.task;
  const env = [...container.env, line];
  return { ...spec, task: { ...spec.task, container: { ...container, env } } };
}

function withPlacement(spec: ServiceSpec, constraints: readonly string[]): ServiceSpec {
  const placement = { ...spec.task.placement, constraints };
  return { ...spec, task: { ...spec.task, placement } };
}

/** Until the web application runs on that node and nowhere else. */
async function allOn(machine: string) {
  const node = await user.listed(machine);
  await until(`all on ${machine}`, async () => {
    const running = await user.running("shop_web", 2);
    return running.every(({ nodeId }) => nodeId === node.id) || null;
  });
  return node;
}

const soon = { interval: 200 };

test("services of a stack reach each other by name on different machines", async () => {
  deploy();
  const all = ["shop_cache 1/1", "shop_db 1/1", "shop_web 2/2"];
  await expect.poll(replicas, soon).toEqual(all);
  // That a task runs is known to the leader before its name is to all nodes.
  const database = () => inside("w1", "shop_web", "wget -q -O - http://db/ || echo nobody");
  await expect.poll(database, soon).toBe("db");
  expect(inside("w1", "shop_web", "ping -c 3 -s 1400 tasks.db")).toContain(" 0% packet loss");
  const webs = () => [...answeredBy("m1", "shop_db", 30).keys()];
  await expect.poll(() => webs().filter((who) => who !== "nobody"), soon).toHaveLength(2);
  expect(webs()).not.toContain("nobody");
  const [web] = await user.running("shop_web", 2);
  const container = `${web?.name}.${web?.id}`;
  const own = web?.networks.find(({ spec }) => spec.name === "shop_back")?.address;
  expect(inside("m1", "shop_db", `nslookup ${container}`)).toContain(`Address: ${own}`);
  expect(inside("m1", "shop_db", `nslookup ${own}`)).toContain(`name = ${container}.shop_back`);
  expect(inside("m1", "shop_db", "wget -q -O - http://elsewhere/ 2>&1 || echo none")).toContain(
    "none",
  );
});

test("a node knows of those that are in its tasks' networks, and of no others", async () => {
  const [front, back] = ["shop_front", "shop_back"].map((name) => bridgeOf(idOf(name)));
  const tunnel = back?.replace("sw", "vx");
  expect(devices("m1")).toEqual([back, tunnel]);
  expect(devices("w1")).toEqual([front, back, tunnel].sort());
});

test("packets and names follow an update step by step", async () => {
  await user.change("shop_web", (spec) => withEnv(spec, "VERSION=2"));
  await until("the end of the update", async () => {
    const { updateStatus } = await user.service("shop_web");
    return updateStatus?.state === "completed" || null;
  });
  const running = await user.running("shop_web", 2);
  expect(running.every(({ spec }) => spec.container.env.includes("VERSION=2"))).toBe(true);
  await expect.poll(() => answeredBy("m1", "shop_db", 20).has("nobody"), soon).toBe(false);
});

test("while a daemon is away packets go on, and when it is back it is as before", async () => {
  const address = inside("m1", "shop_db", "hostname -i").split(" ")[0];
  const before = indexes("w1");
  await cluster.named("w1").end("SIGKILL");
  expect(inside("w1", "shop_web", `wget -q -O - http://${address}/`)).toBe("db");
  cluster.named("w1").start();
  await user.ready(2);
  const asked = () => inside("w1", "shop_web", "wget -q -O - http://db/ || echo nobody");
  await expect.poll(asked, soon).toBe("db");
  expect(indexes("w1")).toEqual(before);
});

test("a task that moves keeps its name, and is found on its new node", async () => {
  await user.change("shop_web", (spec) => withPlacement(spec, []));
  await user.changeNode("w1", { availability: "drain" });
  const { id } = await allOn("m1");
  await expect.poll(() => answeredBy("m1", "shop_db", 10).has("nobody"), soon).toBe(false);
  await user.changeNode("w1", { availability: "active" });
  await user.change("shop_db", (spec) => withPlacement(spec, ["node.role == worker"]));
  await until("the database on the worker", async () => {
    const [db] = await user.running("shop_db", 1);
    return db?.nodeId !== id || null;
  });
  const asked = () => inside("m1", "shop_web", "wget -q -O - http://db/ || echo nobody");
  await expect.poll(asked, soon).toBe("db");
  expect(answeredBy("w1", "shop_db", 10).has("nobody")).toBe(false);
});

test("no name leads to tasks of a node that is down, until it is back", async () => {
  await user.change("shop_web", (spec) => withPlacement(spec, ["node.role == worker"]));
  await allOn("w1");
  machines.cut("w1");
  await until("a node that is down", async () => {
    const { status } = await user.listed("w1");
    return status.state === "down" || null;
  });
  const found = () => inside("m1", "shop_cache", "nslookup web | grep -c 'Address: 10' || true");
  await expect.poll(found, soon).toBe("0");
  machines.heal("w1");
  await user.ready(2);
  await expect.poll(found, soon).toBe("2");
});

test("nothing of a network is left when its stack is removed", async () => {
  docker("cluster", "stack", "rm", "shop");
  for (const machine of ["m1", "w1"]) {
    await expect.poll(() => devices(machine), soon).toEqual([]);
    const ofShop = ["network", "ls", "--quiet", "--filter", "name=shop"];
    expect(docker(machine, ...ofShop)).toBe("");
  }
});
