import { createColors } from "picocolors";
import { expect, test } from "vitest";
import { benignText } from "../../../sim/cli/bugs-benign.ts";
import { huntText, reportJson, reportOf } from "../../../sim/cli/bugs-report.ts";
import type { BugRow } from "../../../sim/cli/bugs-request.ts";

// Goal: what a user reads is neat and complete, also when bugs escape. Method: the whole text.

const plain = createColors(false);
const inRaft: BugRow = {
  ...{ id: "R06", change: "it counts", caughtBy: "log-matching", world: "raft, safe reads" },
};
const inScenario: BugRow = { id: "S01", change: "no room", caughtBy: "slots", scenario: "chaos" };

const caught = (first: number, needed: number, invariant = "log-matching") => ({
  first,
  caught: { seed: first + needed - 1, invariant, detail: "two\nlines" },
});

const mixed = reportOf(inRaft, [
  caught(1, 10),
  caught(1_001, 4, "converges"),
  { first: 2_001, caught: null },
  caught(3_001, 900),
  caught(4_001, 3),
]);

test("reportOf() tells its own invariant from others, and counts seeds from a try's first", () => {
  expect(mixed).toEqual({
    row: inRaft,
    tries: 5,
    caught: 3,
    needed: [10, 900, 3],
    seeds: { median: 10, max: 900 },
    stepsLeft: null,
    accidents: [{ seed: 1_004, invariant: "converges", detail: "two\nlines" }],
    missed: [2_001],
  });
  expect(reportOf(inRaft, [caught(1, 2), caught(1_001, 8)]).seeds).toEqual({ median: 2, max: 8 });
});

test("huntText() gives a row for each bug, and says which tries went wrong", () => {
  const never = reportOf(inScenario, [{ first: 1, caught: null }]);
  const text = huntText({ tries: 5, seeds: 1_000 }, [mixed, never], plain);
  expect(text.replace(/ {3,}/g, " | ").split("\n")).toEqual([
    "5 tries each, of 1,000 seeds at most; median and max: seeds until it was caught",
    "",
    [
      "bug | what is changed | must break | world | caught | by accident | missed | median | max",
      "steps left",
    ].join(" | "),
    "R06 | it counts | log-matching | raft, safe reads | 3 | 1 | 1 | 10 | 900 | -",
    "S01 | no room | slots | chaos | 0 | 0 | 1 | - | - | -",
    "",
    "R06 (raft, safe reads), seed 1004: converges broke first: two lines",
    "R06 (raft, safe reads), from seed 2001 on: nothing broke",
    "S01 (chaos), from seed 1 on: nothing broke",
    "FAIL  2 bugs: 3 of 6 tries caught as it must be",
    "",
  ]);
});

test("huntText() names a few of many tries that went wrong", () => {
  const tries = Array.from({ length: 8 }, (_, at) => ({ first: at * 1_000 + 1, caught: null }));
  const text = huntText({ tries: 8, seeds: 10 }, [reportOf(inScenario, tries)], plain);
  expect(text).toContain(
    "S01 (chaos), from seed 4001 on: nothing broke\nS01 (chaos): and 3 more\n",
  );
});

test("huntText() passes when every try was caught by the row's invariant", () => {
  const text = huntText({ tries: 1, seeds: 1 }, [reportOf(inRaft, [caught(1, 1)])], plain);
  expect(text).toMatch(/^1 try each, of 1 seed at most; /);
  expect(text).toMatch(/\n\nPASS {2}1 bug: 1 of 1 try caught as it must be\n$/);
});

test("reportJson() is one line", () => {
  const { row: _row, ...figures } = mixed;
  const { id, change, caughtBy: invariant } = inRaft;
  const world = "raft, safe reads";
  expect(reportJson(mixed)).toMatch(/^\{"id":"R06",.*\}\n$/);
  expect(JSON.parse(reportJson(mixed))).toEqual({ id, change, invariant, world, ...figures });
});

test("benignText() names the seeds that raised an alarm, and a few of many", () => {
  const alarm = (seed: number) => ({ seed, invariant: "log-matching", detail: "two\nlines" });
  const alarms = Array.from({ length: 12 }, (_, at) => alarm(at + 1));
  const reports = [
    { change: "none", seeds: 1_000, alarms: [] },
    { change: "empty-append", seeds: 1_000, alarms },
  ] as const;
  const lines = benignText([{ ...reports[0], alarms: [] }, { ...reports[1] }], plain).split("\n");
  expect(lines.slice(0, 6)).toEqual([
    "harmless change   seeds   alarms",
    "none              1,000        0",
    "empty-append      1,000       12",
    "",
    "empty-append, seed 1: log-matching: two lines",
    "empty-append, seed 2: log-matching: two lines",
  ]);
  expect(lines.slice(-3)).toEqual(["empty-append: and 2 more", "FAIL  2,000 runs, 12 alarms", ""]);
  expect(benignText([{ ...reports[0], alarms: [] }], plain)).toMatch(/\nPASS {2}1,000 runs, 0 al/);
});
