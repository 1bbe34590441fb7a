import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import Docker from "dockerode";
import { afterAll, beforeAll, expect, test } from "vitest";
import { StateDir } from "../../real/daemon/state-dir.ts";
import { RealCluster, until } from "../support/real-cluster.ts";
import { ended, type Loose, processesOf, Standby, sleeper } from "../support/standby.ts";

// Goal: a node is in its cluster or out of it, or ends what was begun, whatever ended its process
// while it came in or went out; one that can't come up says so, and is tried again.
// Method: processes with --standby and real TLS, told by dockerode; kills at drawn moments, and
// state directories as a crash leaves them.

const cluster = new RealCluster();
let m1: Standby;
let w1: Standby;
beforeAll(async () => {
  const both = ["m1", "w1"].map((name) => Standby.start(cluster, name));
  [m1, w1] = (await Promise.all(both)) as [Standby, Standby];
});
afterAll(() => cluster.stop());

test("a node that was about to leave has left after the next start", async () => {
  await m1.init();
  await m1.docker.createService({ Name: "web", TaskTemplate: sleeper } as Loose);
  await cluster.running("web", 1);
  const left = await processesOf(m1);
  await m1.node.end("SIGKILL");
  new StateDir(m1.node.folder).leave({ nodeId: m1.node.id, engine: null });
  await m1.restart();
  expect(await m1.state()).toBe("inactive");
  expect(m1.isEmpty).toBe(true);
  await ended(left);
});

test.each([0, 1, 2])("a kill in init and leave leaves nothing half (%i)", async (round) => {
  void m1.init().catch(() => undefined);
  await pause(round * 150 + Math.random() * 150);
  await m1.restart();
  if ((await m1.state()) === "inactive") await m1.init();
  await m1.hasState("active");
  expect((await m1.docker.listNodes()).length).toBe(1);
  void m1.leave(true).catch(() => undefined);
  await pause(Math.random() * 40);
  await m1.restart();
  await until("in the swarm or out of it", async () => {
    return ["active", "inactive"].includes(await m1.state()) || null;
  });
  if ((await m1.state()) === "active") await m1.leave(true);
  expect(m1.isEmpty).toBe(true);
});

test.each([0, 1, 2])("a kill in join leaves nothing half (%i)", async (round) => {
  if ((await m1.state()) === "inactive") await m1.init();
  if ((await w1.state()) !== "inactive") await w1.leave();
  void w1.join(m1, "Worker").catch(() => undefined);
  await pause(round * 60 + Math.random() * 60);
  await w1.restart();
  if ((await w1.state()) === "inactive") await w1.join(m1, "Worker");
  await w1.hasState("active");
  await w1.leave();
});

test("a swarm that was to be founded is founded at the next start, as it was told", async () => {
  if ((await m1.state()) !== "inactive") await m1.leave(true);
  await m1.init({ Availability: "pause", Spec: { Labels: { tier: "front" } } });
  await m1.node.end("SIGKILL");
  const state = join(m1.node.folder, "state.json");
  const told = readFileSync(state, "utf8");
  new StateDir(m1.node.folder).empty(m1.node.id);
  writeFileSync(state, told);
  await m1.restart();
  await m1.hasState("active");
  const [node] = await until("the node", async () => {
    const nodes = (await m1.docker.listNodes()) as Loose[];
    return nodes.length === 1 ? nodes : null;
  });
  expect(node.Spec.Availability).toBe("pause");
  expect((await m1.loose.swarmInspect()).Spec.Labels).toEqual({ tier: "front" });
});

test("a node that can't come up says why, is tried again, and may leave", async () => {
  const taken = await cluster.node("taken");
  await m1.node.end("SIGKILL");
  taken.start("--listen-remote-api", m1.address);
  await cluster.authority(taken.client);
  m1.node.start();
  await m1.hasState("error");
  const { Swarm } = await m1.docker.info();
  expect(Swarm.Error).toContain(`can't listen on ${m1.address}`);
  await taken.end("SIGKILL");
  await m1.hasState("active");
  await m1.leave(true);
});

test("a node that has left stays out, with its old command line too", async () => {
  const node = await cluster.node("plain");
  const socketPath = join(cluster.folder, "plain.docker");
  const docker = new Docker({ socketPath });
  node.start("--docker-socket", socketPath);
  await cluster.authority(node.client);
  await (docker as Loose).swarmLeave({ force: true });
  await node.end("SIGTERM");
  node.start("--docker-socket", socketPath);
  const { Swarm } = await until("an answer", () => docker.info());
  expect(Swarm.LocalNodeState).toBe("inactive");
});
