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

test("the disk's word for a write stands for all that were begun before it", () => {
  const writes = new WritesUnderWay();
  const first = begin(writes, [raftWrite(1), raftWrite(2)]);
  const second = begin(writes, []);
  begin(writes, [raftWrite(3)]);
  expect(writes.takeSafe(first - 1)).toEqual([]);
  expect(writes.takeSafe(second).map(({ raft }) => raft)).toEqual([2, null]);
  expect(writes.takeSafe(second)).toEqual([]);
});

test("nobody is told of what a member wrote that is gone, though the node's tasks are", () => {
  const writes = new WritesUnderWay();
  begin(writes, [raftWrite(7)]);
  writes.forgetRaft();
  const later = begin(writes, [raftWrite(1)]);
  const safe = writes.takeSafe(later);
  expect(safe).toMatchObject([{ raft: null, tasks: new Map() }, { raft: 1 }]);
});
