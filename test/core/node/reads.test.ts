import { expect, test } from "vitest";
import { type Instant, never, seconds } from "../../../core/base/time.ts";
import type { Query } from "../../../core/control/command.ts";
import { Reads } from "../../../core/node/reads.ts";

const at = (second: number) => seconds(second) as number as Instant;
const query: Query = { kind: "list-services" };

function tokens(reads: readonly { readonly token: number }[]): number[] {
  return reads.map(({ token }) => token);
}

test("a read is answered once it is confirmed and the store has applied as much", () => {
  const reads = new Reads();
  const number = reads.open(7, query, at(0)) ?? 0;
  expect(tokens(reads.takeReady(99))).toEqual([]);
  expect(reads.confirm(number, 10, [])).toBeNull();
  expect(tokens(reads.takeReady(9))).toEqual([]);
  expect(tokens(reads.takeReady(10))).toEqual([7]);
  expect(tokens(reads.takeReady(10))).toEqual([]);
});

test("a read keeps the first index that confirmed it", () => {
  const reads = new Reads();
  const number = reads.open(7, query, at(0)) ?? 0;
  reads.confirm(number, 10, []);
  reads.confirm(number, 20, []);
  expect(tokens(reads.takeReady(10))).toEqual([7]);
});

test("a read that fails, or takes too long, is given up once", () => {
  const reads = new Reads();
  const failed = reads.open(1, query, at(0)) ?? 0;
  reads.open(2, query, at(1));
  expect(reads.fail(failed)).toBe(1);
  expect(reads.fail(failed)).toBeNull();
  const { deadline } = reads;
  expect(tokens(reads.takeExpired((deadline - 1) as Instant))).toEqual([]);
  expect(tokens(reads.takeExpired(deadline))).toEqual([2]);
  expect(reads.deadline).toBe(never);
});

test("a read that was confirmed and given up does not hold up the next", () => {
  const reads = new Reads();
  const first = reads.open(1, query, at(0)) ?? 0;
  reads.confirm(first, 10, []);
  expect(tokens(reads.takeExpired(at(60)))).toEqual([1]);
  const second = reads.open(2, query, at(60)) ?? 0;
  expect(tokens(reads.takeReady(99))).toEqual([]);
  reads.confirm(second, 5, []);
  expect(tokens(reads.takeReady(5))).toEqual([2]);
});

test("a probe is told from a read, and owes nobody an answer", () => {
  const reads = new Reads();
  const probe = reads.openProbe(seconds(4) as never);
  expect(reads.deadline).toBe(never);
  expect(reads.confirm(probe, 3, [])).toBe(seconds(4));
  expect(reads.confirm(probe, 3, [])).toBeNull();
  expect(reads.fail(reads.openProbe(seconds(5) as never))).toBeNull();
});
