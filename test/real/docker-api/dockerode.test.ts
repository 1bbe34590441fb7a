import { join } from "node:path";
import Docker from "dockerode";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RealCluster, until } from "../../support/real-cluster.ts";

// Goal: every method of dockerode for a swarm does with our nodes what it does with Docker's.
// Method: dockerode, talking to a manager that does not lead, of two managers and a worker.

// biome-ignore lint/suspicious/noExplicitAny: dockerode's own types lag behind Docker's.
type Loose = any;

const cluster = new RealCluster();
let docker: Docker;
let loose: Loose;
let worker: Docker;

function socketOf(name: string): string {
  return join(cluster.folder, `${name}.docker`);
}

beforeAll(async () => {
  (await cluster.node("m1", "--docker-socket", socketOf("m1"))).start();
  await cluster.join("m2", "manager", "--docker-socket", socketOf("m2"));
  await cluster.join("w1", "worker", "--docker-socket", socketOf("w1"));
  await cluster.ready(3);
  docker = new Docker({ socketPath: socketOf("m2") });
  loose = docker;
  worker = new Docker({ socketPath: socketOf("w1") });
});
afterAll(() => cluster.stop());

const web = (fields: object = {}): Loose => ({
  Name: "web",
  TaskTemplate: {
    ContainerSpec: { Image: "any", Command: ["sleep", "1000"], StopGracePeriod: 300e6 },
    RestartPolicy: { Delay: 0 },
  },
  Mode: { Replicated: { Replicas: 2 } },
  ...fields,
});

async function running(name: string, count: number): Promise<Loose[]> {
  return until(`${count} running tasks of ${name}`, async () => {
    const filters = { service: [name], "desired-state": ["running"] };
    const tasks: Loose[] = await loose.listTasks({ filters });
    const up = tasks.filter(({ Status }) => Status.State === "running");
    return up.length === count ? up : null;
  });
}

test("services are created, listed, shown, updated, rolled back and removed", async () => {
  const made = await docker.createService(web());
  const service = docker.getService(made.id);
  await running("web", 2);
  const [listed]: Loose[] = await loose.listServices({ status: true });
  expect(listed).toMatchObject({
    ID: made.id,
    ServiceStatus: { RunningTasks: 2, DesiredTasks: 2, CompletedTasks: 0 },
  });
  const before: Loose = await service.inspect();
  const version = before.Version.Index;
  await service.update({ version, ...web({ Mode: { Replicated: { Replicas: 3 } } }) } as Loose);
  await running("web", 3);
  const after: Loose = await docker.getService("web").inspect();
  expect(after.PreviousSpec.Mode.Replicated.Replicas).toBe(2);
  const stale = service.update({ version, ...web() } as Loose);
  await expect(stale).rejects.toMatchObject({
    statusCode: 500,
    message: expect.stringContaining("update out of sequence"),
  });
  await service.update({
    ...{ version: after.Version.Index, rollback: "previous" },
    ...after.Spec,
  });
  await running("web", 2);
  await expect(docker.createService(web())).rejects.toMatchObject({ statusCode: 409 });
  await service.remove();
  await expect(service.inspect()).rejects.toMatchObject({ statusCode: 404 });
});

test("tasks are listed and shown", async () => {
  await docker.createService(web({ Name: "watched" }));
  const [task] = await running("watched", 2);
  const shown: Loose = await docker.getTask(task.ID).inspect();
  expect(shown).toMatchObject({ ID: task.ID, ServiceID: task.ServiceID, DesiredState: "running" });
  expect(shown.Spec.ContainerSpec.Command).toEqual(["sleep", "1000"]);
  const filters = { service: ["watched"], node: [task.NodeID] };
  expect(await loose.listTasks({ filters })).not.toEqual([]);
  await expect(docker.getTask("nosuch").inspect()).rejects.toMatchObject({ statusCode: 404 });
  await docker.getService("watched").remove();
});

test("nodes are listed, shown, updated and removed", async () => {
  const nodes: Loose[] = await docker.listNodes();
  const names = nodes.map(({ Description }) => Description.Hostname);
  expect(names.sort()).toEqual(["m1", "m2", "w1"]);
  const found: Loose = nodes.find(({ Description }) => Description.Hostname === "w1");
  const node = docker.getNode(found.ID);
  const version = found.Version.Index;
  await node.update({ version, ...found.Spec, Labels: { zone: "a" } } as Loose);
  expect(((await node.inspect()) as Loose).Spec.Labels).toEqual({ zone: "a" });
  const manager: Loose = await docker.getNode("m1").inspect();
  expect(manager.ManagerStatus).toEqual({
    Leader: true,
    Reachability: "reachable",
    Addr: cluster.first.address,
  });
  await expect(docker.getNode("m1").remove()).rejects.toThrow("must be demoted to worker");
  await expect(node.remove()).rejects.toThrow("is not down and can't be removed");
});

describe.each([
  {
    kind: "secret",
    create: () => docker.createSecret({ Name: "key", Data: "a2V5" } as Loose),
    list: () => docker.listSecrets() as Promise<Loose[]>,
    get: (id: string) => docker.getSecret(id),
  },
  {
    kind: "config",
    create: () => docker.createConfig({ Name: "key", Data: "a2V5" } as Loose),
    list: () => docker.listConfigs() as Promise<Loose[]>,
    get: (id: string) => docker.getConfig(id),
  },
])("$kind", ({ create, list, get }) => {
  test("is created, listed, shown, labelled and removed", async () => {
    const { id } = (await create()) as Loose;
    const [listed]: Loose[] = await list();
    expect(listed).toMatchObject({ ID: id, Spec: { Name: "key" } });
    const version = listed.Version.Index;
    const file = get(id);
    await file.update({ version, Name: "key", Labels: { a: "b" } } as Loose);
    expect(((await file.inspect()) as Loose).Spec.Labels).toEqual({ a: "b" });
    await file.remove();
    expect(await list()).toEqual([]);
  });
});

test("networks are created, listed, shown, attached to and removed", async () => {
  const network = await docker.createNetwork({ Name: "back", Driver: "overlay" });
  const shown = await network.inspect();
  expect(shown).toMatchObject({ Name: "back", Scope: "swarm", Driver: "overlay" });
  const listed: Loose[] = await loose.listNetworks({ filters: { type: ["custom"] } });
  expect(listed.map(({ Name }) => Name)).toEqual(["back"]);
  const { TaskTemplate } = web();
  const Networks = [{ Target: "back", Aliases: ["www"] }];
  await docker.createService(
    web({ Name: "attached", TaskTemplate: { ...TaskTemplate, Networks } }),
  );
  const [task] = await running("attached", 2);
  expect(task.NetworksAttachments[0].Network).toMatchObject({
    ID: shown.Id,
    Spec: { Name: "back" },
  });
  await expect(network.remove()).rejects.toThrow("in use by the following service: attached");
  await docker.getService("attached").remove();
  await network.remove();
  await expect(network.inspect()).rejects.toMatchObject({ statusCode: 404 });
});

test("the swarm is shown and changed, and keeps its node", async () => {
  const swarm: Loose = await docker.swarmInspect();
  expect(swarm.JoinTokens.Worker).toMatch(/^SWMTKN-1-/);
  const version = swarm.Version.Index;
  const Orchestration = { TaskHistoryRetentionLimit: 3 };
  await docker.swarmUpdate({ version, rotateWorkerToken: true, ...swarm.Spec, Orchestration });
  const after: Loose = await docker.swarmInspect();
  expect(after.Spec.Orchestration).toEqual(Orchestration);
  expect(after.JoinTokens.Worker).not.toBe(swarm.JoinTokens.Worker);
  const already = "This node is already part of a swarm";
  await expect(docker.swarmInit({ ListenAddr: "0.0.0.0" })).rejects.toThrow(already);
  await expect(docker.swarmJoin({ RemoteAddrs: ["m1:1"] })).rejects.toThrow(already);
  await expect(loose.swarmLeave()).rejects.toThrow("participating as a manager");
});

test("a worker sends whoever asks it to a manager", async () => {
  const words = "This node is not a swarm manager.";
  await expect(worker.listServices()).rejects.toMatchObject({ statusCode: 503 });
  await expect(worker.createService(web())).rejects.toThrow(words);
  await expect(worker.swarmInspect()).rejects.toThrow(words);
});
