import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ClassicLevel } from "classic-level";
import { afterAll, beforeEach, expect, test } from "vitest";
import { snapshotPayload, storeSnapshot } from "../../../core/node/payload.ts";
import { walWrite } from "../../../core/node/wal-write.ts";
import { simpleMembership } from "../../../core/raft/membership.ts";
import type { Payload, Snapshot } from "../../../core/raft/message.ts";
import type { StoreSnapshot } from "../../../core/store/store.ts";
import { restore } from "../../../real/storage/backup.ts";
import { KeyFile } from "../../../real/storage/key-file.ts";
import { RecordTable } from "../../../real/storage/record-table.ts";
import { type SealedRecord, sealedRecord } from "../../../real/storage/sealed-record.ts";
import { cloneCodec } from "../../support/clone-codec.ts";
import { SmallDisk } from "../../support/disks.ts";
import { NodeDisk } from "../../support/node-disk.ts";

// Goal: however much a cluster holds, putting it on the disk stops neither the node nor what it
// writes meanwhile, and is all there or as if it had not been begun.

const root = mkdtempSync(join(tmpdir(), "simswarm-large-state-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const isRoot = process.getuid?.() === 0;
let node = new NodeDisk(root);
beforeEach(() => {
  node = new NodeDisk(join(mkdtempSync(join(root, "node-")), "store"));
});

/** Secrets of 300 KB. */
function secrets(count: number) {
  const spec = (at: number) => ({ name: `s${at}`, labels: new Map(), data: "x".repeat(300_000) });
  return Array.from({ length: count }, (_, at) => ({
    kind: "secret",
    id: `s${at}`,
    spec: spec(at),
  }));
}

function snapshotOf(index: number, count: number): Snapshot {
  const store = { index, time: 0, objects: secrets(count), sessions: [], failures: [] };
  const payload = snapshotPayload(store as unknown as StoreSnapshot);
  return { index, term: 1, membership: simpleMembership(["a"]), payload };
}

function objectsIn(snapshot: Snapshot | null) {
  return storeSnapshot(snapshot?.payload as Payload).objects;
}

async function rows(): Promise<SealedRecord[]> {
  const table = await RecordTable.open(node.folder, false);
  const found: SealedRecord[] = [];
  for await (const row of table.records()) found.push(row);
  await table.close();
  return found;
}

test("a state is written in parts, and is whole with what came meanwhile", async () => {
  const { storage } = await node.open();
  await node.write(1, 10);
  node.begin({ snapshot: snapshotOf(1, 60), compactTo: 1 });
  await node.write(2, 10);
  await node.write(3, 10);
  await storage.close();
  expect((await rows()).length).toBeGreaterThan(30);
  const { storage: again, durable } = await node.open();
  expect(objectsIn(durable.snapshot)).toEqual(secrets(60));
  expect(durable.entries.map(({ index }) => index)).toEqual([2, 3]);
  await again.close();
});

test("a crash in the middle leaves what was safe by then, and the next start goes on", async () => {
  const { storage } = await node.open();
  await node.write(1, 10);
  node.begin({ snapshot: snapshotOf(1, 60), compactTo: 1 });
  await node.write(2, 10);
  const copy = join(root, "crashed");
  cpSync(node.folder, copy, { recursive: true });
  await storage.close();
  node.folder = copy;
  expect((await rows()).some(({ part }) => part > 0)).toBe(true);
  const { storage: again, durable } = await node.open();
  expect(durable.snapshot).toBe(null);
  expect(durable.entries.map(({ index }) => index)).toEqual([1, 2]);
  node.begin({ snapshot: snapshotOf(2, 10), compactTo: 2 });
  await node.safe();
  await again.close();
  expect((await rows()).length, "nothing of the one before is left").toBeLessThan(12);
  const { storage: last, durable: found } = await node.open();
  expect(objectsIn(found.snapshot)).toEqual(secrets(10));
  await last.close();
});

test("a state that a leader has sent is safe before anything later is", async () => {
  const { storage } = await node.open();
  node.begin({ snapshot: snapshotOf(7, 20) });
  while (node.acknowledged < 1) await delay(1);
  const copy = join(root, "sent");
  cpSync(node.folder, copy, { recursive: true });
  await storage.close();
  node.folder = copy;
  const { storage: again, durable } = await node.open();
  expect(objectsIn(durable.snapshot)).toEqual(secrets(20));
  await again.close();
});

test("a state of which a part is not there is refused", async () => {
  const { storage } = await node.open();
  node.begin({ snapshot: snapshotOf(7, 20) });
  await node.safe();
  await storage.close();
  const [head] = await rows();
  const table = new ClassicLevel(join(node.folder, "records"));
  const keys = await table.keys().all();
  await table.del(keys[2] as string);
  await table.close();
  await expect(node.open()).rejects.toThrow(`part 2 of record ${head?.sequence} is missing`);
});

test("a state of a version before, in one record, is read as it was written", async () => {
  const { storage } = await node.open();
  await node.write(1, 10);
  await storage.close();
  const last = (await rows()).at(-1) as SealedRecord;
  const keys = KeyFile.read(node.folder, { nodeId: "n1", clusterId: "c1" }, null) as KeyFile;
  const table = await RecordTable.open(node.folder, false);
  const raft = [{ id: 1, hardState: null, snapshot: snapshotOf(1, 3), entries: [], compactTo: 1 }];
  const write = walWrite({ number: 1, wipesRaft: false, raft, tasks: new Map(), standing: null });
  const place = { sequence: last.sequence + 1, part: 0 };
  await table.carryOut({
    put: sealedRecord(place, write, cloneCodec, keys.current),
    dropBelow: null,
  });
  await table.close();
  const path = KeyFile.path(node.folder);
  writeFileSync(path, readFileSync(path, "utf8").replace('"version": 2', '"version": 1'));
  const { storage: again, durable } = await node.open();
  expect(objectsIn(durable.snapshot)).toEqual(secrets(3));
  await again.close();
  expect(JSON.parse(readFileSync(path, "utf8")).version).toBe(2);
});

test("a backup of a large state is restored elsewhere", async () => {
  const { storage } = await node.open();
  node.begin({ snapshot: snapshotOf(7, 20) });
  await node.write(8, 10);
  const archive = Buffer.concat(await storage.backup());
  await storage.close();
  node.folder = join(root, "restored");
  await restore(node.folder, archive);
  const { storage: again, durable } = await node.open();
  expect(objectsIn(durable.snapshot)).toEqual(secrets(20));
  expect(durable.entries.map(({ index }) => index)).toEqual([8]);
  await again.close();
});

test.runIf(isRoot)(
  "a disk that is full in the middle of it stops the node, and nothing is lost",
  async () => {
    const place = join(root, "small");
    const disk = new SmallDisk(place, 24);
    try {
      node.folder = join(place, "node");
      const { storage } = await node.open();
      await node.write(1, 10);
      node.begin({ snapshot: snapshotOf(1, 100), compactTo: 1 });
      await node.safe();
      while (node.failures.length === 0) await node.write(2, 10);
      expect(node.failures).toEqual([expect.stringContaining("the disk is full")]);
      await storage.close();
      disk.grow(128);
      const { storage: again, durable } = await node.open();
      expect(durable.snapshot).toBe(null);
      expect(durable.entries[0]?.index).toBe(1);
      await again.close();
    } finally {
      disk.remove();
    }
  },
);
