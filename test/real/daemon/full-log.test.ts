import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { freePort } from "../../../real/daemon/dev.ts";
import { SmallDisk } from "../../support/disks.ts";
import { RealCluster, RealNode } from "../../support/real-cluster.ts";

// Goal: what a node has to say is worth less than what it does.

const cluster = new RealCluster();
afterAll(() => cluster.stop());
const isRoot = process.getuid?.() === 0;

test.runIf(isRoot)("a node whose log can't be written goes on, and says more later", async () => {
  const place = join(cluster.folder, "logs");
  const disk = new SmallDisk(place, 1);
  const log = join(place, "node.log");
  const said = () => readFileSync(log, "utf8");
  const shell = ["/bin/sh", "-c", `exec "$0" "$@" >${log} 2>&1`];
  const address = `127.0.0.1:${await freePort()}`;
  const node = new RealNode("m1", cluster.folder, address, ["-l", "trace"], shell);
  cluster.nodes.push(node);
  const create = (name: string) => {
    const spec = { name, labels: new Map(), data: "YQ==" };
    return node.client.command({ kind: "create-config", spec });
  };
  try {
    node.start();
    await cluster.ready(1);
    disk.fill();
    const before = said().length;
    for (let each = 0; each < 200; each += 1) await create(`full-${each}`);
    expect(said().length - before).toBeLessThan(5_000);
    disk.empty();
    await create("again");
    await expect.poll(() => said().length - before).toBeGreaterThan(500);
    disk.fill();
    expect(await node.end("SIGTERM")).toBe(0);
  } finally {
    await node.end("SIGKILL");
    disk.remove();
  }
});
