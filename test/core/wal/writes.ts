import fc from "fast-check";
import type { RaftWrite } from "../../../core/raft/contract.ts";
import { simpleMembership } from "../../../core/raft/membership.ts";
import type { Entry, EntryData, Payload, Snapshot } from "../../../core/raft/message.ts";
import type { PayloadCodec, WalWrite } from "../../../core/wal/record.ts";

/** A payload of a test: some bytes. */
export interface TestPayload extends Payload {
  readonly data: readonly number[];
}

/** Payloads as they are. */
export const plainCodec: PayloadCodec = {
  encode: (payload) => Uint8Array.from((payload as TestPayload).data),
  decode: (bytes) => payloadOf([...bytes]),
};

function payloadOf(data: readonly number[]): TestPayload {
  return { size: data.length, data };
}

const name = fc.string({ unit: "binary", maxLength: 4 });
const names = fc.array(name, { maxLength: 3 });
const whole = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const payload = fc.array(fc.nat({ max: 255 }), { maxLength: 20 }).map(payloadOf);

const entryData: fc.Arbitrary<EntryData> = fc.oneof(
  fc.constant<EntryData>({ kind: "empty" }),
  fc.record({ kind: fc.constant("payload" as const), payload }),
  fc.record({
    kind: fc.constant("config" as const),
    change: fc.record({
      transition: fc.constantFrom("auto", "joint-implicit", "joint-explicit"),
      steps: fc.array(
        fc.record({ kind: fc.constantFrom("add-voter", "add-learner", "remove"), member: name }),
        { maxLength: 3 },
      ),
    }),
  }),
);

const snapshot: fc.Arbitrary<Snapshot> = fc.record({
  index: whole,
  term: whole,
  membership: fc.record({
    voters: names,
    outgoing: names,
    learners: names,
    learnersNext: names,
    autoLeave: fc.boolean(),
  }),
  payload,
});

/** Any writes at all, also such as Raft would never make. */
export const anyWrite: fc.Arbitrary<WalWrite> = fc.record({
  wipesRaft: fc.boolean(),
  raft: fc.array(
    fc.record<RaftWrite>({
      id: whole,
      hardState: fc.option(fc.record({ term: whole, vote: fc.option(name) })),
      snapshot: fc.option(snapshot),
      entries: fc.array(
        fc
          .tuple(whole, whole, entryData)
          .map(([term, index, data]): Entry => ({ term, index, ...data })),
        { maxLength: 4 },
      ),
      compactTo: whole,
    }),
    { maxLength: 3 },
  ),
  attached: fc.option(payload),
});

/** Writes as a log has them: each with entries that follow those before it, or replace them. */
export const logWrites: fc.Arbitrary<RaftWrite[]> = fc
  .array(fc.record({ back: fc.nat({ max: 3 }), count: fc.nat({ max: 3 }), what: fc.nat(9) }), {
    maxLength: 12,
  })
  .map((steps) => {
    let last = 0;
    let base = 0;
    return steps.map(({ back, count, what }, at) => {
      const term = at + 1;
      const from = Math.max(base, last - back) + 1;
      const entries = Array.from({ length: count }, (_, offset): Entry => {
        return { kind: "payload", term, index: from + offset, payload: payloadOf([at, offset]) };
      });
      if (count > 0) last = from + count - 1;
      const hardState = { term, vote: null };
      const nothing = { id: term, hardState, snapshot: null, compactTo: 0 };
      if (what > 1 || last === base) return { ...nothing, entries };
      base = last + (what === 1 ? 2 : 0);
      last = base;
      const taken: Snapshot = {
        index: base,
        term,
        membership: simpleMembership(["a"]),
        payload: payloadOf([at]),
      };
      return { ...nothing, snapshot: taken, entries: [] };
    });
  });
