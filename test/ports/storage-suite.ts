import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Standing } from "../../core/model/standing.ts";
import type { Task } from "../../core/model/task.ts";
import { DiskImage } from "../../core/node/disk-image.ts";
import { type Durable, nothingDurable, type StorageWrite } from "../../core/node/durable.ts";
import { divided } from "../../core/node/wal-write.ts";
import type { RaftWrite } from "../../core/raft/contract.ts";
import { simpleMembership } from "../../core/raft/membership.ts";
import type { Entry, Membership } from "../../core/raft/message.ts";
import { task } from "../support/model.ts";

/** One node's disk, empty at first. */
export interface StorageRig {
  /** The numbers that were acknowledged, in the order in which they were. */
  readonly acknowledged: readonly number[];
  write(write: StorageWrite): void;
  /** Lets time pass until all that was written is acknowledged. */
  settle(): Promise<void>;
  /** The node ends in the middle of whatever it does, and starts again: what it finds. */
  crash(): Promise<Durable>;
  close(): Promise<void>;
}

export interface StorageHarness {
  readonly name: string;
  setUp(): Promise<void>;
  open(): Promise<StorageRig>;
  tearDown(): Promise<void>;
}

const membership: Membership = simpleMembership(["a"]);
const nothing: RaftWrite = {
  id: 0,
  hardState: null,
  snapshot: null,
  entries: [],
  compactTo: 0,
};

function standing(version: number): Standing {
  const managers = ["a", "b"];
  return { incarnation: 0, version, memberId: "a", managers, founders: managers };
}

function entry(index: number, term: number): Entry {
  if (index % 5 === 0) return { index, term, kind: "empty" };
  const payload = { size: index, text: `entry ${index}` };
  return { index, term, kind: "payload", payload };
}

function entries(from: number, count: number, term: number): Entry[] {
  return Array.from({ length: count }, (_, at) => entry(from + at, term));
}

/** What a step wrote, numbers from 1. */
function numbered(parts: readonly Partial<StorageWrite>[]): StorageWrite[] {
  const empty = { wipesRaft: false, raft: [], tasks: new Map(), standing: null };
  return parts.map((part, at) => ({ ...empty, ...part, number: at + 1 }));
}

function durableAfter(writes: readonly StorageWrite[]): Durable {
  const image = new DiskImage();
  for (const write of writes) image.apply(write);
  return image.load();
}

/**
 * What a crash may find of writes that are safe: of the snapshots that the node made of its own
 * log the newest may be missing still, each of them with what it cut off.
 */
function foundAfter(writes: readonly StorageWrite[]): Durable[] {
  return [...writes.keys(), writes.length].map((whole) => {
    const rest = writes.slice(whole).map((write) => divided(write).atOnce);
    return durableAfter([...writes.slice(0, whole), ...rest]);
  });
}

/** Something that a node could write after `before`, which ends at `last`. */
function stepAfter(last: number, draw: number): { write: Partial<StorageWrite>; last: number } {
  const raft = (part: Partial<RaftWrite>) => ({ raft: [{ ...nothing, ...part }] });
  const snapshot = { index: last, term: 2, membership, payload: { size: 9, text: `at ${last}` } };
  switch (draw % 8) {
    case 0:
      return { write: raft({ hardState: { term: draw, vote: draw % 2 ? "a" : null } }), last };
    case 1:
      return { write: raft({ entries: entries(last + 1, 3, 2) }), last: last + 3 };
    case 2: {
      const from = Math.max(1, last - 1);
      return { write: raft({ entries: entries(from, 2, 3) }), last: from + 1 };
    }
    case 3:
      return { write: raft({ snapshot, compactTo: Math.max(0, last - 2) }), last };
    case 4:
      return { write: { tasks: new Map([[`t${draw % 5}`, task(`t${draw % 5}`)]]) }, last };
    case 5:
      return { write: { tasks: new Map<string, Task | null>([[`t${draw % 5}`, null]]) }, last };
    case 6:
      return { write: { standing: standing(draw) }, last };
    default:
      return { write: { wipesRaft: draw % 3 === 0 }, last: draw % 3 === 0 ? 0 : last };
  }
}

function lifeOf(draws: readonly number[]): StorageWrite[] {
  let last = 0;
  const parts = draws.map((draw) => {
    const step = stepAfter(last, draw);
    last = step.last;
    return step.write;
  });
  return numbered(parts);
}

// Goal: a disk is what `core/ports/storage.ts` says, the simulated one and the real one.

/** The tests that every storage passes. */
export function storageConformance(harness: StorageHarness): void {
  describe(harness.name, () => {
    beforeAll(() => harness.setUp());
    afterAll(() => harness.tearDown());

    test("begins with nothing", async () => {
      const rig = await harness.open();
      expect(await rig.crash()).toEqual(nothingDurable);
      await rig.close();
    });

    test("acknowledges in order, at last the newest, and keeps what it was given", async () => {
      const rig = await harness.open();
      const writes = numbered([
        { raft: [{ ...nothing, hardState: { term: 1, vote: "a" }, entries: entries(1, 4, 1) }] },
        { tasks: new Map([["t", task("t")]]), standing: standing(3) },
        { raft: [{ ...nothing, entries: entries(3, 1, 2) }] },
      ]);
      for (const write of writes) rig.write(write);
      await rig.settle();
      const { acknowledged } = rig;
      expect(acknowledged.at(-1)).toBe(3);
      // What comes while one is on its way goes with the next.
      expect(acknowledged.length).toBeLessThanOrEqual(2);
      expect([...acknowledged].sort((left, right) => left - right)).toEqual(acknowledged);
      const found = await rig.crash();
      expect(found).toEqual(durableAfter(writes));
      expect(found.entries.map(({ index, term }) => `${index}/${term}`)).toEqual([
        "1/1",
        "2/1",
        "3/2",
      ]);
      await rig.close();
    });

    test("says nothing before it is safe", async () => {
      const rig = await harness.open();
      for (const write of numbered([{ standing: standing(1) }])) rig.write(write);
      expect(rig.acknowledged).toEqual([]);
      await rig.settle();
      expect(rig.acknowledged).toEqual([1]);
      await rig.close();
    });

    crashes(harness);
  });
}

function crashes(harness: StorageHarness): void {
  test("loses nothing that was acknowledged, and never a write in the middle", async () => {
    const draws = fc.array(fc.nat(1_000), { minLength: 1, maxLength: 25 });
    const life = fc.tuple(draws, fc.nat(25));
    await fc.assert(
      fc.asyncProperty(life, async ([numbers, settled]) => {
        const writes = lifeOf(numbers);
        const rig = await harness.open();
        const safe = Math.min(settled, writes.length);
        for (const write of writes.slice(0, safe)) rig.write(write);
        if (safe > 0) await rig.settle();
        for (const write of writes.slice(safe)) rig.write(write);
        const found = await rig.crash();
        const more = Array.from({ length: writes.length - safe + 1 }, (_, each) => each);
        const possible = more.flatMap((each) => foundAfter(writes.slice(0, safe + each)));
        expect(possible).toContainEqual(found);
        await rig.close();
      }),
      { numRuns: 25, seed: 7 },
    );
  });

  test("goes on after a crash where it was", async () => {
    const rig = await harness.open();
    const writes = lifeOf([8, 1, 1, 4, 3, 1, 6, 5, 1, 2, 3, 1]);
    for (const [at, write] of writes.entries()) {
      rig.write({ ...write, number: 1 });
      await rig.settle();
      expect(foundAfter(writes.slice(0, at + 1))).toContainEqual(await rig.crash());
    }
    await rig.close();
  });
}
