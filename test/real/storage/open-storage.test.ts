import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ClassicLevel } from "classic-level";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { Secret } from "../../../core/model/secret.ts";
import type { Durable, StorageWrite } from "../../../core/node/durable.ts";
import { storeSnapshot } from "../../../core/node/payload.ts";
import type { RaftWrite } from "../../../core/raft/contract.ts";
import { simpleMembership } from "../../../core/raft/membership.ts";
import { restore } from "../../../real/storage/backup.ts";
import { newKey } from "../../../real/storage/cipher.ts";
import {
  type OpenStorage,
  openStorage,
  type StorageOptions,
} from "../../../real/storage/open-storage.ts";
import { parseUnlockKey, unlockKeyText } from "../../../real/storage/unlock-key.ts";
import { cloneCodec } from "../../support/clone-codec.ts";

// Goal: what was acknowledged is there again, to whoever may read it; and whatever is not as it
// should be is refused by name, with what to do.

const root = mkdtempSync(join(tmpdir(), "simswarm-open-storage-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const owner = { nodeId: "n1", clusterId: "c1" };
const membership = simpleMembership(["a"]);
const words = "attack at dawn";

const anUnlockKey = () => unlockKeyText(newKey());

let folder = "";
let acknowledged = 0;
let failures: string[] = [];
let number = 0;
beforeEach(() => {
  folder = mkdtempSync(join(root, "node-"));
  acknowledged = 0;
  failures = [];
  number = 0;
});

function open(change: Partial<StorageOptions> = {}): Promise<OpenStorage> {
  number = 0;
  acknowledged = 0;
  return openStorage({
    folder,
    owner,
    codec: cloneCodec,
    unlockKey: null,
    askKey: null,
    acknowledge: (done) => {
      acknowledged = done;
    },
    failed: (reason) => failures.push(reason),
    ...change,
  });
}

function write(raft: Partial<RaftWrite>): StorageWrite {
  number += 1;
  const whole = { id: number, hardState: null, snapshot: null, entries: [], compactTo: 0, ...raft };
  return { number, wipesRaft: false, raft: [whole], tasks: new Map(), standing: null };
}

function entry(index: number, text = words): StorageWrite {
  const payload = { size: text.length, text };
  return write({ entries: [{ index, term: 1, kind: "payload", payload }] });
}

function snapshotAt(index: number): StorageWrite {
  const payload = { size: 1, text: `all up to ${index}` };
  return write({ snapshot: { index, term: 1, membership, payload }, compactTo: index });
}

async function safe(): Promise<void> {
  while (acknowledged < number) await delay(1);
}

/** A node that has written so many entries, and ended. */
async function filled(entries: number, change: Partial<StorageOptions> = {}): Promise<Durable> {
  const { storage } = await open(change);
  storage.write(write({ hardState: { term: 1, vote: "a" } }));
  for (let index = 1; index <= entries; index += 1) storage.write(entry(index));
  await safe();
  await storage.close();
  const { storage: again, durable } = await open(change);
  await again.close();
  return durable;
}

function keysFile(): string {
  return join(folder, "keys.json");
}

/** The keys of what is on the disk, each of which had a sync of its own. */
async function records(): Promise<string[]> {
  const table = new ClassicLevel(join(folder, "records"));
  const keys = await table.keys().all();
  await table.close();
  return keys;
}

/** Without the room behind them. */
function writtenBytes(file: string): number {
  const bytes = readFileSync(file);
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return end;
}

function filesBelow(path: string): string[] {
  return readdirSync(path).flatMap((name) => {
    const file = join(path, name);
    return statSync(file).isDirectory() ? filesBelow(file) : [file];
  });
}

function holds(text: string): boolean {
  return filesBelow(folder).some((file) => readFileSync(file).includes(text));
}

describe("a folder is refused that is", () => {
  test("in use", async () => {
    const { storage } = await open();
    await expect(open()).rejects.toThrow(`${folder} is in use by process ${process.pid}: stop it`);
    await storage.close();
    await (await open()).storage.close();
  });

  test("of another node, or another cluster", async () => {
    await filled(1);
    const other = { nodeId: "n2", clusterId: "c1" };
    await expect(open({ owner: other })).rejects.toThrow("is of node n1, not of n2");
    const elsewhere = { nodeId: "n1", clusterId: "c2" };
    await expect(open({ owner: elsewhere })).rejects.toThrow("is of cluster c1, not of c2");
    await (await open({ owner: { nodeId: "n1", clusterId: null } })).storage.close();
  });

  test("of a newer version", async () => {
    await filled(1);
    const file = join(folder, "keys.json");
    writeFileSync(file, readFileSync(file, "utf8").replace('"version": 2', '"version": 3'));
    await expect(open()).rejects.toThrow("was written by a newer version (format 3");
  });

  test("without its keys, or with keys that say nothing", async () => {
    await filled(1);
    writeFileSync(join(folder, "keys.json"), "{");
    await expect(open()).rejects.toThrow("keys.json is damaged");
    rmSync(join(folder, "keys.json"));
    await expect(open()).rejects.toThrow("its keys are gone");
  });

  test("without its records", async () => {
    await filled(1);
    rmSync(join(folder, "records"), { recursive: true });
    await expect(open()).rejects.toThrow("its records are gone");
  });

  test("without its first records", async () => {
    await filled(3);
    const table = new ClassicLevel(join(folder, "records"));
    await table.del(String(1).padStart(16, "0"));
    await table.close();
    await expect(open()).rejects.toThrow(/is damaged: the records before 2 are missing/);
  });

  test("damaged, wherever that is, unless nothing is missing", async () => {
    const before = await filled(40);
    const { storage } = await open();
    for (let index = 41; index <= 60; index += 1) {
      storage.write(entry(index));
      await safe();
    }
    const whole = mkdtempSync(join(root, "whole-"));
    cpSync(folder, whole, { recursive: true });
    await storage.close();
    expect(before.entries).toHaveLength(40);
    const files = filesBelow(join(whole, "records")).filter((file) => !/LO(G|CK)/.test(file));
    let refused = 0;
    for (const file of files) {
      const size = writtenBytes(file);
      for (let at = 5; at < size; at += Math.max(1, Math.floor(size / 12))) {
        rmSync(folder, { recursive: true });
        cpSync(whole, folder, { recursive: true });
        const damagedFile = file.replace(whole, folder);
        const bytes = readFileSync(damagedFile);
        bytes[at] = (bytes[at] as number) ^ 0x40;
        writeFileSync(damagedFile, bytes);
        const found = await open().catch((error: Error) => error);
        if (found instanceof Error) {
          refused += 1;
          expect(found.message).toContain(folder);
          await expect(open(), "a refusal lasts").rejects.toThrow(folder);
          continue;
        }
        // What is wrong in the very last record looks as if it had not been finished.
        expect(found.durable.entries.length, `${file} at ${at}`).toBeGreaterThanOrEqual(59);
        await found.storage.close();
      }
    }
    expect(refused).toBeGreaterThan(10);
  });
});

describe("what lies on the disk", () => {
  test("has room behind it, so that a log does not grow with each record", async () => {
    const { storage } = await open();
    const sizes = new Set<number>();
    const log = () => filesBelow(join(folder, "records")).find((file) => file.endsWith(".log"));
    for (let index = 1; index <= 20; index += 1) {
      storage.write(entry(index));
      await safe();
      if (index > 2) sizes.add(statSync(log() as string).size);
    }
    await storage.close();
    expect(sizes.size).toBe(1);
    expect((await open()).durable.entries).toHaveLength(20);
  });

  test("can't be read without the keys", async () => {
    await filled(3);
    expect(holds(words)).toBe(false);
  });

  test("is opened by the unlock key alone once it is locked", async () => {
    const key = anUnlockKey();
    const { storage } = await open();
    storage.write(entry(1));
    await storage.setLock({ key, version: 1 });
    storage.write(entry(2));
    await safe();
    await storage.close();
    await expect(open()).rejects.toThrow("this manager is locked");
    await expect(open({ unlockKey: anUnlockKey() })).rejects.toThrow("invalid key");
    await expect(open({ unlockKey: "SWMKEY-1-short" })).rejects.toThrow("this is no unlock key");
    const { storage: opened, durable } = await open({ unlockKey: key });
    expect(durable.entries).toHaveLength(2);
    await opened.setLock({ key: null, version: 2 });
    await opened.close();
    await (await open()).storage.close();
  });

  test("was not readable before it was locked by what is known from before", async () => {
    const { storage } = await open();
    storage.write(entry(1));
    await safe();
    const before = readFileSync(join(folder, "keys.json"), "utf8");
    await storage.setLock({ key: anUnlockKey(), version: 1 });
    await storage.close();
    writeFileSync(join(folder, "keys.json"), before);
    await expect(open()).rejects.toThrow("is broken");
  });

  test("is under a new key once it is locked, of which a crash leaves both", async () => {
    const key = anUnlockKey();
    const { storage } = await open();
    storage.write(entry(1));
    await safe();
    const old = readFileSync(keysFile(), "utf8");
    await storage.setLock({ key, version: 1 });
    await storage.setLock({ key: null, version: 2 });
    storage.write(entry(2));
    await safe();
    await storage.close();
    const { keys } = JSON.parse(readFileSync(keysFile(), "utf8"));
    expect(keys).toHaveLength(1);
    expect(old).not.toContain(keys[0].key);
    const both = { ...JSON.parse(old), keys: [...JSON.parse(old).keys, ...keys] };
    writeFileSync(keysFile(), JSON.stringify(both));
    const { storage: again, durable } = await open();
    expect(durable.entries).toHaveLength(2);
    again.write(entry(3));
    await safe();
    await again.close();
    expect(JSON.parse(readFileSync(keysFile(), "utf8")).keys).toHaveLength(1);
  });

  test("does not grow with what is written over, where nothing is compacted", async () => {
    const { storage } = await open();
    const managers = ["m".repeat(1_000_000)];
    for (let version = 1; version <= 70; version += 1) {
      const standing = { incarnation: 0, version, memberId: null, managers, founders: [] };
      storage.write({ ...write({}), standing });
      await safe();
    }
    await storage.close();
    expect((await records()).length).toBeLessThan(40);
  });

  test("does not grow with what was compacted", async () => {
    const { storage } = await open();
    const long = "x".repeat(20_000);
    for (let index = 1; index <= 2_400; index += 1) {
      storage.write(entry(index, long));
      if (index % 20 === 0) storage.write(snapshotAt(index));
      if (index % 20 === 0) await safe();
    }
    await storage.close();
    const { storage: again, durable } = await open();
    expect(durable.snapshot?.index).toBe(2_400);
    await again.close();
    const bytes = filesBelow(folder).reduce((sum, file) => sum + statSync(file).size, 0);
    expect(bytes).toBeLessThan(36_000_000);
  });
});

test("many writes of one turn share a sync", async () => {
  const { storage } = await open();
  for (let index = 1; index <= 2_000; index += 1) storage.write(entry(index));
  await safe();
  await storage.close();
  expect((await records()).length).toBeLessThan(5);
});

describe("a backup", () => {
  test("of a node that runs is restored elsewhere, with all that was safe", async () => {
    const { storage } = await open();
    for (let index = 1; index <= 5; index += 1) storage.write(entry(index));
    await safe();
    const archive = Buffer.concat(await storage.backup());
    storage.write(entry(6));
    await safe();
    await storage.close();
    folder = join(root, "restored", "here");
    await restore(folder, archive);
    const { storage: restored, durable } = await open();
    expect(durable.entries).toHaveLength(5);
    restored.write(entry(6));
    await safe();
    await restored.close();
    await expect(restore(folder, archive)).rejects.toThrow("is not empty");
  });

  test("is refused that is none, or was changed", async () => {
    const { storage } = await open();
    storage.write(entry(1));
    await safe();
    const archive = Buffer.concat(await storage.backup());
    await storage.close();
    folder = join(root, "none");
    await expect(restore(folder, Buffer.from("hello\n"))).rejects.toThrow("no backup of simswarm");
    archive[archive.length - 20] = (archive[archive.length - 20] as number) ^ 1;
    await expect(restore(folder, archive).then(() => open())).rejects.toThrow("is broken");
  });
});

test("a node that is killed again and again loses nothing that it had acknowledged", async () => {
  const writer = fileURLToPath(new URL("writer.js", import.meta.url));
  for (let round = 0; round < 6; round += 1) {
    const child = spawn(process.execPath, [writer, folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    child.stdout.on("data", (bytes) => {
      said += bytes;
    });
    while (said.split("\n").length < 20 + round * 30) await delay(2);
    child.kill("SIGKILL");
    await once(child, "close");
    const acknowledgedLast = Number(said.trim().split("\n").at(-1));
    const { storage, durable } = await open();
    const last = durable.entries.at(-1)?.index ?? durable.snapshot?.index ?? 0;
    expect(last).toBeGreaterThanOrEqual(acknowledgedLast);
    const firstKept = (durable.snapshot?.index ?? 0) + 1;
    const kept = durable.entries.map(({ index }) => index);
    expect(kept).toEqual(kept.map((_, at) => firstKept + at));
    if (durable.snapshot !== null) {
      const { objects, index } = storeSnapshot(durable.snapshot.payload);
      expect(index).toBe(durable.snapshot.index);
      expect(objects).toHaveLength(12);
      for (const object of objects as Secret[]) expect(Number(object.spec.data)).toBe(index);
    }
    await storage.close();
  }
});

test("an unlock key is 32 bytes, as SwarmKit writes them", () => {
  expect(anUnlockKey()).toMatch(/^SWMKEY-1-[A-Za-z0-9+/]{43}$/);
  expect(parseUnlockKey(anUnlockKey())).toHaveLength(32);
  expect(() => parseUnlockKey("SWMKEY-2-x")).toThrow(TypeError);
});
