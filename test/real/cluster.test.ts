import { afterAll, beforeAll, expect, test } from "vitest";
import { processSleeper } from "../support/process-sleeper.ts";
import { atBest, RealCluster, type RealNode, until } from "../support/real-cluster.ts";
import { User } from "../support/user.ts";
import { Writer } from "../support/writer.ts";

// Goal: a cluster of real processes does what the simulated one does, and loses nothing that it has
// acknowledged, whoever is killed.
// Method: three managers and two workers on loopback; one story after another on the same cluster.

const cluster = new RealCluster();
/** Names of services whose creation was acknowledged. */
const acknowledged: string[] = [];

beforeAll(() => cluster.start(3, 2));
afterAll(() => cluster.stop());

async function create(by: User, name: string, replicas: number): Promise<void> {
  await by.create(processSleeper(name, replicas));
  acknowledged.push(name);
}

const first = () => new User(cluster);
const by = (name: string) => new User(cluster, cluster.named(name));

test("a service is created, scaled, and spread over the nodes", async () => {
  await create(by("m2"), "web", 2);
  await cluster.running("web", 2);
  await by("m3").scale("web", 5);
  const running = await cluster.running("web", 5);
  expect(new Set(running.map(({ nodeId }) => nodeId)).size).toBe(5);
});

test("a rolling update replaces every task, and says when it is complete", async () => {
  const before = await cluster.running("web", 5);
  await first().change("web", (spec) => {
    const container = { ...spec.task.container, env: ["VERSION=2"] };
    return { ...spec, task: { ...spec.task, container } };
  });
  await until("the end of the update", async () => {
    const { updateStatus } = await first().service("web");
    return updateStatus?.state === "completed" || null;
  });
  const after = await cluster.running("web", 5);
  const old = new Set(before.map(({ id }) => id));
  expect(after.some(({ id }) => old.has(id))).toBe(false);
  expect(after.every(({ spec }) => spec.container.env[0] === "VERSION=2")).toBe(true);
});

test("a drained node gives up its tasks, and gets some when it is active again", async () => {
  await first().changeNode("w1", { availability: "drain" });
  const { id } = await first().listed("w1");
  await until("no task on the drained node", async () => {
    const running = await cluster.running("web", 5);
    return running.every(({ nodeId }) => nodeId !== id) || null;
  });
  await first().changeNode("w1", { availability: "active" });
  await create(first(), "more", 6);
  const running = await cluster.running("more", 6);
  expect(running.some(({ nodeId }) => nodeId === id)).toBe(true);
});

test("a worker becomes a manager and a worker again, with a certificate of each role", async () => {
  await first().changeNode("w2", { desiredRole: "manager" });
  await until("the new manager's own answer", async () => {
    const own = await by("w2").listed("w2");
    return own.role === "manager" && own.managerStatus?.reachability === "reachable" ? own : null;
  });
  await first().changeNode("w2", { desiredRole: "worker" });
  await until("the worker", async () => {
    const { role, raftId } = await first().listed("w2");
    return (role === "worker" && raftId === null) || null;
  });
  await until("a certificate of a worker", async () => {
    const roles = cluster.named("w2").log.match(/"role":"(manager|worker)","notAfter"/g) ?? [];
    return (roles.length >= 3 && roles.at(-1)?.includes("worker")) || null;
  });
});

test("each manager says of the others whether the leader hears them", async () => {
  const leader = await first().leader();
  const followers = cluster.nodes.slice(0, 3).filter((node) => node !== leader);
  const [asked, other] = followers as [RealNode, RealNode];
  const saysOther = (at: RealNode, expected: string) =>
    until(`${expected} at ${at.name}`, async () => {
      const { managerStatus } = await by(at.name).listed(other.name);
      return managerStatus?.reachability === expected || null;
    });
  await saysOther(asked, "reachable");
  await other.end("SIGKILL");
  await saysOther(asked, "unreachable");
  await saysOther(leader, "unreachable");
  other.start();
  await saysOther(asked, "reachable");
  await cluster.ready(5);
});

/** A busy machine may take longer for an election by so many creations of a service. */
const busyCreations = 20;

test("when the leader is killed the others go on within three seconds", async () => {
  await atBest(3_000, async (name) => {
    const dead = await first().leader();
    const other = by(dead.name === "m2" ? "m3" : "m2");
    const calm = Date.now();
    await create(other, `before-${name}`, 0);
    const calmMs = Date.now() - calm;
    await dead.end("SIGKILL");
    const killed = Date.now();
    await create(other, name, 1);
    const tookMs = Date.now() - killed - busyCreations * calmMs;
    await other.running(name, 1);
    dead.start();
    await other.ready(5);
    return tookMs;
  });
});

test("when all nodes are killed under load, all that was acknowledged is there again", async () => {
  const writers = [1, 2, 3, 4].map((each) => new Writer(`load-${each}`, [cluster.named("m2")]));
  await Promise.all(writers.map((writer) => writer.progress(10)));
  await Promise.all(cluster.nodes.map((node) => node.end("SIGKILL")));
  for (const node of cluster.nodes) node.start();
  await Promise.all(writers.map((writer) => writer.stop()));
  await cluster.ready(5);
  acknowledged.push(...writers.flatMap((writer) => writer.acknowledged));
  const found = await cluster.first.client.query({ kind: "list-services" });
  const names = new Set(found.map(({ spec }) => spec.name));
  expect(acknowledged.filter((name) => !names.has(name))).toEqual([]);
  expect(acknowledged.length).toBeGreaterThan(20);
  await cluster.running("web", 5);
});

test("a node ends in order when it is asked to, and its tasks run on", async () => {
  const before = await cluster.running("web", 5);
  expect(await cluster.named("w1").end("SIGTERM")).toBe(0);
  cluster.named("w1").start();
  await cluster.ready(5);
  const after = await cluster.running("web", 5);
  expect(new Set(after.map(({ id }) => id))).toEqual(new Set(before.map(({ id }) => id)));
});
