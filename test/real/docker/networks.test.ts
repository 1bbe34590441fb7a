import { afterAll, beforeAll, expect, test } from "vitest";
import type { Network } from "../../../core/model/network.ts";
import type { Task } from "../../../core/model/task.ts";
import { connect } from "../../../real/docker/client.ts";
import { dockerRig } from "../../ports/docker-executor.ts";
import { type RealRig, withContainer } from "../../ports/real-rig.ts";
import { containerOf, dockerEngine, isThere } from "../../support/docker.ts";
import { network } from "../../support/model.ts";

// Goal: a network of the cluster is a bridge on the node, for as long as a task there is in it.
// Method: containers of a real engine that look for each other by name.

const nodeId = `networks${process.pid}`;
let address = "";
let rig: RealRig;
beforeAll(async () => {
  address = await dockerEngine();
  rig = await dockerRig(address, nodeId);
});
afterAll(() => rig.close());

function attached(task: Task, alias: string, ...networks: Network[]): Task {
  const attachments = networks.map(({ id: target }) => ({ target, aliases: [alias] }));
  return {
    ...task,
    networks: networks.map((network) => ({ ...network, address: "" })),
    spec: { ...task.spec, networks: attachments },
  };
}

async function running(name: string, ...networks: Network[]): Promise<Task> {
  const task = attached(rig.task(name, "runs"), name, ...networks);
  expect(await rig.prepare(task)).toMatchObject({ kind: "prepared" });
  await rig.step({ kind: "start", task: task.id }, "started");
  return task;
}

async function ofEngine(): Promise<string[]> {
  const label = [`com.docker.swarm.node.id=${nodeId}`];
  const found = await connect(address).listNetworks({ filters: { label } });
  return found.map(({ Name }) => Name).sort();
}

async function untilGone(): Promise<void> {
  await expect.poll(ofEngine).toEqual([]);
}

test("tasks find each other by alias and by service, in each of their networks", async () => {
  const [front, back] = [network("front"), network("back", { internal: true })];
  const task = await running("db", front, back);
  expect(await ofEngine()).toEqual([`back.back.${nodeId}`, `front.front.${nodeId}`]);
  const line = "for each in db web; do ping -c 1 -W 2 $each >/dev/null 2>&1 && echo $each; done";
  for (const one of [front, back]) {
    const said = await rig.printed(line, (each) => attached(each, "client", one));
    expect(said).toEqual(["db", "web"]);
  }
  const apart = await rig.printed(line, (each) => withContainer(each, {}));
  expect(apart).toEqual([]);
  rig.remove(task);
  await untilGone();
});

test("options of a task's place in a network are the engine's", async () => {
  const [one, two] = [network("one"), network("two")];
  const plain = attached(rig.task("opts", "runs"), "opts", one, two);
  const driverOptions = new Map([["com.example.weight", "3"]]);
  const networks = plain.spec.networks.map((each) => ({ ...each, driverOptions }));
  const task = { ...plain, spec: { ...plain.spec, networks } };
  expect(await rig.prepare(task)).toMatchObject({ kind: "prepared" });
  const found = await containerOf(address, task).inspect();
  const given = Object.values(found.NetworkSettings.Networks);
  const DriverOpts = { "com.example.weight": "3" };
  expect(given).toMatchObject([{ DriverOpts }, { DriverOpts }]);
  rig.remove(task);
  await untilGone();
});

test("a network has the addresses that it should", async () => {
  const own = { subnet: "10.213.99.0/24", range: "10.213.99.64/26", gateway: "10.213.99.9" };
  const options = new Map([["encrypted", ""]]);
  const addressed = network("addressed", { subnets: [own], options });
  const line = "ip -4 -o addr show eth0 | awk '{print $4}'; ip route | awk '/default/ {print $3}'";
  const said = await rig.printed(line, (task) => attached(task, "one", addressed));
  expect(said).toEqual(["10.213.99.64/24", "10.213.99.9"]);
  await untilGone();
});

test("a network outlives the daemon and goes with its last task", async () => {
  const back = network("back");
  const [first, second] = [await running("a", back), await running("b", back)];
  rig.remove(first);
  await expect.poll(() => isThere(address, first)).toBe(false);
  await rig.quiet();
  expect(await ofEngine()).toHaveLength(1);
  await rig.restart();
  expect(await ofEngine()).toHaveLength(1);
  rig.remove(second);
  await untilGone();
});

test("what an earlier life has left behind is removed at the start", async () => {
  await connect(address).createNetwork({
    Name: `left.left.${nodeId}`,
    Driver: "bridge",
    Labels: {
      "simswarm.cluster.id": "c1",
      "com.docker.swarm.node.id": nodeId,
      "simswarm.network.id": "left",
    },
  });
  await rig.restart();
  expect(await ofEngine()).toEqual([]);
});

test("a network that another node has removed before the start is made again", async () => {
  const back = network("back");
  const task = attached(rig.task("late", "runs"), "late", back);
  expect(await rig.prepare(task)).toMatchObject({ kind: "prepared" });
  await connect(address).getNetwork(`back.back.${nodeId}`).remove();
  await rig.step({ kind: "start", task: task.id }, "started");
  rig.remove(task);
  await untilGone();
});

test("a network that the engine can't make is named with the engine's reason", async () => {
  const wrong = network("wrong", {
    options: new Map([["com.docker.network.driver.mtu", "many"]]),
  });
  const failed = await rig.prepare(attached(rig.task("none", "runs"), "none", wrong));
  expect(failed).toMatchObject({ kind: "failed", step: "prepare" });
  expect(JSON.stringify(failed)).toContain("many");
});
