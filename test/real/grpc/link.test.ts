import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Line } from "../../../real/grpc/line.ts";
import { Link } from "../../../real/grpc/link.ts";
import { decodeFrame } from "../../../real/grpc/services.ts";

// Goal: when a peer is called again, and what becomes of what waits for it meanwhile.

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A line with room for so many frames, of a peer that takes parts. */
class ShownLine {
  readonly isOurs = true;
  readonly peer = { takesParts: true, certificate: null };
  readonly written: Uint8Array[] = [];
  ageMs = 0;
  room: number;

  constructor(room = Number.POSITIVE_INFINITY) {
    this.room = room;
  }

  get hasRoom(): boolean {
    return this.written.length < this.room;
  }

  write(frame: Uint8Array): void {
    this.written.push(frame);
  }

  end(): undefined {
    return undefined;
  }
}

const asLine = (line: ShownLine) => line as unknown as Line;
const frame = (text: string) => Buffer.from(text);
const texts = ({ written }: ShownLine) => written.map((each) => Buffer.from(each).toString());

/** A way to a peer with what it was called with, in ms of patience. */
function linkWith(): { readonly link: Link; readonly calls: number[] } {
  const calls: number[] = [];
  const link = new Link((patienceMs) => {
    calls.push(patienceMs);
    return true;
  });
  return { link, calls };
}

/** How long the next call is paused for, in ms, once this one has failed. */
function pauseAfterFailure(link: Link, calls: readonly number[]): number {
  const before = calls.length;
  link.failed();
  link.send(frame("again"), false);
  let pause = 0;
  for (; calls.length === before; pause += 5) vi.advanceTimersByTime(5);
  return pause;
}

test("a peer that can't be reached is called ever more rarely, and with ever more patience", () => {
  const { link, calls } = linkWith();
  link.send(frame("first"), false);
  const pauses = Array.from({ length: 9 }, () => pauseAfterFailure(link, calls));
  expect(pauses[0]).toBeLessThanOrEqual(50);
  expect(pauses[4]).toBeGreaterThanOrEqual(400);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(2_000);
  expect(Math.min(...pauses.slice(6))).toBeGreaterThanOrEqual(1_000);
  expect(calls).toEqual([5, 10, 20, 40, 40, 40, 40, 40, 40, 40].map((seconds) => seconds * 1_000));
});

test("a call that failed loses what waited for it, and nothing that came after", () => {
  const { link } = linkWith();
  for (const text of ["lost", "too"]) link.send(frame(text), false);
  link.failed();
  link.send(frame("kept"), false);
  expect(link.dropped).toBe(2);
  const line = new ShownLine();
  link.opened(asLine(line));
  expect(texts(line)).toEqual(["kept"]);
});

test("so much waits and no more, but the newest however large it is", () => {
  const megabyte = 1024 * 1024;
  const kept = (count: number, bytes: number, isBulk: boolean) => {
    const { link } = linkWith();
    for (let at = 0; at < count; at += 1) link.send(new Uint8Array(bytes), isBulk);
    return count - link.dropped;
  };
  expect(kept(5_000, 10, false)).toBe(4_096);
  expect(kept(200, 32 * 1024, false) * 32 * 1024).toBe(4 * megabyte);
  expect(kept(40, megabyte, true)).toBe(32);
  expect(kept(2, 40 * megabyte, true)).toBe(1);
});

test("who takes a call only to end it is left alone as one that can't be reached", () => {
  const { link, calls } = linkWith();
  const call = (ageMs: number) => {
    const line = new ShownLine(0);
    link.call();
    link.opened(asLine(line));
    link.send(frame("waits"), false);
    line.ageMs = ageMs;
    return link.closed(asLine(line));
  };
  for (let tries = 1; tries <= 5; tries += 1) {
    expect(call(900)).toBe(true);
    expect(calls).toHaveLength(tries);
    vi.advanceTimersByTime(2_000);
  }
  expect(calls.at(-1)).toBe(40_000);
  expect(call(1_100), "its line was of use").toBe(false);
  expect(calls, "what waits is sent at once").toHaveLength(7);
});

test("a line that has lasted makes up for the calls that failed before it", () => {
  const { link, calls } = linkWith();
  link.send(frame("first"), false);
  for (let tries = 0; tries < 5; tries += 1) pauseAfterFailure(link, calls);
  const line = new ShownLine();
  link.opened(asLine(line));
  line.ageMs = 1_100;
  link.send(frame("words"), false);
  link.closed(asLine(line));
  link.call();
  expect(calls.at(-1)).toBe(5_000);
});

test("what was sent in part begins anew on another line", () => {
  const { link } = linkWith();
  const [first, second] = [new ShownLine(1), new ShownLine()];
  link.opened(asLine(first));
  link.send(new Uint8Array(80 * 1024), true);
  link.opened(asLine(second));
  const offsets = [first, second].map(({ written }) =>
    written.map((bytes) => {
      const read = decodeFrame(bytes);
      return read.kind === "decoded" && read.value.kind === "part" ? read.value.offset / 1024 : -1;
    }),
  );
  expect(offsets).toEqual([[0], [0, 32, 64]]);
});
