import fc from "fast-check";
import { expect, test } from "vitest";
import {
  agoText,
  bytesOf,
  countOf,
  durationOf,
  nanoCpusOf,
  pairOf,
  patienceOf,
  ppmOf,
} from "../../../real/command-line/units.ts";
import { spanText } from "../../../real/wire/readable.ts";

test("durationOf() reads spans of several units, and says what it can't read", () => {
  expect(durationOf("1m30s")).toBe(90_000_000);
  expect(durationOf("1.5h")).toBe(5_400_000_000);
  expect(durationOf("0")).toBe(0);
  for (const text of ["", "5", "s", "1m 30s", "-1s", "1y"]) {
    expect(() => durationOf(text)).toThrow("is no time span: write 30s");
  }
});

test("patienceOf() wants some time", () => {
  expect(patienceOf("500ms")).toBe(500_000);
  for (const text of ["0", "0s", "0h0m"]) expect(() => patienceOf(text)).toThrow("leaves no time");
});

test("durationOf() reads whatever spanText() writes", () => {
  fc.assert(
    fc.property(fc.nat({ max: 10 ** 12 }), (micros) => {
      expect(durationOf(spanText(micros))).toBe(micros);
    }),
  );
});

test("bytesOf() counts in powers of 1024, as Docker does", () => {
  expect(["512m", "1g", "1.5GiB", "100", "4KB"].map(bytesOf)).toEqual([
    536_870_912, 1_073_741_824, 1_610_612_736, 100, 4096,
  ]);
  for (const text of ["", "much", "-1m", "1x"]) {
    expect(() => bytesOf(text)).toThrow("is no amount of memory");
  }
});

test("what is too much to be counted is said to be so", () => {
  for (const read of [durationOf, bytesOf, nanoCpusOf]) {
    const text = read === durationOf ? "99999999999h" : "99999999999999";
    expect(() => read(read === bytesOf ? `${text}g` : text)).toThrow("more than can be counted");
  }
});

test("counts, processors and ratios are within their bounds", () => {
  expect([countOf("0"), nanoCpusOf("0.25"), ppmOf("0.3")]).toEqual([0, 250_000_000, 300_000]);
  for (const text of ["-1", "1.5", "", "x"]) expect(() => countOf(text)).toThrow("is no count");
  for (const text of ["-1", "", "x"]) expect(() => nanoCpusOf(text)).toThrow("processors");
  for (const text of ["1.1", "-0.1", "", "x"]) expect(() => ppmOf(text)).toThrow("is no ratio");
});

test("pairOf() splits at the first sign, and wants a key", () => {
  expect([pairOf("a=b=c"), pairOf("a")]).toEqual([
    ["a", "b=c"],
    ["a", ""],
  ]);
  expect(() => pairOf("=b")).toThrow("has no key");
});

test("agoText() is rough", () => {
  const now = 10 ** 12;
  const ago = (seconds: number) => agoText((now - seconds * 1000) * 1000, now);
  expect([ago(5), ago(119), ago(120), ago(7200), ago(200_000)]).toEqual([
    "5 seconds ago",
    "119 seconds ago",
    "2 minutes ago",
    "2 hours ago",
    "2 days ago",
  ]);
});
