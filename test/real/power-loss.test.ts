import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { isAtRest, VolatileDisk } from "../support/disks.ts";
import { RealCluster, type RealNode, until } from "../support/real-cluster.ts";
import { Writer } from "../support/writer.ts";

// Goal: machines that lose their power, at any moment and all at once, lose nothing that was
// acknowledged, and are there again by themselves.

const isRoot = process.getuid?.() === 0;
const cluster = new RealCluster();
const disks = new Map<string, VolatileDisk>();

afterAll(async () => {
  await cluster.stop({ keep: true });
  for (const disk of disks.values()) disk.remove();
  await cluster.stop();
});

/** Where a node of this name will be. */
function addDisk(name: string): void {
  disks.set(name, new VolatileDisk(join(cluster.folder, name), 48));
}

/** The machine loses its power, and is there again without what was not synced. */
async function losePower(node: RealNode): Promise<void> {
  const disk = disks.get(node.name) as VolatileDisk;
  node.signal("SIGSTOP");
  while (!isAtRest(node.pid)) await pause(1);
  await node.end("SIGKILL");
  disk.goBack(disk.keep());
}

test.runIf(isRoot)("managers that all lose their power lose nothing acknowledged", async () => {
  for (const name of ["m1", "m2", "m3"]) addDisk(name);
  await cluster.start(3, 0);
  const writer = new Writer("written", cluster.nodes);
  await writer.progress(20);
  await Promise.all(cluster.nodes.map(losePower));
  for (const node of cluster.nodes) node.start();
  await writer.progress(5);
  await writer.stop();
  await cluster.ready(3);
  expect(await writer.lost(cluster.first.client)).toEqual([]);
});

test.runIf(isRoot)(
  "a manager that loses its power while it joins comes in afterwards",
  async () => {
    addDisk("m4");
    const node = await cluster.join("m4", "manager");
    await pause(500);
    await losePower(node);
    node.start();
    await until("the node that joins", async () => node.id);
    await cluster.hasVote(node);
  },
);
