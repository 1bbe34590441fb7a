import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { newKey } from "../../../real/storage/cipher.ts";
import { unlockKeyText } from "../../../real/storage/unlock-key.ts";
import { SmallDisk } from "../../support/disks.ts";
import { NodeDisk } from "../../support/node-disk.ts";

// Goal: a disk that takes nothing more stops the node, and what it has taken is there again.

const root = mkdtempSync(join(tmpdir(), "simswarm-full-disk-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const isRoot = process.getuid?.() === 0;
const anUnlockKey = () => unlockKeyText(newKey());

/** Runs on a file system of its own, and leaves none behind. */
async function onSmallDisk(
  megabytes: number,
  does: (node: NodeDisk, disk: SmallDisk, place: string) => Promise<void>,
): Promise<void> {
  const place = join(root, `disk-of-${megabytes}`);
  const disk = new SmallDisk(place, megabytes);
  try {
    await does(new NodeDisk(join(place, "node")), disk, place);
  } finally {
    disk.remove();
  }
}

test.runIf(isRoot)("a full disk stops the node, and nothing acknowledged is lost", () =>
  onSmallDisk(6, async (node, disk) => {
    const { storage } = await node.open();
    for (let index = 1; node.failures.length === 0; index += 1) await node.write(index, 50_000);
    const safely = node.acknowledged;
    expect(node.failures[0]).toContain("the disk is full");
    await node.write(1, 1);
    await delay(20);
    expect(node.acknowledged).toBe(safely);
    await storage.close();
    disk.grow(64);
    const { storage: again, durable } = await node.open();
    expect(durable.entries.length).toBeGreaterThanOrEqual(safely);
    await again.close();
  }),
);

test.runIf(isRoot)("a full disk is the answer to whoever waits for a backup", () =>
  onSmallDisk(7, async (node, disk) => {
    const { storage } = await node.open();
    disk.fill();
    const payload = { size: 4_000_000, text: "x".repeat(4_000_000) };
    node.begin({ entries: [{ index: 1, term: 1, kind: "payload", payload }] });
    const asked = [storage.backup(), storage.backup()];
    for (const each of asked) await expect(each).rejects.toThrow("the disk is full");
    await expect(storage.backup(), "later").rejects.toThrow("the disk is full");
    await storage.close();
    await expect(storage.backup()).rejects.toThrow("the disk is full");
  }),
);

test.runIf(isRoot)("a disk that is full when it is opened keeps all that it has", () =>
  onSmallDisk(8, async (node, disk, place) => {
    disk.fill();
    await expect(node.open()).rejects.toThrow("the disk is full");
    disk.empty();
    const { storage } = await node.open();
    for (let index = 1; index <= 4; index += 1) await node.write(index, 50_000);
    await storage.close();
    for (const pages of [0, 1, 2, 52]) {
      const room = join(place, "room");
      writeFileSync(room, new Uint8Array(4_096 * pages));
      disk.fill();
      rmSync(room);
      await expect(node.open(), `${pages} pages are free`).rejects.toThrow(
        /the disk is full.*make room|can't write .*: the disk is full/,
      );
      disk.empty();
    }
    const { storage: again, durable } = await node.open();
    expect(durable.entries).toHaveLength(4);
    await again.close();
  }),
);

test("nothing is under keys that could not be put on the disk", async () => {
  const node = new NodeDisk(join(root, "keys"));
  const lock = { key: anUnlockKey(), version: 1 };
  const { storage } = await node.open();
  const inTheWay = join(node.folder, "keys.json.new");
  mkdirSync(inTheWay);
  await expect(storage.setLock(lock)).rejects.toThrow("can't write");
  expect(storage.lock).toEqual({ key: null, version: 0 });
  await node.write(1, 10);
  await storage.close();
  const { storage: again, durable } = await node.open();
  expect(durable.entries).toHaveLength(1);
  rmdirSync(inTheWay);
  await again.setLock(lock);
  await again.close();
  await expect(node.open()).rejects.toThrow("this manager is locked");
});

test.runIf(isRoot)("a disk that is too full for records under a new key takes no more", () =>
  onSmallDisk(96, async (node, disk, place) => {
    const { storage } = await node.open();
    for (let index = 1; index <= 40; index += 1) await node.write(index, 500_000);
    // For the keys and what LevelDB does meanwhile, and not for 20 MB of records.
    const room = join(place, "room");
    writeFileSync(room, new Uint8Array(12_000_000));
    disk.fill();
    rmSync(room);
    const locking = storage.setLock({ key: anUnlockKey(), version: 1 });
    await expect(locking).rejects.toThrow("the disk is full");
    expect(node.failures).toEqual([expect.stringContaining("the disk is full")]);
    await storage.close();
  }),
);
