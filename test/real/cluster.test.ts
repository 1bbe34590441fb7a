import { afterAll, beforeAll, expect, test } from "vitest";
import { ms } from "../../core/base/time.ts";
import type { ListedNode, NodeSpec } from "../../core/model/node.ts";
import type { Service, ServiceSpec } from "../../core/model/service.ts";
import { serviceSpec } from "../../core/model/service-defaults.ts";
import type { ControlClient } from "../../real/api/control-client.ts";
import { RealCluster, type RealNode, until } from "../support/real-cluster.ts";

// Goal: a cluster of real processes does what the simulated one does, and loses nothing that it has
// acknowledged, whoever is killed.
// Method: three managers and two workers on loopback; one story after another on the same cluster.

const cluster = new RealCluster();
/** Names of services whose creation was acknowledged. */
const acknowledged: string[] = [];

beforeAll(() => cluster.start(3, 2), 60_000);
afterAll(() => cluster.stop(), 30_000);

function sleeper(name: string, replicas: number): ServiceSpec {
  const spec = serviceSpec(name, "any", replicas);
  const { container, restart } = spec.task;
  const command = ["sleep", "1000"];
  const task = {
    ...spec.task,
    container: { ...container, command, stopGracePeriod: ms(500) },
    restart: { ...restart, delay: ms(0) },
  };
  return { ...spec, task, update: { ...spec.update, parallelism: 2, monitor: ms(200) } };
}

async function create(client: ControlClient, name: string, replicas: number): Promise<void> {
  await client.command({ kind: "create-service", spec: sleeper(name, replicas) });
  acknowledged.push(name);
}

async function service(client: ControlClient, name: string): Promise<Service> {
  return ((await client.query({ kind: "get-service", name })) as readonly Service[])[0] as Service;
}

async function change(
  client: ControlClient,
  name: string,
  to: (spec: ServiceSpec) => ServiceSpec,
): Promise<void> {
  const { id, meta, spec } = await service(client, name);
  await client.command({ kind: "update-service", id, version: meta.version, spec: to(spec) });
}

async function nodeNamed(name: string, client = cluster.first.client): Promise<ListedNode> {
  const found = (await cluster.listed(client)).find((each) => each.description.hostname === name);
  if (found === undefined) throw new Error(`${name} is not in the cluster`);
  return found;
}

async function changeNode(name: string, to: Partial<NodeSpec>): Promise<void> {
  const { id, meta, spec } = await nodeNamed(name);
  const { version } = meta;
  const changed = { ...spec, ...to };
  await cluster.first.client.command({ kind: "update-node", id, version, spec: changed });
}

function named(name: string): RealNode {
  return cluster.nodes.find((each) => each.name === name) as RealNode;
}

async function leader(client: ControlClient): Promise<RealNode> {
  const node = await until("a leader", async () => {
    const nodes = await cluster.listed(client);
    return nodes.find(({ managerStatus }) => managerStatus?.leader === true) ?? null;
  });
  return named(node.description.hostname);
}

test("a service is created, scaled, and spread over the nodes", async () => {
  await create(named("m2").client, "web", 2);
  await cluster.running("web", 2);
  await change(named("m3").client, "web", (spec) => ({
    ...spec,
    mode: { kind: "replicated", replicas: 5 },
  }));
  const running = await cluster.running("web", 5);
  expect(new Set(running.map(({ nodeId }) => nodeId)).size).toBe(5);
});

test("a rolling update replaces every task, and says when it is complete", async () => {
  const before = await cluster.running("web", 5);
  await change(cluster.first.client, "web", (spec) => {
    const container = { ...spec.task.container, env: ["VERSION=2"] };
    return { ...spec, task: { ...spec.task, container } };
  });
  await until("the end of the update", async () => {
    const { updateStatus } = await service(cluster.first.client, "web");
    return updateStatus?.state === "completed" || null;
  });
  const after = await cluster.running("web", 5);
  const old = new Set(before.map(({ id }) => id));
  expect(after.some(({ id }) => old.has(id))).toBe(false);
  expect(after.every(({ spec }) => spec.container.env[0] === "VERSION=2")).toBe(true);
});

test("a drained node gives up its tasks, and gets some when it is active again", async () => {
  await changeNode("w1", { availability: "drain" });
  const { id } = await nodeNamed("w1");
  await until("no task on the drained node", async () => {
    const running = await cluster.running("web", 5);
    return running.every(({ nodeId }) => nodeId !== id) || null;
  });
  await changeNode("w1", { availability: "active" });
  await create(cluster.first.client, "more", 6);
  const running = await cluster.running("more", 6);
  expect(running.some(({ nodeId }) => nodeId === id)).toBe(true);
});

test("a worker becomes a manager and a worker again, with a certificate of each role", async () => {
  const { client } = named("w2");
  await changeNode("w2", { desiredRole: "manager" });
  await until("the new manager's own answer", async () => {
    const own = await nodeNamed("w2", client);
    return own.role === "manager" && own.managerStatus?.reachability === "reachable" ? own : null;
  });
  await changeNode("w2", { desiredRole: "worker" });
  await until("the worker", async () => {
    const { role, raftId } = await nodeNamed("w2");
    return (role === "worker" && raftId === null) || null;
  });
  await until("a certificate of a worker", async () => {
    const roles = named("w2").log.match(/"role":"(manager|worker)","notAfter"/g) ?? [];
    return (roles.length >= 3 && roles.at(-1)?.includes("worker")) || null;
  });
});

test("when the leader is killed the others go on within three seconds", async () => {
  const dead = await leader(cluster.first.client);
  const { client } = named(dead.name === "m2" ? "m3" : "m2");
  await dead.end("SIGKILL");
  const killed = Date.now();
  await create(client, "after-the-leader", 1);
  expect(Date.now() - killed).toBeLessThan(3_000);
  await cluster.running("after-the-leader", 1, client);
  dead.start();
  await cluster.ready(5, client);
});

test("a worker that is killed loses its tasks to others, and comes back", async () => {
  const { id } = await nodeNamed("w1");
  await named("w1").end("SIGKILL");
  await until("all tasks elsewhere", async () => {
    const running = await cluster.running("more", 6);
    return running.every(({ nodeId }) => nodeId !== id) || null;
  });
  named("w1").start();
  await cluster.ready(5);
});

test("when all nodes are killed under load, all that was acknowledged is there again", async () => {
  let isOver = false;
  const load = async (writer: number) => {
    const client = named("m2").newClient();
    for (let number = 1; !isOver; number += 1) {
      await create(client, `load-${writer}-${number}`, 0).catch(() => undefined);
    }
    client.close();
  };
  const loading = Promise.all([1, 2, 3, 4].map(load));
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await Promise.all(cluster.nodes.map((node) => node.end("SIGKILL")));
  isOver = true;
  for (const node of cluster.nodes) node.start();
  await loading;
  await cluster.ready(5);
  const found = (await cluster.first.client.query({ kind: "list-services" })) as readonly Service[];
  const names = new Set(found.map(({ spec }) => spec.name));
  expect(acknowledged.filter((name) => !names.has(name))).toEqual([]);
  expect(acknowledged.length).toBeGreaterThan(20);
  await cluster.running("web", 5);
});

test("a node ends in order when it is asked to, and its tasks run on", async () => {
  const before = await cluster.running("web", 5);
  expect(await named("w1").end("SIGTERM")).toBe(0);
  named("w1").start();
  await cluster.ready(5);
  const after = await cluster.running("web", 5);
  expect(new Set(after.map(({ id }) => id))).toEqual(new Set(before.map(({ id }) => id)));
});
