import fc from "fast-check";
import { expect, test } from "vitest";
import { Log } from "../../../core/raft/log.ts";
import type { Entry } from "../../../core/raft/message.ts";

// Goal: the log answers as a plain array would. Method: the same random operations on both.

const entry = (index: number, term: number): Entry => {
  return { kind: "payload", index, term, payload: { size: 1 } };
};

/** Entry `index` at `[index - 1]`; compaction only moves `base`. */
interface Plain {
  entries: Entry[];
  base: number;
}

test("a log that a snapshot replaces is safe on the disk only as far as it was committed", () => {
  const log = new Log({ index: 0, term: 0 });
  for (const index of [1, 2, 3, 4, 5]) log.append(entry(index, 1));
  [log.stable, log.commit] = [5, 2];
  const membership = { voters: [], outgoing: [], learners: [], learnersNext: [], autoLeave: false };
  log.replaceBy({ index: 4, term: 2, membership, payload: { size: 1 } });
  expect([log.stable, log.commit, log.unsaved]).toEqual([2, 4, 5]);
});

const operation = fc.oneof(
  fc.record({ kind: fc.constant("append" as const), terms: fc.nat(2) }),
  fc.record({ kind: fc.constant("truncate" as const), back: fc.nat(5) }),
  fc.record({ kind: fc.constant("compact" as const), share: fc.nat(10) }),
);

function apply(log: Log, plain: Plain, step: { kind: string } & Record<string, unknown>): void {
  const last = plain.entries.length;
  if (step.kind === "append") {
    const term = Math.max(1, log.lastTerm + Number(step.terms));
    log.append(entry(last + 1, term));
    plain.entries.push(entry(last + 1, term));
  } else if (step.kind === "truncate") {
    const from = Math.max(log.commit + 1, last + 1 - Number(step.back));
    if (from > last) return;
    log.truncateFrom(from);
    plain.entries.length = from - 1;
  } else {
    const to = plain.base + Math.floor(((last - plain.base) * Number(step.share)) / 10);
    log.commit = Math.max(log.commit, to);
    log.stable = Math.max(log.stable, to);
    log.applied = Math.max(log.applied, to);
    log.dropBefore(to + 1);
    plain.base = Math.max(plain.base, to);
  }
}

function naiveHint(plain: Plain, index: number, term: number): number {
  let at = Math.min(index, plain.entries.length);
  while (at > plain.base && (plain.entries[at - 1] as Entry).term > term) at -= 1;
  return at;
}

test("the log is a plain array whose front may be gone", () => {
  fc.assert(
    fc.property(
      fc.array(operation, { maxLength: 60 }),
      fc.nat(30),
      fc.nat(20),
      (steps, at, term) => {
        const log = new Log({ index: 0, term: 0 });
        const plain: Plain = { entries: [], base: 0 };
        for (const step of steps) apply(log, plain, step);

        expect(log.lastIndex).toBe(plain.entries.length);
        expect(log.firstIndex).toBe(plain.base + 1);
        expect(log.termAt(plain.base)).toBe(plain.entries[plain.base - 1]?.term ?? 0);
        for (let index = plain.base + 1; index <= plain.entries.length; index += 1) {
          expect(log.entryAt(index)).toEqual(plain.entries[index - 1]);
        }
        expect(log.entryAt(plain.base)).toBeNull();
        expect(log.slice(plain.base + 1, log.lastIndex)).toEqual(plain.entries.slice(plain.base));

        const hint = log.lastWithTermAtMost(at, term);
        const naive = naiveHint(plain, at, term);
        const known = naive >= plain.base && log.termAt(naive) <= term;
        if (known && at >= plain.base) expect(hint.index).toBe(naive);
        else expect(hint.term).toBe(0);
      },
    ),
  );
});

test("a batch stops at the limit but holds at least one entry", () => {
  const log = new Log({ index: 0, term: 0 });
  for (let index = 1; index <= 10; index += 1) log.append(entry(index, 1));
  expect(log.batch(1, 4).map(({ index }) => index)).toEqual([1, 2, 3, 4]);
  expect(log.batch(9, 100).map(({ index }) => index)).toEqual([9, 10]);
  expect(log.batch(5, 0).map(({ index }) => index)).toEqual([5]);
  expect(log.batch(11, 100)).toEqual([]);
});

function logUpTo(lastIndex: number): Log {
  const log = new Log({ index: 0, term: 0 });
  for (let index = 1; index <= lastIndex; index += 1) log.append(entry(index, 1));
  return log;
}

test("a list that was handed out does not change with the log", () => {
  const log = logUpTo(3);
  const before = log.slice(1, 3);
  log.truncateFrom(2);
  log.append(entry(2, 5));
  expect(before.map(({ term }) => term)).toEqual([1, 1, 1]);
});

test("cutting off the tail takes back what the disk had acknowledged of it", () => {
  const log = logUpTo(5);
  log.stable = 5;
  log.unsaved = 6;
  log.truncateFrom(3);
  expect(log.stable).toBe(2);
  expect(log.unsaved).toBe(3);
});

test("cutting off the tail makes nothing safe that is still on its way to the disk", () => {
  const log = logUpTo(5);
  log.stable = 1;
  log.unsaved = 2;
  log.truncateFrom(5);
  expect(log.stable).toBe(1);
  expect(log.unsaved).toBe(2);
});

test("a committed entry is never cut off", () => {
  const log = new Log({ index: 0, term: 0 });
  log.append(entry(1, 1));
  log.commit = 1;
  expect(() => log.truncateFrom(1)).toThrow("a committed entry is never replaced");
});
