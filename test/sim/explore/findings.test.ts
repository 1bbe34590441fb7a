import { createColors } from "picocolors";
import { expect, test } from "vitest";
import { exploreText } from "../../../sim/cli/explore-progress.ts";
import { exploreRequest, trialsOf } from "../../../sim/cli/explore-request.ts";
import { findingsText } from "../../../sim/cli/findings-report.ts";
import { countBits, packed, union, unpacked } from "../../../sim/cli/state-bits.ts";
import { type Findings, joined, missed, parseFindings } from "../../../sim/explore/findings.ts";

const bits = new Uint8Array(1 << 17);
bits[3] = 0b101;

const findings: Findings = {
  format: "simswarm-findings",
  version: 1,
  scenarios: ["scenarios/partition.ts"],
  firstSeed: 1,
  shards: ["1/2"],
  runs: 10,
  failed: 1,
  simulatedSeconds: 100,
  wallSeconds: 2,
  events: 1_000,
  failures: [
    {
      scenario: "scenarios/partition.ts",
      seed: "7",
      invariant: "converges",
      at: 3,
      detail: "no",
      file: "corpus/x.json",
    },
  ],
  board: { "two-leaders": 4 },
  must: ["two-leaders", "conflict-cut-off"],
  states: packed(bits),
};
const other: Findings = {
  ...findings,
  shards: ["2/2"],
  failed: 0,
  failures: [],
  board: { "conflict-cut-off": 1 },
};

test("shards are joined: counts add up, what one has missed another may have reached", () => {
  const all = joined([findings, other], packed(union([bits, bits])));
  expect(all).toMatchObject({ runs: 20, failed: 1, shards: ["1/2", "2/2"] });
  expect(all).toMatchObject({ board: { "two-leaders": 4, "conflict-cut-off": 1 } });
  expect(missed(findings)).toEqual(["conflict-cut-off"]);
  expect(missed(all as Findings)).toEqual([]);
  expect(countBits(unpacked((all as Findings).states) ?? new Uint8Array())).toBe(2);
});

test("what does not belong together is refused in words", () => {
  const wrong = (...parts: Findings[]) => (joined(parts, "") as { wrong: string }).wrong;
  expect(wrong(findings, findings)).toBe("shard 1/2 comes twice");
  expect(wrong(findings, { ...other, firstSeed: 9 })).toContain("not shards of one exploration");
  expect(wrong(findings, { ...other, shards: ["2/3"] })).toContain("1/2 and 2/3");
  expect(parseFindings(JSON.stringify({ ...findings, shards: ["1"] }))).toHaveProperty("wrong");
  expect(parseFindings("{}")).toHaveProperty("wrong");
  expect(parseFindings("[")).toEqual({ wrong: "this is not JSON" });
  expect(parseFindings(JSON.stringify(findings))).toEqual(findings);
  expect(unpacked("abc")).toBeNull();
});

test("the report names failures with their files, the board, and what was missed", () => {
  const text = findingsText(findings, 2, createColors(false));
  expect(text).toContain("seed 7: converges broke at 3.000 s: no\n  kept in corpus/x.json");
  expect(text).toMatch(/two-leaders +4 +an older leader/);
  expect(text).toContain("FAIL, not reached: conflict-cut-off");
  expect(text).toContain("shards      1/2; not among them: 2/2\n");
});

test("a shard of so many trials does its part", () => {
  const parts = [1, 2, 3].map((index) =>
    trialsOf(exploreRequest(["a.ts"], { seeds: "10", shard: `${index}/3` })),
  );
  expect(parts).toEqual([4, 3, 3]);
  expect(trialsOf(exploreRequest(["a.ts"], { seeds: "1", shard: "2/3" }))).toBe(0);
  for (const flags of [{ shard: "3/2" }, { shard: "0/2" }, { time: "5" }, { seeds: "0" }]) {
    expect(() => exploreRequest(["a.ts"], flags)).toThrow(/write/);
  }
});

test("progress says how far it is, how fast, and how long it still takes", () => {
  const state = { runs: 100, planned: 300, failed: 2, reached: 31, situations: 47, states: 9_120 };
  const timed = { ...state, elapsedSeconds: 10, seconds: null };
  expect(exploreText(timed)).toBe(
    "100 of 300 runs, 10.0 a second, 2 failed, 31 of 47 rare, 9,120 states, 20 s left",
  );
  const endless = { ...timed, planned: Number.POSITIVE_INFINITY, seconds: 70 };
  expect(exploreText(endless)).toContain("100 runs, 10.0 a second");
  expect(exploreText(endless)).toContain("1 m 0 s left");
});
