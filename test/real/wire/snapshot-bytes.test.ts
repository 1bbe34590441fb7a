import { expect, test } from "vitest";
import type { StoreObject } from "../../../core/model/change.ts";
import type { ChunkData } from "../../../core/node/snapshot-codec.ts";
import { simpleMembership } from "../../../core/raft/membership.ts";
import type { Snapshot } from "../../../core/raft/message.ts";
import { protoMessage } from "../../../real/wire/proto.ts";
import { raftSnapshot } from "../../../real/wire/raft.ts";
import { type ByteChunk, chunkOf, snapshotsAsBytes } from "../../../real/wire/snapshot-bytes.ts";
import { config, moment, task } from "../../support/model.ts";

// Goal: the chunks of a snapshot are its message, wherever it was cut; what is none is refused.
// Method: the chunks of this version are read as a whole, as versions before do, and the bytes of
// the whole, which those cut anywhere, are read in chunks.

const objects: StoreObject[] = Array.from({ length: 60 }, (_, at) =>
  task(`t${at}`, { service: "s1" }),
);
objects.push(config("large", "x".repeat(3_000)));
const sessions = [{ client: "c", sequence: 3, outcome: { kind: "done", result: "" } } as const];
const store = { index: 9, time: moment(7), objects, sessions, failures: [] };
const payload = { size: 512 * objects.length, store };
const snapshot: Snapshot = {
  index: 9,
  term: 2,
  membership: simpleMembership(["m1"]),
  payload,
};
const whole = protoMessage(raftSnapshot);
const { cut, join } = snapshotsAsBytes;

function chunksOf(chunkBytes: number): readonly ChunkData[] {
  const [chunks, work] = [[] as ChunkData[], cut(snapshot, chunkBytes)];
  let { value, done } = work.next();
  for (; done !== true; { value, done } = work.next()) chunks.push(value);
  return [value, ...chunks];
}

function joined(parts: readonly ChunkData[]) {
  const found = join();
  for (const part of parts) found.add(part);
  return found.finish();
}

test.each([1, 500, 20_000, 1_000_000])("chunks of %i bytes are the snapshot", (chunkBytes) => {
  const chunks = chunksOf(chunkBytes);
  expect(joined(chunks)).toEqual(snapshot);
  expect(Math.max(...chunks.map(({ size }) => size))).toBeLessThanOrEqual(
    Math.max(100, chunkBytes),
  );
  const bytes = Buffer.concat(chunks.map((chunk) => (chunk as ByteChunk).bytes));
  expect(whole.decode(bytes)).toEqual({ kind: "decoded", value: snapshot });
});

test("chunks of a version that cuts anywhere are the snapshot", () => {
  const bytes = whole.encode(snapshot);
  for (const size of [1, 7, 1_001, bytes.length]) {
    const parts = [];
    for (let at = 0; at < bytes.length; at += size)
      parts.push(chunkOf(bytes.subarray(at, at + size)));
    expect(joined(parts)).toEqual(snapshot);
  }
});

test("chunks of which one is missing or altered are none", () => {
  const chunks = chunksOf(500);
  for (const at of [0, 1, chunks.length - 1]) {
    expect(joined(chunks.filter((_, index) => index !== at))).toBeNull();
  }
  const [first, { bytes }, ...others] = chunks as [ByteChunk, ByteChunk, ...ByteChunk[]];
  expect(joined([first, chunkOf(bytes.map(() => 255)), ...others])).toBeNull();
  expect(joined([])).toBeNull();
});
