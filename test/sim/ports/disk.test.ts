import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import { DiskImage } from "../../../core/node/disk-image.ts";
import type { StorageWrite } from "../../../core/node/durable.ts";
import type { RaftWrite } from "../../../core/raft/contract.ts";
import { simpleMembership } from "../../../core/raft/membership.ts";
import type { Entry, Snapshot } from "../../../core/raft/message.ts";
import { Kernel } from "../../../sim/kernel.ts";
import { SimDisk } from "../../../sim/ports/disk.ts";
import { Platter } from "../../../sim/ports/platter.ts";
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
  const disk = new SimDisk(kernel, 0, random(seed), new Platter(random(seed), noBug), {
    durable: ({ number }) => durable.push(number),
    written: (number) => acknowledged.push(number),
  });
  const write = (number: number) =>
    disk.write(writes(number, { entries: entries(number, number) }));
  return { kernel, disk, acknowledged, durable, write };
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
