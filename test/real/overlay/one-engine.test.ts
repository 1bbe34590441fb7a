import { spawnSync } from "node:child_process";
import type Docker from "dockerode";
import { afterEach, expect, test } from "vitest";
import type { ServiceSpec } from "../../../core/model/service.ts";
import { connect } from "../../../real/docker/client.ts";
import { bridgeOf } from "../../../real/overlay/tunnel.ts";
import { containerSleeper } from "../../support/container-sleeper.ts";
import { dockerEngine } from "../../support/docker.ts";
import { network } from "../../support/model.ts";
import { RealCluster } from "../../support/real-cluster.ts";
import { User } from "../../support/user.ts";

// Goal: nodes that share one engine share an overlay's bridge and its names too, and need no rights
// that only a way to other machines takes.
// Method: nodes on loopback with one engine, as with `swarmd dev`.

let cluster: RealCluster;
let docker: Docker;
let user: User;
afterEach(() => cluster?.stop());

async function started(workers: number, enter: readonly string[] = []): Promise<void> {
  const engine = await dockerEngine();
  docker = connect(engine);
  cluster = new RealCluster({ machines: null, engine, enter: () => enter });
  await cluster.start(1, workers);
  user = new User(cluster);
}

/** Networks of a name that no other test has, and their ids. */
async function networks(...names: readonly string[]): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const name of names) {
    const { spec } = network(`${name}${process.pid}`, { driver: "overlay" });
    await cluster.first.client.command({ kind: "create-network", spec });
    const all = await cluster.first.client.query({ kind: "list-networks" });
    ids.push(all.find((each) => each.spec.name === spec.name)?.id ?? "");
  }
  return ids;
}

/** A service on the node of that name, in these networks. */
function on(hostname: string, name: string, ...targets: readonly string[]): ServiceSpec {
  const { task, ...rest } = containerSleeper(name, 1);
  const placement = { ...task.placement, constraints: [`node.hostname == ${hostname}`] };
  const attached = targets.map((target) => ({ target, aliases: [`${name}-alias`] }));
  return { ...rest, task: { ...task, placement, networks: attached } };
}

/** What a task of the service prints. */
async function inside(service: string, line: string): Promise<string> {
  const [task] = await user.running(service, 1);
  const name = `${task?.name}.${task?.id}`;
  const args = ["--host", await dockerEngine(), "exec", name, "sh", "-c", line];
  const { stdout, stderr } = spawnSync("docker", args, { encoding: "utf8" });
  return `${stdout}${stderr}`;
}

async function bridges(ids: readonly string[]): Promise<string[]> {
  const found = await docker.listNetworks();
  const names = found.map(({ Options }) => Options?.["com.docker.network.bridge.name"]);
  return ids.map(bridgeOf).filter((bridge) => names.includes(bridge));
}

const reaches = (name: string) => `ping -c 1 -W 2 ${name} >/dev/null 2>&1 && echo reached`;
const soon = { interval: 100 };

test("nodes with one engine share a bridge, and whoever is left answers for names", async () => {
  await started(1);
  const ids = await networks("front", "back");
  const [front = "", back = ""] = ids;
  await user.create(on("m1", "proxy", front));
  await user.create(on("w1", "web", front, back));
  await user.create(on("m1", "db", back));
  await user.running("db", 1);
  const from = (service: string, name: string) => () => inside(service, reaches(name));
  await expect.poll(from("web", "db"), soon).toContain("reached");
  await expect.poll(from("web", "proxy-alias"), soon).toContain("reached");
  await expect.poll(from("proxy", "tasks.web"), soon).toContain("reached");
  expect(await inside("proxy", reaches("db"))).not.toContain("reached");
  expect(await bridges(ids)).toEqual(ids.map(bridgeOf));
  const { stdout } = spawnSync("ip", ["link", "show", "type", "vxlan"], { encoding: "utf8" });
  expect(stdout).not.toContain(front.slice(0, 12));
  await cluster.named("w1").end("SIGKILL");
  await expect.poll(() => inside("proxy", reaches("proxy")), soon).toContain("reached");
  cluster.named("w1").start();
  await cluster.ready(2);
  for (const service of ["proxy", "web", "db"]) await user.remove(service);
  await expect.poll(() => bridges(ids), soon).toEqual([]);
});

test("without rights tasks of one engine reach each other, and the log says so", async () => {
  await started(0, ["setpriv", "--bounding-set=-net_admin,-net_bind_service"]);
  const [front = ""] = await networks("plain");
  await user.create(on("m1", "web", front));
  await user.create(on("m1", "db", front));
  await user.running("web", 1);
  await user.running("db", 1);
  expect(await inside("web", reaches("db-alias"))).toContain("reached");
  expect(cluster.first.log).toMatch(/"reason":"port 53 needs root or CAP_NET_BIND_SERVICE"/);
});
