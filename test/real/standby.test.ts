import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../real/daemon/dev.ts";
import { dialled } from "../support/dialled.ts";
import { dockerEngine } from "../support/docker.ts";
import { RealCluster, until } from "../support/real-cluster.ts";
import { Relay } from "../support/relay.ts";
import { ended, type Loose, processesOf, refused, Standby, sleeper } from "../support/standby.ts";

// Goal: a node on standby comes into clusters and out of them as Docker's API tells it, without a
// restart.
// Method: processes with --standby and real TLS, told by dockerode.

const cluster = new RealCluster();
afterAll(() => cluster.stop());

const isRoot = process.getuid?.() === 0;
const outside = 'This node is not a swarm manager. Use "docker swarm init"';
const externalCa = { Protocol: "cfssl", URL: "http://ca" };
const inAlready = refused(503, "This node is already part of a swarm.");

interface Waiting {
  readonly late: Standby;
  readonly silent: Server;
  readonly port: number;
  /** What the client is told of its join. */
  readonly told: Promise<void>;
  readonly begun: number;
}

/** A join that takes its time while others go on. */
let waiting: Waiting | null = null;
const held: Socket[] = [];
let m1: Standby;
let w1: Standby;
beforeAll(async () => {
  [m1, w1] = await Promise.all([Standby.start(cluster, "m1"), Standby.start(cluster, "w1")]);
});

describe("a node on standby", () => {
  test("says that it is in no swarm, in Docker's words, whatever it is asked", async () => {
    const { Swarm } = await m1.docker.info();
    expect(Swarm).toMatchObject({ LocalNodeState: "inactive", NodeID: "", Error: "" });
    await expect(m1.docker.listNodes()).rejects.toMatchObject(refused(503, outside));
    await expect(m1.docker.listServices()).rejects.toMatchObject(refused(503, outside));
    await expect(m1.loose.swarmInspect()).rejects.toMatchObject(refused(503, outside));
    const notIn = refused(503, "This node is not part of a swarm");
    await expect(m1.leave()).rejects.toMatchObject(notIn);
    await expect(m1.leave(true)).rejects.toMatchObject(notIn);
    const here = m1.node.client.query({ kind: "list-nodes" });
    await expect(here).rejects.toThrow("this node is in no cluster");
  });

  test.each<[string, object, string]>([
    ["an address that is none", { ListenAddr: "eth77" }, "listen address must be an IP address"],
    ["no address to listen on", { ListenAddr: "" }, 'invalid ListenAddr "": invalid empty'],
    ["an address nobody reaches", { AdvertiseAddr: "0.0.0.0" }, "advertise address must be a non-"],
    ["an availability", { Availability: "idle" }, 'invalid Availability: "idle"'],
    ["a setting", { Spec: { CAConfig: { NodeCertExpiry: 1e9 } } }, "minimum certificate expiry"],
    ["an external CA", { Spec: { CAConfig: { ExternalCAs: [externalCa] } } }, "must be https://"],
    ["a pool", { DefaultAddrPool: ["10.0.0.0"] }, "10.0.0.0 is no subnet of IPv4"],
    ["a subnet size", { DefaultAddrPool: ["10.0.0.0/16"], SubnetSize: 8 }, "subnets of /8"],
    ["a port", { DataPathPort: 80 }, "is not in valid range (1024-49151) : 80"],
    ["another path of data", { DataPathAddr: "10.0.0.1" }, "DataPathAddr is not supported"],
    ["an address in use", { ListenAddr: "192.0.2.99:2377" }, "can't listen on 192.0.2.99:2377"],
  ])("founds nothing with %s that it can't have", async (_, more, words) => {
    await expect(m1.init(more)).rejects.toMatchObject(refused(400, words));
    expect(await m1.state()).toBe("inactive");
  });

  test("founds a swarm with what it is told, and answers once it is up", async () => {
    const id = await m1.init({
      Spec: { Orchestration: { TaskHistoryRetentionLimit: 2 } },
      Availability: "drain",
    });
    expect(id).toBe(m1.node.id);
    const [node] = (await m1.docker.listNodes()) as Loose[];
    expect(node).toMatchObject({
      ID: id,
      Spec: { Availability: "drain", Role: "manager" },
      Status: { State: "ready" },
      ManagerStatus: { Leader: true, Addr: m1.address },
    });
    const { Spec } = await m1.loose.swarmInspect();
    expect(Spec.Orchestration.TaskHistoryRetentionLimit).toBe(2);
    expect((await m1.docker.info()).Swarm.LocalNodeState).toBe("active");
  });

  test("waits for a manager that does not answer", async () => {
    const late = await Standby.start(cluster, "late");
    const port = await freePort();
    const silent = createServer((socket) => held.push(socket)).listen(port);
    const begun = performance.now();
    const told = late.join(m1, "Worker", { RemoteAddrs: [`127.0.0.1:${port}`] });
    told.catch(() => undefined);
    waiting = { late, silent, port, told, begun };
    await late.hasState("pending");
  });

  test("is in one swarm only", async () => {
    await expect(m1.init()).rejects.toMatchObject(inAlready);
    await expect(m1.init({ ListenAddr: "nonsense" })).rejects.toMatchObject(inAlready);
    await expect(m1.join(m1, "Worker")).rejects.toMatchObject(inAlready);
  });

  test.each<[string, object, string]>([
    ["what is no token", { JoinToken: "SWMTKN-1-bad" }, "invalid join token"],
    ["no manager", { RemoteAddrs: [] }, "at least 1 RemoteAddr is required to join"],
    ["no address", { RemoteAddrs: ["a b"] }, 'invalid remoteAddr "a b"'],
    ["a manager that is not there", { RemoteAddrs: ["127.0.0.1:1"] }, "nobody listens there"],
  ])("joins nothing by %s", async (_, more, words) => {
    await expect(w1.join(m1, "Worker", more)).rejects.toMatchObject(refused(400, words));
    expect(await w1.state()).toBe("inactive");
  });

  test("joins nothing by a token of another swarm, or one that was changed", async () => {
    const { Worker } = (await m1.loose.swarmInspect()).JoinTokens;
    const changed = Worker.slice(0, -1) + (Worker.endsWith("0") ? "1" : "0");
    const valid = refused(400, "A valid join token is necessary to join this cluster");
    await expect(w1.join(m1, "Worker", { JoinToken: changed })).rejects.toMatchObject(valid);
    const [prefix, one, digest, secret] = Worker.split("-");
    const other = [prefix, one, digest.replace(/^./, digest[0] === "0" ? "1" : "0"), secret];
    const foreign = refused(400, "is not of the cluster that the join token is for");
    const joining = w1.join(m1, "Worker", { JoinToken: other.join("-") });
    await expect(joining).rejects.toMatchObject(foreign);
    expect(await w1.state()).toBe("inactive");
    expect(w1.isEmpty).toBe(true);
  });

  test("joins as a worker, and is one after a restart", async () => {
    await w1.join(m1, "Worker");
    expect((await w1.docker.info()).Swarm).toMatchObject({
      ...{ LocalNodeState: "active", ControlAvailable: false, NodeID: w1.node.id },
      NodeAddr: "127.0.0.1",
    });
    await w1.restart();
    await w1.hasState("active");
    await cluster.ready(2);
  });

  test("leaves with all it runs and keeps, is down to the others, and joins again", async () => {
    await m1.docker.createService({
      Name: "web",
      TaskTemplate: sleeper,
      Mode: { Global: {} },
    } as Loose);
    await cluster.running("web", 1);
    const before = w1.node.id;
    const left = await processesOf(w1);
    await w1.leave();
    expect(await w1.state()).toBe("inactive");
    expect(w1.isEmpty).toBe(true);
    await ended(left);
    await until("a node that is down", async () => {
      const node = (await m1.docker.listNodes()).find(({ ID }: Loose) => ID === before) as Loose;
      return node.Status.State === "down" || null;
    });
    await m1.docker.getNode(before).remove();
    await w1.join(m1, "Worker", { Availability: "pause" });
    const node: Loose = await m1.docker.getNode(w1.node.id).inspect();
    expect(node.Spec.Availability).toBe("pause");
    expect(w1.node.id).not.toBe(before);
  });

  test("was told that its manager is not reached in time, and joins once it is", async () => {
    const { late, silent, port, told, begun } = waiting as Waiting;
    const timeout = refused(503, "Timeout was reached before node joined. The attempt to join");
    await expect(told).rejects.toMatchObject(timeout);
    expect(performance.now() - begun).toBeGreaterThan(19_000);
    expect(await late.state()).toMatch(/pending|error/);
    silent.close();
    for (const socket of held) socket.destroy();
    const relay = new Relay(port, Number(m1.address.split(":")[1]));
    await relay.open();
    await late.hasState("active");
    relay.cut();
    await late.leave();
    expect(await late.state()).toBe("inactive");
  });
});

test.runIf(isRoot)("a node that leaves while its engine keeps it waiting stays out", async () => {
  const target = (await dockerEngine()).replace("unix://", "");
  const relay = new Relay(join(cluster.folder, "engine.sock"), target);
  await relay.open();
  const engine = ["--executor", "auto", "--engine-addr", `unix://${relay.path}`];
  const slow = await Standby.start(cluster, "slow", ...engine);
  try {
    await slow.init();
    relay.hold();
    await slow.node.end("SIGKILL");
    slow.node.start();
    await until("an answer", () => slow.docker.ping());
    const leaving = slow.leave(true);
    await until("a node on its way out", async () => !slow.isMember || null);
    relay.release();
    await leaving;
    await slow.loose.swarmInspect().catch(() => undefined);
    await delay(2_000);
    expect(await slow.state()).toBe("inactive");
    expect(slow.node.log.match(/"the node is up"/g)).toHaveLength(1);
  } finally {
    relay.cut();
  }
});

describe("a manager on standby", () => {
  let second: Standby | null = null;

  test("does not leave unless it is forced to", async () => {
    const words = "Removing the last manager erases all current state of the swarm.";
    await expect(m1.leave()).rejects.toMatchObject(refused(503, words));
  });

  test("that was a worker tells of what happens in the swarm from then on", async () => {
    const own = m1.docker.getNode(w1.node.id);
    // The cluster itself may change the node between the two.
    const become = (Role: "manager" | "worker") =>
      until(`w1 that is to be a ${Role}`, async () => {
        const { Version, Spec }: Loose = await own.inspect();
        await (own as Loose).update({ version: Version.Index, ...Spec, Role });
        return true;
      });
    await become("manager");
    await cluster.hasVote(w1.node);
    await m1.docker.createService({ Name: "told", TaskTemplate: sleeper } as Loose);
    const filters = { type: ["service" as const] };
    await until("what w1 tells", async () => {
      const soon = Math.ceil(Date.now() / 1_000) + 1;
      const events = await w1.docker.getEvents({ since: 1, until: soon, filters });
      let text = "";
      for await (const chunk of events) text += chunk;
      return text.includes('"name":"told"') || null;
    });
    await m1.docker.getService("told").remove();
    await become("worker");
    await until("a worker again", async () => {
      const node: Loose = await m1.docker.getNode(w1.node.id).inspect();
      return (node.Spec.Role === "worker" && node.ManagerStatus === undefined) || null;
    });
  });

  test("that is forced to leave hands its vote back: the others miss no quorum", async () => {
    const m2 = await Standby.start(cluster, "m2");
    await m2.join(m1, "Manager");
    await cluster.hasVote(m2.node);
    const words = "Removing this node leaves 1 managers out of 2. Without a Raft quorum";
    await expect(m1.leave()).rejects.toMatchObject(refused(503, words));
    const first = m1.node.id;
    await m1.leave(true);
    expect(await m1.state()).toBe("inactive");
    const nodes = (await m2.docker.listNodes()) as Loose[];
    expect(nodes.find(({ ID }) => ID === first)?.Spec.Role).toBe("worker");
    await m1.join(m2, "Manager");
    await cluster.hasVote(m1.node);
    second = m2;
  });

  test("that alone is left goes on alone when it is told to", async () => {
    const other = second as Standby;
    const there = refused(503, "this manager does not form a new cluster");
    await m1.docker.listNodes();
    await expect(m1.init({ ForceNewCluster: true })).rejects.toMatchObject(there);
    const settings = { Spec: { Orchestration: { TaskHistoryRetentionLimit: 1 } } };
    const unchanged = refused(400, "with ForceNewCluster the settings stay as they are");
    const forced = m1.init({ ForceNewCluster: true, ...settings });
    await expect(forced).rejects.toMatchObject(unchanged);
    await m1.node.end("SIGTERM");
    const before = m1.node.log.length;
    m1.node.start("--force-new-cluster");
    const said = () => m1.node.log.slice(before);
    await until("its refusal", async () => {
      return said().includes("this manager does not form a new cluster") || null;
    });
    await cluster.hasVote(m1.node);
    await m1.hasState("active");
    expect(said()).not.toContain("the node can't take part in its cluster");
    await other.node.end("SIGKILL");
    expect(await m1.init({ ForceNewCluster: true })).toBe(m1.node.id);
    const managers = ((await m1.docker.listNodes()) as Loose[]).filter(
      (node) => node.ManagerStatus,
    );
    expect(managers.map(({ ID }) => ID)).toEqual([m1.node.id]);
  });

  test("that is locked says so after a restart, opens, and leaves only by force", async () => {
    await m1.leave(true);
    await m1.init({ AutoLockManagers: true });
    const asked = { path: "/swarm/unlockkey", method: "GET" };
    const { UnlockKey } = (await dialled(m1.docker, asked)) as { UnlockKey: string };
    await m1.restart();
    await m1.hasState("locked");
    await expect(m1.init()).rejects.toMatchObject(inAlready);
    const locked = refused(503, "Swarm is encrypted and locked. Please unlock it first");
    await expect(m1.leave()).rejects.toMatchObject(locked);
    await dialled(m1.docker, { path: "/swarm/unlock", method: "POST", options: { UnlockKey } });
    expect(await m1.state()).toBe("active");
    await m1.restart();
    await m1.hasState("locked");
    await m1.leave(true);
    expect(await m1.state()).toBe("inactive");
    expect(m1.isEmpty).toBe(true);
  });
});
