import type Docker from "dockerode";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "../../real/docker/client.ts";
import { containerSleeper, withVersion } from "../support/container-sleeper.ts";
import { SlowDisk, SmallDisk } from "../support/disks.ts";
import { dockerEngine } from "../support/docker.ts";
import { Machines } from "../support/machines.ts";
import { RealCluster, type RealNode, until } from "../support/real-cluster.ts";
import { User } from "../support/user.ts";
import { Writer } from "../support/writer.ts";

// Goal: a cluster on real machines keeps its promises while they break.
// Method: three managers and two workers, each a process in a network of its own, with containers
// of one Docker engine as tasks. A writer writes all the while: in the end, and after each fault,
// whatever was acknowledged is there.

let cluster: RealCluster;
let machines: Machines;
let docker: Docker;
let user: User;
let writer: Writer;
const smallDisks = new Map<string, SmallDisk>();

beforeAll(async () => {
  const engine = await dockerEngine();
  docker = connect(engine);
  machines = new Machines();
  cluster = new RealCluster({ machines, engine });
  for (const name of ["m2", "m3"]) {
    smallDisks.set(name, new SmallDisk(`${cluster.folder}/${name}`, 48));
  }
  await cluster.start(3, 2);
  user = new User(cluster);
  const managers = ["m1", "m2", "m3"].map((name) => cluster.named(name));
  writer = new Writer("written", managers);
});

afterAll(async () => {
  await writer?.stop();
  await cluster?.stop();
  for (const disk of smallDisks.values()) disk.remove();
});

/** Nothing that was acknowledged is lost, and more is acknowledged. */
async function nothingIsLost(by = cluster.first): Promise<void> {
  await writer.progress();
  expect(await writer.lost(by.client)).toEqual([]);
}

function otherManager(node: RealNode): RealNode {
  return cluster.named(node.name === "m1" ? "m3" : "m1");
}

async function containersOf(service: string) {
  const label = [`com.docker.swarm.service.name=${service}`];
  return docker.listContainers({ filters: { label } });
}

/** What tells a container that went on from one that was started again. */
async function lives(service: string): Promise<readonly string[]> {
  const found = await containersOf(service);
  const inspected = await Promise.all(found.map(({ Id }) => docker.getContainer(Id).inspect()));
  return inspected.map(({ Id, State: { StartedAt } }) => `${Id} ${StartedAt}`).sort();
}

test("a service is created, scaled from 1 to 20, and updated step by step", async () => {
  await user.create(containerSleeper("web", 1));
  await user.running("web", 1);
  await user.scale("web", 20);
  const before = await user.running("web", 20);
  expect(new Set(before.map(({ nodeId }) => nodeId)).size).toBe(5);
  await user.change("web", (spec) => withVersion(spec, "2"));
  await until("the end of the update", async () => {
    const { updateStatus } = await user.service("web");
    return updateStatus?.state === "completed" || null;
  });
  const after = await user.running("web", 20);
  expect(after.every(({ spec }) => spec.container.env.includes("VERSION=2"))).toBe(true);
  await until("only the new containers", async () => {
    return (await containersOf("web")).length === 20 || null;
  });
  await user.scale("web", 10);
  await user.running("web", 10);
  await nothingIsLost();
});

test("a container that is killed is replaced", async () => {
  const before = await user.running("web", 10);
  const [victim] = await until("only the containers of those", async () => {
    const found = await containersOf("web");
    return found.length === 10 ? found : null;
  });
  await docker.getContainer(victim?.Id ?? "").kill();
  await until("another task", async () => {
    const after = await user.running("web", 10);
    const ids = new Set(before.map(({ id }) => id));
    return after.some(({ id }) => !ids.has(id)) || null;
  });
});

test("a drained node gives up its containers; a worker is promoted and demoted", async () => {
  await user.changeNode("w1", { availability: "drain" });
  const { id } = await user.listed("w1");
  await until("no task on the drained node", async () => {
    const running = await user.running("web", 10);
    return running.every(({ nodeId }) => nodeId !== id) || null;
  });
  await user.changeNode("w1", { availability: "active", desiredRole: "manager" });
  await until("a manager", async () => {
    const { managerStatus } = await user.listed("w1");
    return managerStatus?.reachability === "reachable" || null;
  });
  await user.changeNode("w1", { desiredRole: "worker" });
  await until("a worker", async () => ((await user.listed("w1")).raftId === null ? true : null));
  await nothingIsLost();
});

test("when the leader is killed the others go on", async () => {
  const leader = await user.leader();
  await leader.end("SIGKILL");
  const other = new User(cluster, otherManager(leader));
  await other.create(containerSleeper("meanwhile", 1));
  await other.running("meanwhile", 1);
  await nothingIsLost(otherManager(leader));
  leader.start();
  await user.ready(5);
});

test("a worker that is killed loses its tasks to others, and what it still runs", async () => {
  const { id } = await user.listed("w2");
  await cluster.named("w2").end("SIGKILL");
  await until("all tasks elsewhere", async () => {
    const running = await user.running("web", 10);
    return running.every(({ nodeId }) => nodeId !== id) || null;
  });
  cluster.named("w2").start();
  await user.ready(5);
  await until("one container for each task", async () => {
    return (await containersOf("web")).length === 10 || null;
  });
});

test("a leader that is cut off steps down and takes no command", async () => {
  const leader = await user.leader();
  const before = leader.log.length;
  machines.cut(leader.name);
  const other = new User(cluster, otherManager(leader));
  await until("another leader", async () => {
    const found = await other.leader();
    return found !== leader || null;
  });
  await until("the leader's own word that it is none", async () => {
    const since = leader.log.slice(before);
    return /"role":"(follower|pre-candidate|candidate)"/.test(since) || null;
  });
  const asked = leader.newClient(2_000);
  const spec = containerSleeper("told-to-nobody", 1);
  await expect(asked.command({ kind: "create-service", spec })).rejects.toThrow();
  asked.close();
  await nothingIsLost(otherManager(leader));
  machines.heal(leader.name);
  await user.ready(5);
  await nothingIsLost(leader);
});

test("when all nodes are killed their containers run on, and are taken over", async () => {
  const before = await until("one container for each task", async () => {
    const found = await lives("web");
    return found.length === 10 ? found : null;
  });
  await Promise.all(cluster.nodes.map((node) => node.end("SIGKILL")));
  for (const node of cluster.nodes) node.start();
  await user.ready(5);
  await user.running("web", 10);
  await nothingIsLost();
  expect(await lives("web")).toEqual(before);
});

/** Kills leaders until one of these leads. */
async function leaderAmong(names: readonly string[]): Promise<RealNode> {
  return until(`${names} to lead`, async () => {
    const leader = await user.leader();
    if (names.includes(leader.name)) return leader;
    await leader.end("SIGKILL");
    await writer.progress();
    leader.start();
    return null;
  });
}

/** Room that its log has beforehand is filled like the rest of the disk. */
async function writeUntilItEnds(leader: RealNode): Promise<number | null> {
  const ended = leader.exited();
  let isOver = false;
  ended.then(() => {
    isOver = true;
  });
  const client = leader.newClient(1_000);
  for (let number = 0; !isOver; number += 1) {
    const spec = { name: `ballast-${number}`, data: "A".repeat(400_000), labels: new Map() };
    const created = client.command({ kind: "create-config", spec }).catch(() => undefined);
    await Promise.race([created, ended]);
  }
  client.close();
  return ended;
}

test("a leader whose disk is full ends with an error, and loses nothing", async () => {
  const leader = await leaderAmong([...smallDisks.keys()]);
  const disk = smallDisks.get(leader.name) as SmallDisk;
  const before = leader.log.length;
  disk.fill();
  expect(await writeUntilItEnds(leader)).toBe(1);
  expect(leader.log.slice(before)).toMatch(/No space left on device/);
  await nothingIsLost();
  disk.empty();
  leader.start();
  await user.ready(5);
  await nothingIsLost(leader);
});

test("a leader whose disk is slow goes on, and loses nothing when it is killed", async () => {
  const leader = await leaderAmong(["m1"]);
  const slow = new SlowDisk(cluster.folder, 4);
  slow.slow(leader.pid);
  await writer.progress(5);
  await leader.end("SIGKILL");
  await nothingIsLost(cluster.named("m2"));
  slow.remove();
  leader.start();
  await user.ready(5);
  await nothingIsLost(leader);
});

test("a service that is removed leaves nothing", async () => {
  await user.remove("web");
  await until("no container", async () => ((await containersOf("web")).length === 0 ? true : null));
  await writer.stop();
  expect(writer.acknowledged.length).toBeGreaterThan(50);
  expect(await writer.lost(cluster.first.client)).toEqual([]);
});
