import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type SnapshotCodec, snapshotsByReference } from "../../../core/node/snapshot-codec.ts";
import type { SnapshotMessage } from "../../../core/node/snapshot-message.ts";
import { SnapshotReceiver, SnapshotSender } from "../../../core/node/snapshot-transfer.ts";
import { simpleMembership } from "../../../core/raft/membership.ts";
import type { Snapshot } from "../../../core/raft/message.ts";

// Goal: a snapshot arrives whole and once, or not at all, over any network; what was acknowledged
// is not sent again; and nothing is kept but one snapshot a follower.

type Chunk = Extract<SnapshotMessage, { kind: "chunk" }>;
type Ack = Extract<SnapshotMessage, { kind: "ack" }>;

function snapshotAt(index: number, size: number): Snapshot {
  const membership = simpleMembership(["a", "b"]);
  return { index, term: 1, membership, payload: { size } };
}

function raftMessage(snapshot: Snapshot, term = 2) {
  return { kind: "snapshot", from: "a", to: "b", term, snapshot } as const;
}

/** Raft sends it: the first chunk, once all are made. */
function begin(sender: SnapshotSender, message: ReturnType<typeof raftMessage>) {
  let first = sender.begin(message);
  while (sender.isPreparing) for (const [, chunk] of sender.prepare()) first = chunk;
  return first;
}

/** A leader and a follower, and what is said between them. */
function pair(chunkBytes = 10, codec: SnapshotCodec = snapshotsByReference) {
  const sender = new SnapshotSender(codec, chunkBytes, 20);
  const receiver = new SnapshotReceiver(codec);
  const arrived: Snapshot[] = [];
  const offsets: number[] = [];
  const give = (message: SnapshotMessage | null): SnapshotMessage | null => {
    if (message === null) return null;
    offsets.push((message as Chunk).chunk.offset);
    const { answer, snapshot } = receiver.receive("a", message as Chunk);
    if (snapshot !== null) arrived.push(snapshot);
    return answer;
  };
  const answer = (ack: SnapshotMessage | null) =>
    ack === null ? null : sender.acknowledged("b", ack as Ack);
  /** Back and forth until nothing is said any more, `most` chunks at most. */
  const converse = (first: SnapshotMessage | null, most = 1000): SnapshotMessage | null => {
    let message = first;
    for (let count = 0; message !== null && count < most; count += 1)
      message = answer(give(message));
    return message;
  };
  return { sender, receiver, arrived, offsets, give, answer, converse };
}

describe("a snapshot in transfer", () => {
  test("goes chunk by chunk, and arrives as what it was", () => {
    const { sender, arrived, offsets, converse } = pair();
    const snapshot = snapshotAt(7, 35);
    converse(begin(sender, raftMessage(snapshot)));
    expect(offsets).toEqual([0, 10, 20, 30]);
    expect(arrived).toEqual([snapshot]);
    expect(sender.size).toBe(0);
  });

  test("goes on after a break with the chunk that was not acknowledged", () => {
    const { sender, arrived, offsets, converse } = pair();
    converse(begin(sender, raftMessage(snapshotAt(7, 50))), 2);
    sender.tick();
    const { again } = sender.tick();
    expect(again.map(([to]) => to)).toEqual(["b"]);
    converse((again[0] as [string, SnapshotMessage])[1]);
    expect(offsets).toEqual([0, 10, 20, 30, 40]);
    expect(arrived).toHaveLength(1);
  });

  test("is not sent over and over on a slow link: the answers take eight ticks here", () => {
    const { sender, arrived, offsets, give, answer } = pair();
    let way = [begin(sender, raftMessage(snapshotAt(7, 400)))];
    for (let ticks = 0; arrived.length === 0 && ticks < 2_000; ticks += 1) {
      const { again } = sender.tick();
      way.push(...again.map(([, message]) => message));
      // The link takes a chunk in eight ticks, one after the other.
      if (ticks % 8 !== 7) continue;
      const [first = null, ...others] = way;
      way = others;
      const next = answer(give(first));
      if (next !== null) way.push(next);
    }
    expect(arrived).toHaveLength(1);
    expect(offsets.length).toBeLessThan(2 * 40);
  });

  test("is given up in the end, and a new try goes on where the old one was", () => {
    const { sender, arrived, offsets, converse } = pair();
    const snapshot = snapshotAt(7, 50);
    converse(begin(sender, raftMessage(snapshot)), 3);
    const failed = Array.from({ length: 30 }, () => sender.tick().failed).flat();
    expect([failed, sender.size]).toEqual([["b"], 0]);
    offsets.length = 0;
    converse(begin(sender, raftMessage(snapshot)));
    expect(offsets).toEqual([0, 30, 40]);
    expect(arrived).toEqual([snapshot]);
  });

  test("is not given up while it goes on, however long it takes", () => {
    const { sender, arrived, give, answer } = pair();
    let message = begin(sender, raftMessage(snapshotAt(7, 50)));
    while (message !== null) {
      for (let ticks = 0; ticks < 15; ticks += 1) expect(sender.tick().failed).toEqual([]);
      message = answer(give(message));
    }
    expect(arrived).toHaveLength(1);
  });

  test("is begun when all its chunks are made: one at a time, and once for all", () => {
    let made = 0;
    const counting: SnapshotCodec = {
      ...snapshotsByReference,
      checksum(data) {
        made += 1;
        return snapshotsByReference.checksum(data);
      },
    };
    const sender = new SnapshotSender(counting, 10, 3);
    const snapshot = snapshotAt(7, 40);
    expect(sender.begin(raftMessage(snapshot))).toBeNull();
    expect(sender.begin({ ...raftMessage(snapshot), to: "c" })).toBeNull();
    for (let count = 1; count < 4; count += 1) {
      expect(made).toBe(count);
      for (let ticks = 0; ticks < 5; ticks += 1) {
        expect(sender.tick()).toEqual({ again: [], failed: [] });
      }
      const first = sender.prepare();
      expect(first.map(([to]) => to)).toEqual(count === 3 ? ["b", "c"] : []);
    }
    expect([made, sender.isPreparing]).toEqual([4, false]);
    expect(sender.begin({ ...raftMessage(snapshot), to: "d" })).toMatchObject({ size: 40 });
  });

  test("starts again when the leader changes", () => {
    const { sender, receiver, arrived, offsets, give, converse } = pair();
    const snapshot = snapshotAt(7, 30);
    const earlier = new SnapshotSender(snapshotsByReference, 10, 20);
    begin(earlier, raftMessage(snapshot));
    earlier.stop();
    const stale = begin(earlier, raftMessage(snapshot));
    give(stale);
    converse(begin(sender, raftMessage(snapshot, 3)));
    expect(offsets).toEqual([0, 0, 10, 20]);
    expect(receiver.receive("a", stale as Chunk)).toEqual({ answer: null, snapshot: null });
    expect(arrived).toEqual([snapshot]);
  });

  test("starts again when the snapshot is another", () => {
    const { sender, arrived, converse } = pair();
    converse(begin(sender, raftMessage(snapshotAt(7, 30))), 2);
    while (sender.size > 0) sender.tick();
    const newer = snapshotAt(9, 30);
    converse(begin(sender, raftMessage(newer)));
    expect(arrived).toEqual([newer]);
  });

  test("is not replaced by a newer one while it gets through", () => {
    const { sender, arrived, converse } = pair();
    const older = snapshotAt(7, 30);
    const next = converse(begin(sender, raftMessage(older)), 1);
    expect(begin(sender, raftMessage(snapshotAt(9, 30)))).toBeNull();
    converse(next);
    expect(arrived).toEqual([older]);
  });

  test("is asked for again by a follower that has forgotten it", () => {
    const { sender, answer, converse } = pair();
    const next = converse(begin(sender, raftMessage(snapshotAt(7, 30))), 2);
    const reborn = new SnapshotReceiver(snapshotsByReference);
    const { answer: ack } = reborn.receive("a", next as Chunk);
    expect(ack).toMatchObject({ next: 0 });
    expect(answer(ack)).toMatchObject({ chunk: { offset: 0 } });
  });

  test("ignores a chunk with a wrong checksum, and begins anew when the whole is wrong", () => {
    const { sender, receiver, arrived, answer } = pair(100);
    const chunk = begin(sender, raftMessage(snapshotAt(7, 30))) as Chunk;
    const wrong = receiver.receive("a", { ...chunk, checksum: 1 });
    expect(wrong).toMatchObject({ answer: { next: 0 }, snapshot: null });
    const bad = { ...chunk, chunk: { ...chunk.chunk, checksum: 1 } };
    expect(receiver.receive("a", bad).answer).toBeNull();
    answer(wrong.answer);
    expect(receiver.receive("a", chunk)).toMatchObject({ answer: { next: 30 } });
    expect(arrived).toEqual([]);
  });
});

test("any loss, order and repetition: each snapshot whole, once a transfer, no more kept", () => {
  const step = fc.record({
    what: fc.constantFrom("deliver", "deliver", "deliver", "drop", "repeat", "tick", "newer"),
    which: fc.nat(),
  });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 200 }),
      fc.integer({ min: 1, max: 60 }),
      (steps, size) => {
        const { sender, receiver, arrived } = pair();
        let latest = snapshotAt(1, size);
        const under: SnapshotMessage[] = [];
        const put = (message: SnapshotMessage | null) => void (message && under.push(message));
        const deliver = (message: SnapshotMessage) => {
          if (message.kind === "ack") return put(sender.acknowledged("b", message));
          const { answer, snapshot } = receiver.receive("a", message);
          if (snapshot !== null) arrived.push(snapshot);
          expect(answer?.next ?? 0).toBeLessThanOrEqual(size);
          put(answer);
        };
        const tick = () => {
          for (const [, message] of sender.tick().again) put(message);
          if (sender.size === 0) put(begin(sender, raftMessage(latest)));
        };
        for (const { what, which } of steps) {
          if (what === "tick") tick();
          else if (what === "newer") latest = snapshotAt(latest.index + 1, size);
          else if (under.length > 0) {
            const at = which % under.length;
            const message = under[at] as SnapshotMessage;
            if (what !== "repeat") under.splice(at, 1);
            if (what !== "drop") deliver(message);
          }
          expect(sender.size).toBeLessThanOrEqual(1);
        }
        const before = arrived.length;
        for (let round = 0; round < 100 && arrived.length === before; round += 1) {
          tick();
          for (const message of under.splice(0)) deliver(message);
        }
        expect(arrived.length).toBeGreaterThan(before);
        for (const each of arrived) expect(each.payload.size).toBe(size);
      },
    ),
  );
});
