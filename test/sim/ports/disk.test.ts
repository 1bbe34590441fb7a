import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import { DiskImage } from "../../../core/node/disk-image.ts";
import type { StorageWrite } from "../../../core/node/durable.ts";
import type { RaftWrite } from "../../../core/raft/contract.ts";
import { simpleMembership } from "../../../core/raft/membership.ts";
import type { Entry, Snapshot } from "../../../core/raft/message.ts";
import { Kernel } from "../../../sim/kernel.ts";
import { type DiskConditions, SimDisk } from "../../../sim/ports/disk.ts";
import { type Damage, Platter } from "../../../sim/ports/platter.ts";
import { task } from "../../support/model.ts";
import { random } from "../../support/store.ts";
import { runOut } from "../../support/world.ts";

// Goal: what was acknowledged survives every crash, and nothing is ever out of order.

const nothing: RaftWrite = { id: 1, hardState: null, snapshot: null, entries: [], compactTo: 0 };

function entries(from: number, to: number, term = 1): Entry[] {
  return Array.from({ length: to - from + 1 }, (_, at) => ({
    kind: "empty",
    index: from + at,
    term,
  }));
}

function snapshotAt(index: number, term = 1): Snapshot {
  const membership = simpleMembership(["m1"]);
  return { index, term, membership, payload: { size: 1 } };
}

const nothingElse = { wipesRaft: false, tasks: new Map(), standing: null };

function writes(number: number, ...parts: Partial<RaftWrite>[]): StorageWrite {
  return { number, raft: parts.map((part) => ({ ...nothing, ...part })), ...nothingElse };
}

function log(image: DiskImage): string[] {
  return image.load().entries.map(({ index, term }) => `${index}/${term}`);
}

describe("a DiskImage", () => {
  test("appends entries, and replaces a tail by what is written over it", () => {
    const image = new DiskImage();
    image.apply(writes(1, { entries: entries(1, 4) }));
    image.apply(writes(2, { entries: entries(3, 3, 2) }));
    expect(log(image)).toEqual(["1/1", "2/1", "3/2"]);
    expect([image.lastIndex, image.termAt(3), image.termAt(4)]).toEqual([3, 2, 0]);
  });

  test("keeps the newest hard state when a write has none", () => {
    const image = new DiskImage();
    image.apply(writes(1, { hardState: { term: 3, vote: "m2" } }));
    image.apply(writes(2, { entries: entries(1, 1) }));
    expect(image.load().hardState).toEqual({ term: 3, vote: "m2" });
  });

  test("starts anew from a snapshot that was received", () => {
    const image = new DiskImage();
    image.apply(writes(1, { entries: entries(1, 3) }));
    image.apply(writes(2, { snapshot: snapshotAt(10, 2), entries: entries(11, 12, 2) }));
    expect(log(image)).toEqual(["11/2", "12/2"]);
    expect([image.termAt(10), image.termAt(3)]).toEqual([2, 0]);
  });

  test("keeps the log around a snapshot that was made here, from where it says on", () => {
    const image = new DiskImage();
    image.apply(writes(1, { entries: entries(1, 10) }));
    image.apply(writes(2, { snapshot: snapshotAt(8), compactTo: 5 }));
    expect([4, 5, 8, 10].map((index) => image.termAt(index))).toEqual([0, 1, 1, 1]);
    expect(log(image)).toEqual(["9/1", "10/1"]);
    image.apply(writes(3, { entries: entries(11, 11) }));
    expect(image.lastIndex).toBe(11);
  });

  test("keeps tasks until they are forgotten, and hands out a copy", () => {
    const image = new DiskImage();
    const [a, b] = [task("a"), task("b")];
    image.apply({
      number: 1,
      ...nothingElse,
      raft: [],
      tasks: new Map([
        ["a", a],
        ["b", b],
      ]),
    });
    const loaded = image.load();
    image.apply({ number: 2, ...nothingElse, raft: [], tasks: new Map([["a", null]]) });
    expect([...loaded.tasks.keys()]).toEqual(["a", "b"]);
    expect([...image.load().tasks.keys()]).toEqual(["b"]);
  });

  test("is empty when nothing was ever written", () => {
    expect(new DiskImage().load()).toEqual({
      hardState: null,
      snapshot: null,
      entries: [],
      tasks: new Map(),
      standing: null,
    });
  });
});

function setUp(seed: number) {
  const kernel = new Kernel();
  const acknowledged: number[] = [];
  const durable: number[] = [];
  const failures: string[] = [];
  const disk = new SimDisk(kernel, 0, random(seed), new Platter(random(seed), noBug), {
    durable: ({ number }) => durable.push(number),
    written: (number) => acknowledged.push(number),
    failed: (reason) => failures.push(reason),
  });
  const write = (number: number) =>
    disk.write(writes(number, { entries: entries(number, number) }));
  return { kernel, disk, acknowledged, durable, failures, write };
}

describe("a SimDisk", () => {
  test("acknowledges writes once they are safe, those that waited for one together", () => {
    const { kernel, disk, acknowledged, durable, write } = setUp(1);
    for (let number = 1; number <= 20; number += 1) write(number);
    expect(acknowledged).toEqual([]);
    runOut(kernel);
    expect(acknowledged).toEqual([1, 20]);
    expect(durable).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
    expect(disk.image.lastIndex).toBe(20);
    expect(kernel.now).toBeGreaterThanOrEqual(2 * disk.conditions.min);
  });

  test("keeps what it acknowledged at every crash, and of the rest the oldest, in order", () => {
    const act = fc.oneof(
      { weight: 3, arbitrary: fc.constant("write" as const) },
      { weight: 3, arbitrary: fc.constant("step" as const) },
      { weight: 1, arbitrary: fc.constant("crash" as const) },
    );
    fc.assert(
      fc.property(fc.nat(), fc.array(act, { maxLength: 60 }), (seed, acts) => {
        const { kernel, disk, acknowledged, write } = setUp(seed);
        let written = 0;
        let safe = 0;
        for (const each of acts) {
          if (each === "write") {
            written += 1;
            write(written);
          } else if (each === "step") kernel.step();
          else disk.crash();
          safe = Math.max(safe, ...acknowledged);
          const { lastIndex } = disk.image;
          expect(lastIndex).toBeGreaterThanOrEqual(safe);
          expect(lastIndex).toBeLessThanOrEqual(written);
          expect(log(disk.image)).toEqual(entries(1, lastIndex).map(({ index }) => `${index}/1`));
          if (each === "crash") written = lastIndex;
        }
      }),
    );
  });

  test("goes back to no snapshot of its own from one that was received in the same sync", () => {
    const { kernel, disk } = setUp(4);
    disk.write(writes(1, { entries: entries(1, 1) }));
    disk.write(writes(2, { entries: entries(2, 10), snapshot: snapshotAt(5), compactTo: 5 }));
    for (let number = 3; number <= 9; number += 1) {
      disk.write(writes(number, { entries: entries(number + 8, number + 8) }));
    }
    disk.write(writes(10, { snapshot: snapshotAt(30, 2), entries: entries(31, 32, 2) }));
    runOut(kernel);
    expect(disk.image.load().snapshot?.index).toBe(30);
    expect(log(disk.image)).toEqual(["31/2", "32/2"]);
  });

  test("acknowledges nothing of an earlier life after a crash", () => {
    const { kernel, disk, acknowledged, write } = setUp(3);
    for (let number = 1; number <= 5; number += 1) write(number);
    disk.crash();
    const kept = disk.image.lastIndex;
    runOut(kernel);
    expect(acknowledged).toEqual([]);
    expect(disk.image.lastIndex).toBe(kept);
  });

  test("loses at a crash all, some or none of what was not safe, by chance", () => {
    const kept = new Set<number>();
    for (let seed = 0; seed < 60; seed += 1) {
      const { disk, write } = setUp(seed);
      for (let number = 1; number <= 3; number += 1) write(number);
      disk.crash();
      kept.add(disk.image.lastIndex);
    }
    expect([...kept].sort()).toEqual([0, 1, 2, 3]);
  });
});

describe("a SimDisk on which a sync fails", () => {
  const failing: readonly [string, Partial<DiskConditions>, string][] = [
    ["for once", { failsNext: true }, "fsync: input/output error"],
    ["always", { failuresPerMillion: 1_000_000 }, "fsync: input/output error"],
    ["as it is full", { isFull: true }, "no space left on device"],
  ];

  test.each(failing)("%s takes nothing any more, and acknowledges nothing", (_how, how, reason) => {
    const { kernel, disk, acknowledged, failures, write } = setUp(1);
    Object.assign(disk.conditions, how);
    write(1);
    runOut(kernel);
    write(2);
    runOut(kernel);
    expect([failures, acknowledged, disk.image.lastIndex]).toEqual([[reason], [], 0]);
  });

  test.each(failing)("%s can't be opened either, until it is repaired", (_how, how, reason) => {
    const { disk } = setUp(1);
    Object.assign(disk.conditions, how);
    expect(disk.opening()).toBe(reason);
    if (how.failsNext === true) expect(disk.opening()).toBeNull();
    else expect(disk.opening()).toBe(reason);
    Object.assign(disk.conditions, how);
    disk.repair();
    expect(disk.opening()).toBeNull();
  });
});

describe("what a crash leaves on a SimDisk", () => {
  /** Ten entries that are safe, and one write more that a crash catches. */
  function crashed(seed: number, damage: Damage | null) {
    const made = setUp(seed);
    const { kernel, disk, write } = made;
    for (let number = 1; number <= 10; number += 1) write(number);
    runOut(kernel);
    if (damage !== null) disk.damage(damage);
    const doomed = disk.isDoomed;
    write(11);
    disk.crash();
    return { ...made, doomed };
  }

  const seeds = Array.from({ length: 20 }, (_, seed) => seed);

  test("is what was safe, and torn writes are cut off", () => {
    let torn = 0;
    for (const seed of seeds) {
      const { disk } = crashed(seed, null);
      const found = disk.boot();
      const { lastIndex } = disk.image;
      if (found.kind === "refused") throw new Error(found.reason);
      expect(found.durable.entries.at(-1)?.index).toBe(lastIndex);
      expect([disk.isCorrupt, disk.isDamaged, disk.isDoomed]).toEqual([false, false, false]);
      if (disk.foundTorn) torn += 1;
      expect(lastIndex === 11 && disk.foundTorn).toBe(false);
      expect(disk.boot()).toEqual(found);
      expect(disk.foundTorn).toBe(false);
    }
    expect(torn).toBeGreaterThan(2);
    expect(torn).toBeLessThan(18);
  });

  test.each(["bit", "misdirected"] as const)("is refused for good with a wrong %s", (damage) => {
    for (const seed of seeds) {
      const { disk, doomed } = crashed(seed, damage);
      expect([doomed, disk.isCorrupt, disk.isDamaged, disk.isDoomed]).toEqual(Array(4).fill(true));
      expect([disk.boot().kind, disk.boot().kind]).toEqual(["refused", "refused"]);
    }
  });

  test("is refused once where a read goes wrong, and is what was safe after that", () => {
    for (const seed of seeds) {
      const { disk, doomed } = crashed(seed, "read");
      expect([doomed, disk.isCorrupt, disk.isDamaged, disk.isDoomed]).toEqual([
        ...[false, true, false, false],
      ]);
      expect(disk.boot().kind).toBe("refused");
      const found = disk.boot();
      if (found.kind === "refused") throw new Error(found.reason);
      expect(found.durable.entries.at(-1)?.index).toBe(disk.image.lastIndex);
      expect(disk.isCorrupt).toBe(false);
    }
  });

  test("is read right where its reads are repaired, before its crash or after it", () => {
    const { disk, kernel } = crashed(1, "read");
    disk.repair();
    expect(disk.boot().kind).toBe("recovered");
    disk.damage("read");
    disk.repair();
    disk.write(writes(12, { entries: entries(disk.image.lastIndex + 1, 20) }));
    runOut(kernel);
    disk.crash();
    expect([disk.isCorrupt, disk.boot().kind]).toEqual([false, "recovered"]);
  });

  test("is gone with a wipe, and is just what it is restored to", () => {
    const { disk } = crashed(1, "bit");
    disk.level = 3;
    const kept = { ...disk.image.load(), tasks: new Map([["t1", task("t1")]]) };
    disk.wipe();
    expect([disk.level, disk.isDoomed, disk.isCorrupt]).toEqual([0, false, false]);
    const empty = new DiskImage().load();
    expect(disk.boot()).toEqual({ kind: "recovered", durable: empty });
    disk.restore(kept);
    disk.restore({ ...kept, tasks: new Map([["t2", task("t2")]]) });
    const durable = { ...kept, tasks: new Map([["t2", task("t2")]]) };
    expect(disk.boot()).toEqual({ kind: "recovered", durable });
  });
});
