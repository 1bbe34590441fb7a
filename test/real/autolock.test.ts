import { readFileSync, writeFileSync } from "node:fs";
import Docker from "dockerode";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cluster } from "../../core/model/cluster.ts";
import { LocalClient } from "../../real/api/local-client.ts";
import { dialled } from "../support/dialled.ts";
import { RealCluster, type RealNode, until } from "../support/real-cluster.ts";

// Goal: a locked manager's disk says nothing without the unlock key, whatever interrupts the
// locking, and with the key the manager is what it was.
// Method: three managers as processes; one story after another on the same cluster.

const cluster = new RealCluster();
let key = "";

beforeAll(() => cluster.start(3, 0));
afterAll(() => cluster.stop());

async function unlock(node: RealNode, unlockKey: string): Promise<void> {
  const client = new LocalClient(`unix://${node.socket}`);
  await client.unlock(unlockKey).finally(() => client.close());
}

async function leave(node: RealNode): Promise<void> {
  const client = new LocalClient(`unix://${node.socket}`);
  await client.leave(true).finally(() => client.close());
}

async function setAutolock(autoLockManagers: boolean): Promise<void> {
  const { client } = cluster.first;
  const [{ meta, spec }] = (await client.query({ kind: "get-cluster" })) as [Cluster];
  const changed = { ...spec, autoLockManagers };
  await client.command({ kind: "update-cluster", version: meta.version, spec: changed });
}

async function unlockKey(): Promise<string> {
  const [found] = (await cluster.first.client.query({ kind: "get-unlock-key" })) as [Cluster];
  return found.lock.key ?? "";
}

function keptBy({ folder }: RealNode) {
  const pem = readFileSync(`${folder}/certificates/swarm-node.pem`, "utf8");
  const keys = JSON.parse(readFileSync(`${folder}/store/keys.json`, "utf8"));
  return { locks: [keys.isLocked, pem.includes("ENCRYPTED PRIVATE KEY")], keys, pem };
}

async function locked(nodes: readonly RealNode[], isLocked = true, lockVersion = 0): Promise<void> {
  await until(isLocked ? "locked managers" : "open managers", async () => {
    const isSo = (node: RealNode) => {
      const kept = keptBy(node);
      const areSo = kept.locks.every((lock) => lock === isLocked);
      return areSo && kept.keys.lockVersion >= lockVersion;
    };
    return nodes.every(isSo) || null;
  });
}

/** What a manager that is locked answers, as soon as it does. */
async function waiting({ client }: RealNode): Promise<string> {
  return until("a locked manager", () =>
    client.query({ kind: "list-nodes" }).then(
      () => null,
      ({ message }: Error) => (message.includes("is locked") ? message : null),
    ),
  );
}

test("every manager locks its log's key and its TLS key when the cluster says so", async () => {
  const plain = cluster.nodes.map((node) => keptBy(node).keys.keys[0].key);
  await setAutolock(true);
  key = await unlockKey();
  expect(key).toMatch(/^SWMKEY-1-[A-Za-z0-9+/]{43}$/);
  await locked(cluster.nodes);
  for (const [at, node] of cluster.nodes.entries()) {
    const { pem, keys } = keptBy(node);
    expect(pem).not.toContain("BEGIN PRIVATE KEY");
    expect(JSON.stringify(keys)).not.toContain(plain[at]);
    expect(JSON.stringify(keys)).not.toContain(key.slice("SWMKEY-1-".length));
  }
});

test("a locked manager that starts says that it is locked, and nothing else", async () => {
  const node = cluster.nodes[2] as RealNode;
  await node.end("SIGKILL");
  node.start();
  expect(await waiting(node)).toContain("'swarmctl cluster unlock' opens it");
  await expect(unlock(node, `SWMKEY-1-${"A".repeat(43)}`)).rejects.toThrow("invalid key");
  await expect(unlock(node, "SWMKEY-1-short")).rejects.toThrow("this is no unlock key");
  await unlock(node, key);
  await cluster.ready(3);
  await until("the manager's own answer", async () => {
    return (await cluster.listed(node.client)).length === 3 || null;
  });
  await expect(unlock(node, key)).rejects.toThrow("this manager is not locked");
});

test("Docker's API of a locked manager takes the key, and answers once it is up", async () => {
  const node = cluster.nodes[2] as RealNode;
  const socketPath = `${cluster.folder}/m3.docker`;
  const docker = new Docker({ socketPath });
  await node.end("SIGKILL");
  node.start("--docker-socket", socketPath);
  const { Swarm } = await until("an answer", () => docker.info());
  expect(Swarm).toMatchObject({ LocalNodeState: "locked", ControlAvailable: false });
  const locked = {
    statusCode: 503,
    json: { message: expect.stringMatching(/^Swarm is encrypted/) },
  };
  await expect(docker.listNodes()).rejects.toMatchObject(locked);
  const none = { statusCode: 503, json: { message: expect.stringContaining("no Docker engine") } };
  await expect(docker.listContainers()).rejects.toMatchObject(none);
  const unlockBy = (UnlockKey: string) =>
    dialled(docker, { path: "/swarm/unlock", method: "POST", options: { UnlockKey } });
  const wrong = `SWMKEY-1-${"A".repeat(43)}`;
  await expect(unlockBy(wrong)).rejects.toMatchObject({
    statusCode: 400,
    json: { message: expect.stringContaining("swarm could not be unlocked: invalid key") },
  });
  await unlockBy(key);
  expect(await docker.listNodes()).toHaveLength(3);
  await expect(unlockBy(key)).rejects.toMatchObject({
    statusCode: 409,
    json: { message: "swarm is not locked" },
  });
  await cluster.ready(3);
});

test("an unlock key on the command line opens it too, and a wrong one ends it", async () => {
  const node = cluster.nodes[2] as RealNode;
  await node.end("SIGTERM");
  node.start("--unlock-key", `SWMKEY-1-${"A".repeat(43)}`);
  expect(await node.exited()).toBe(1);
  expect(node.log).toContain("invalid key");
  node.start("--unlock-key", key);
  await cluster.ready(3);
});

test("a locked manager stops when it is asked to", async () => {
  const node = cluster.nodes[2] as RealNode;
  await node.end("SIGKILL");
  node.start();
  await waiting(node);
  expect(await node.end("SIGTERM")).toBe(0);
});

test("a manager that was down while the key changed opens with the old one", async () => {
  const [first, second, away] = cluster.nodes as [RealNode, RealNode, RealNode];
  await first.client.command({ kind: "rotate-unlock-key" });
  const next = await unlockKey();
  expect(next).not.toBe(key);
  await locked([first, second], true, 2);
  away.start();
  await waiting(away);
  await expect(unlock(away, next)).rejects.toThrow("opens with the key from before");
  await unlock(away, key);
  await locked(cluster.nodes, true, 2);
  await cluster.ready(3);
  await away.end("SIGKILL");
  away.start("--unlock-key", next);
  await cluster.ready(3);
  key = next;
});

test("managers that are no longer locked start without a key", async () => {
  await setAutolock(false);
  await locked(cluster.nodes, false);
  const node = cluster.nodes[2] as RealNode;
  await node.end("SIGKILL");
  node.start();
  await until("the manager's own answer", async () => {
    return (await cluster.listed(node.client)).length === 3 || null;
  });
});

test("a crash between the two locks, of the log and of the TLS key, is mended", async () => {
  const node = cluster.nodes[2] as RealNode;
  const { pem } = keptBy(node);
  await setAutolock(true);
  key = await unlockKey();
  await locked(cluster.nodes);
  await node.end("SIGKILL");
  writeFileSync(`${node.folder}/certificates/swarm-node.pem`, pem);
  node.start("--unlock-key", key);
  await locked([node]);
  await cluster.ready(3);
});

test("a cluster that is founded locked is so from its first start", async () => {
  const node = await cluster.node("alone", "--autolock");
  node.start();
  await locked([node]);
  await node.end("SIGKILL");
});

test("a manager whose key is lost leaves by force, and waits to be told to join", async () => {
  const node = cluster.nodes[2] as RealNode;
  await node.end("SIGKILL");
  node.start();
  await waiting(node);
  await leave(node);
  const asked = node.client.query({ kind: "list-nodes" });
  await expect(asked).rejects.toThrow("this node is in no cluster");
});
