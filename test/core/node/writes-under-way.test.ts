import { expect, test } from "vitest";
import { WritesUnderWay } from "../../../core/node/writes-under-way.ts";
import type { RaftWrite } from "../../../core/raft/contract.ts";

// Goal: each write is told once it is safe, to whom it belongs. Method: numbers, as a disk says
// them.

const raftWrite = (id: number): RaftWrite => {
  return { id, hardState: null, snapshot: null, entries: [], compactTo: 0 };
};

const begin = (writes: WritesUnderWay, raft: readonly RaftWrite[]): number => {
  return writes.begin({ wipesRaft: false, raft, tasks: new Map(), standing: null }).number;
};

function safeBy(writes: WritesUnderWay, number: number) {
  const safe: (number | null)[] = [];
  writes.takeSafe(number, ({ raft }) => safe.push(raft));
  return safe;
}

test("the disk's word for a write stands for all that were begun before it", () => {
  const writes = new WritesUnderWay();
  const first = begin(writes, [raftWrite(1), raftWrite(2)]);
  const second = begin(writes, []);
  begin(writes, [raftWrite(3)]);
  expect(safeBy(writes, first - 1)).toEqual([]);
  expect(safeBy(writes, second)).toEqual([2, null]);
  expect(safeBy(writes, second)).toEqual([]);
});

test("nobody is told of what a member wrote that is gone, though the node's tasks are", () => {
  const writes = new WritesUnderWay();
  begin(writes, [raftWrite(7)]);
  writes.forgetRaft();
  const later = begin(writes, [raftWrite(1)]);
  expect(safeBy(writes, later)).toEqual([null, 1]);
});
