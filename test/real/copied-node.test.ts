import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../real/daemon/dev.ts";
import { processSleeper } from "../support/process-sleeper.ts";
import { RealCluster, RealNode, until } from "../support/real-cluster.ts";

// Goal: of two machines with one disk, the second of which was copied, only one is the node.
// Method: three managers as processes, and a fourth with a copy of a manager's state directory,
// made before the cluster has gone on.

const cluster = new RealCluster();
let original: RealNode;
let copy: RealNode;

const create = (name: string) =>
  cluster.first.client.command({ kind: "create-service", spec: processSleeper(name, 1) });

beforeAll(async () => {
  await cluster.start(3, 0);
  original = cluster.named("m3");
  await original.end("SIGTERM");
  cpSync(original.folder, join(cluster.folder, "copy"), { recursive: true });
  original.start();
  await cluster.ready(3);
  for (const name of ["one", "two", "three"]) await create(name);
  copy = new RealNode("copy", cluster.folder, `127.0.0.1:${await freePort()}`, []);
  cluster.nodes.push(copy);
});
afterAll(() => cluster.stop());

test("a copy that is started beside its original is not let in, and both ends say so", async () => {
  copy.start();
  const reason = `another process speaks as node ${original.id} already, from 127.0.0.1`;
  for (const node of [copy, cluster.first]) {
    await until(`the reason in ${node.name}`, async () => node.log.includes(reason) || null);
  }
  await create("four");
  await cluster.running("four", 1);
  expect(original.log).not.toContain(reason);
  const nodes = await cluster.listed();
  expect(nodes.map(({ status }) => status.state)).toEqual(["ready", "ready", "ready"]);
});

test("a copy of a manager that is silent finds out that it is behind, and ends", async () => {
  const ended = copy.exited();
  original.signal("SIGSTOP");
  expect(await ended).toBe(1);
  expect(copy.log).toMatch(
    /acknowledged Raft's entry \d+, and \S+ ends at \d+: it is an older copy/,
  );
  original.signal("SIGCONT");
  await cluster.ready(3);
  await create("five");
  await cluster.running("five", 1);
});
