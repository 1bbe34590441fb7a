import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import Docker from "dockerode";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../real/daemon/dev.ts";
import { StateDir } from "../../real/daemon/state-dir.ts";
import { dialled } from "../support/dialled.ts";
import { RealCluster, type RealNode, until } from "../support/real-cluster.ts";
import { Relay } from "../support/relay.ts";

// Goal: a node on standby comes into clusters and out of them as Docker's API tells it, without a
// restart, and is in one, on its way or in none after a crash at any moment.
// Method: processes with --standby and real TLS, told by dockerode; kills at drawn moments, and
// state directories as a crash leaves them.

// biome-ignore lint/suspicious/noExplicitAny: dockerode's own types lag behind Docker's.
type Loose = any;

const cluster = new RealCluster();
afterAll(() => cluster.stop(), 30_000);

/** A node, its Docker API, and where it will listen. */
class Standby {
  readonly node: RealNode;
  readonly docker: Docker;
  readonly loose: Loose;
  readonly address: string;

  private constructor(node: RealNode, socketPath: string, address: string) {
    this.node = node;
    this.docker = new Docker({ socketPath });
    this.loose = this.docker;
    this.address = address;
  }

  static async start(name: string): Promise<Standby> {
    const socket = join(cluster.folder, `${name}.docker`);
    const node = await cluster.node(name, "--standby", "--docker-socket", socket);
    const standby = new Standby(node, socket, `127.0.0.1:${await freePort()}`);
    await standby.restart();
    return standby;
  }

  async restart(): Promise<void> {
    await this.node.end("SIGKILL");
    this.node.start();
    await until(`an answer of ${this.node.name}`, () => this.docker.info());
  }

  async state(): Promise<string> {
    return (await this.docker.info()).Swarm.LocalNodeState;
  }

  async hasState(wanted: string): Promise<void> {
    await until(`${this.node.name} ${wanted}`, async () => (await this.state()) === wanted || null);
  }

  init(more: object = {}): Promise<string> {
    return this.loose.swarmInit({ ...this.place, ForceNewCluster: false, ...more });
  }

  async join(other: Standby, role: "Manager" | "Worker", more: object = {}): Promise<void> {
    const JoinToken = (await other.loose.swarmInspect()).JoinTokens[role];
    await this.loose.swarmJoin({ ...this.place, RemoteAddrs: [other.address], JoinToken, ...more });
  }

  leave(force = false): Promise<void> {
    return this.loose.swarmLeave({ force });
  }

  get place() {
    return { ListenAddr: this.address, AdvertiseAddr: this.address };
  }

  /** Nothing is left but the word that it has left. */
  get isEmpty(): boolean {
    return readdirSync(this.node.folder).join() === "state.json";
  }
}

const refused = (statusCode: number, words: string) => ({
  statusCode,
  json: { message: expect.stringContaining(words) },
});
const outside = 'This node is not a swarm manager. Use "docker swarm init"';
const inAlready = refused(503, "This node is already part of a swarm.");
const sleeper = {
  ContainerSpec: { Image: "any", Command: ["sleep", "1000"] },
  RestartPolicy: { Delay: 0 },
};

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
  [m1, w1] = await Promise.all([Standby.start("m1"), Standby.start("w1")]);
}, 60_000);

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
    ["an external CA", { Spec: { CAConfig: { ExternalCAs: [{}, { URL: "x" }] } } }, "ExternalCAs"],
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
    const late = await Standby.start("late");
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
    ["a manager that is not there", { RemoteAddrs: ["127.0.0.1:1"] }, "connect ECONNREFUSED"],
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
  }, 30_000);

  test("leaves with all that it runs and keeps, is down to the others, and joins again", async () => {
    await m1.docker.createService({
      Name: "web",
      TaskTemplate: sleeper,
      Mode: { Global: {} },
    } as Loose);
    await cluster.running("web", 1);
    const before = w1.node.id;
    const left = processesOf(w1);
    expect(left.length).toBeGreaterThan(0);
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
  }, 60_000);

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
  }, 60_000);
});

describe("a manager on standby", () => {
  let second: Standby | null = null;

  test("does not leave unless it is forced to", async () => {
    const words = "Removing the last manager erases all current state of the swarm.";
    await expect(m1.leave()).rejects.toMatchObject(refused(503, words));
  });

  test("that is forced to leave hands its vote back: the others miss no quorum", async () => {
    const m2 = await Standby.start("m2");
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
  }, 60_000);

  test("that alone is left goes on alone when it is told to", async () => {
    const other = second as Standby;
    const there = refused(503, "this manager does not form a new cluster");
    await expect(m1.init({ ForceNewCluster: true })).rejects.toMatchObject(there);
    const settings = { Spec: { Orchestration: { TaskHistoryRetentionLimit: 1 } } };
    const unchanged = refused(400, "with ForceNewCluster the settings stay as they are");
    const forced = m1.init({ ForceNewCluster: true, ...settings });
    await expect(forced).rejects.toMatchObject(unchanged);
    await other.node.end("SIGKILL");
    expect(await m1.init({ ForceNewCluster: true })).toBe(m1.node.id);
    const managers = ((await m1.docker.listNodes()) as Loose[]).filter(
      (node) => node.ManagerStatus,
    );
    expect(managers.map(({ ID }) => ID)).toEqual([m1.node.id]);
  }, 90_000);

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
  }, 60_000);
});

describe("whatever ends the process", () => {
  test("a node that was about to leave has left after the next start", async () => {
    await m1.init();
    await m1.docker.createService({ Name: "web", TaskTemplate: sleeper } as Loose);
    await cluster.running("web", 1);
    const left = processesOf(m1);
    await m1.node.end("SIGKILL");
    new StateDir(m1.node.folder).leave(m1.node.id);
    await m1.restart();
    expect(await m1.state()).toBe("inactive");
    expect(m1.isEmpty).toBe(true);
    expect(left.length).toBeGreaterThan(0);
    await ended(left);
  }, 60_000);

  test.each([0, 1, 2])(
    "a kill in init and leave leaves nothing half (%i)",
    async (round) => {
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
    },
    60_000,
  );

  test.each([0, 1, 2])(
    "a kill in join leaves nothing half (%i)",
    async (round) => {
      if ((await m1.state()) === "inactive") await m1.init();
      if ((await w1.state()) !== "inactive") await w1.leave();
      void w1.join(m1, "Worker").catch(() => undefined);
      await pause(round * 60 + Math.random() * 60);
      await w1.restart();
      if ((await w1.state()) === "inactive") await w1.join(m1, "Worker");
      await w1.hasState("active");
      await w1.leave();
    },
    60_000,
  );

  test("a swarm that was to be founded is founded at the next start, as it was told", async () => {
    await m1.leave(true);
    await m1.init({ Availability: "pause" });
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
  }, 60_000);

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
  }, 60_000);

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
  }, 30_000);
});

/** What the node has started for its tasks. */
function processesOf({ node }: Standby): number[] {
  const { tasks } = new StateDir(node.folder);
  return readdirSync(tasks).flatMap((task) => {
    const file = join(tasks, task, "pid");
    return existsSync(file) ? [Number(readFileSync(file, "utf8"))] : [];
  });
}

/** What was killed is gone once whoever started it has noticed. */
async function ended(processes: readonly number[]): Promise<void> {
  await until("the end of what ran", async () => !processes.some(isAlive) || null);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
