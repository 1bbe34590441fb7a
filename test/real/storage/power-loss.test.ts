import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { newKey } from "../../../real/storage/cipher.ts";
import { unlockKeyText } from "../../../real/storage/unlock-key.ts";
import { threadStates, VolatileDisk } from "../../support/disks.ts";
import { NodeDisk } from "../../support/node-disk.ts";

// Goal: what was acknowledged has been synced. A process that is killed leaves all that it has
// written with the kernel; a machine that loses its power does not.

const root = mkdtempSync(join(tmpdir(), "simswarm-power-loss-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const isRoot = process.getuid?.() === 0;

/** Runs on a file system of its own, and leaves none behind. */
async function onVolatileDisk(
  name: string,
  does: (node: NodeDisk, disk: VolatileDisk) => Promise<void>,
): Promise<void> {
  const place = join(root, name);
  const disk = new VolatileDisk(place, 32);
  try {
    await does(new NodeDisk(join(place, "node")), disk);
  } finally {
    disk.remove();
  }
}

/** LevelDB's thread and those of the file system are done with what this one has asked for. */
function waitForOthers(): void {
  const areBusy = () =>
    [...threadStates(process.pid)].some(([id, state]) => id !== process.pid && /[RD]/.test(state));
  while (areBusy());
}

test.runIf(isRoot)("a machine that loses its power keeps each record that was acknowledged", () =>
  onVolatileDisk("records", async (node, disk) => {
    const { storage } = await node.open();
    const sizes = [100, 50_000, 100, 2_000_000, 100, 100];
    const kept: string[] = [];
    for (const [at, bytes] of sizes.entries()) {
      await node.write(at + 1, bytes);
      waitForOthers();
      kept.push(disk.keep());
    }
    await storage.close();
    for (const [at, image] of kept.entries()) {
      disk.goBack(image);
      const { storage: again, durable } = await node.open();
      expect(durable.entries.map(({ index }) => index)).toEqual(
        sizes.slice(0, at + 1).map((_, before) => before + 1),
      );
      await again.close();
    }
  }),
);

test.runIf(isRoot)("a machine that loses its power has the lock that it was last told of", () =>
  onVolatileDisk("lock", async (node, disk) => {
    const { storage } = await node.open();
    await node.write(1, 1_000);
    const keys = [newKey(), newKey()].map(unlockKeyText);
    const kept: string[] = [];
    for (const [at, key] of keys.entries()) {
      await storage.setLock({ key, version: at + 1 });
      waitForOthers();
      kept.push(disk.keep());
    }
    await storage.close();
    for (const [at, image] of kept.entries()) {
      disk.goBack(image);
      await expect(node.open()).rejects.toThrow("this manager is locked");
      const { storage: again, durable } = await node.open(keys[at]);
      expect(durable.entries).toHaveLength(1);
      await again.close();
    }
  }),
);

test("a start that lost its power before its first record is none", async () => {
  const node = new NodeDisk(join(root, "begun"));
  const records = join(node.folder, "records");
  mkdirSync(records, { recursive: true });
  writeFileSync(join(records, "CURRENT"), "MANIFEST-000001\n");
  writeFileSync(join(records, "MANIFEST-000001"), "");
  const { storage, durable } = await node.open();
  expect(durable.entries).toEqual([]);
  await storage.close();
  for (const name of readdirSync(records).filter((each) => each.startsWith("MANIFEST"))) {
    truncateSync(join(records, name));
  }
  await expect(node.open()).rejects.toThrow("is damaged: Corruption: no meta-nextfile");
  rmSync(join(node.folder, "keys.json"));
  await expect(node.open()).rejects.toThrow("is damaged: Corruption: no meta-nextfile");
});
