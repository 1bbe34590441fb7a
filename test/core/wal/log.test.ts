import fc from "fast-check";
import { expect, test } from "vitest";
import { durableAfter, emptyDurable } from "../../../core/raft/driver.ts";
import { recordOf, recover } from "../../../core/wal/log.ts";
import { RaftImage } from "../../../core/wal/raft-image.ts";
import { decodeWrite, encodeWrite, type WalWrite } from "../../../core/wal/record.ts";
import { anyWrite, logWrites, plainCodec } from "./writes.ts";

// Goal: a log gives back what was written, as the contract of Raft's writes says.

test("decodeWrite() gives back any write that encodeWrite() was given", () => {
  fc.assert(
    fc.property(anyWrite, (write) => {
      expect(decodeWrite(encodeWrite(write, plainCodec), plainCodec)).toEqual(write);
    }),
  );
});

test("decodeWrite() of anything else is null, and never throws", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const write = decodeWrite(bytes, plainCodec);
      if (write !== null) expect(encodeWrite(write, plainCodec)).toEqual(bytes);
    }),
    { numRuns: 1000 },
  );
});

test("decodeWrite() of a part of a write, or of one with more behind it, is null", () => {
  fc.assert(
    fc.property(anyWrite, fc.nat(), (write, draw) => {
      const bytes = encodeWrite(write, plainCodec);
      expect(decodeWrite(bytes.slice(0, draw % bytes.length), plainCodec)).toBeNull();
      expect(decodeWrite(Uint8Array.of(...bytes, 0), plainCodec)).toBeNull();
    }),
  );
});

test("recover() gives the whole writes, and RaftImage what the contract makes of them", () => {
  fc.assert(
    fc.property(logWrites, fc.nat(), (parts, draw) => {
      const writes = parts.map(
        (part): WalWrite => ({ wipesRaft: false, raft: [part], attached: null }),
      );
      const records = writes.map((write, at) => recordOf(at + 1, write, plainCodec));
      const all = Uint8Array.from(records.flatMap((record) => [...record]));
      const cut = draw % (all.length + 1);
      const found = recover([all.slice(0, cut)], plainCodec, 1);
      if (found.kind === "refused") throw new Error(found.reason);
      expect(found.writes).toEqual(writes.slice(0, found.writes.length));
      expect(cut - found.end.offset).toBe(found.torn);
      expect(found.torn).toBeLessThan(records[found.writes.length]?.length ?? 1);
      const expected = parts
        .slice(0, found.writes.length)
        .reduce(durableAfter, emptyDurable(["a"]));
      const image = new RaftImage();
      for (const { raft } of found.writes) for (const part of raft) image.apply(part);
      expect(image.entries).toEqual(expected.entries);
      expect(image.snapshot).toEqual(expected.snapshot);
      expect(image.hardState?.term ?? 0).toBe(expected.hardState.term);
    }),
  );
});

test("recover() refuses records that it does not understand", () => {
  const found = recover(
    [recordOf(1, { wipesRaft: false, raft: [], attached: null }, plainCodec)],
    plainCodec,
    null,
  );
  expect(found.kind).toBe("recovered");
  const forgetful = { ...plainCodec, decode: () => null };
  const attached = { size: 1, data: [1] };
  const bytes = recordOf(1, { wipesRaft: false, raft: [], attached }, plainCodec);
  expect(recover([bytes], forgetful, null)).toMatchObject({ kind: "refused" });
});
