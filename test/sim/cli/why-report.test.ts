import { createColors } from "picocolors";
import { expect, test } from "vitest";
import { type WhyReport, whyJson, whyText } from "../../../sim/cli/why-report.ts";
import type { Point } from "../../../sim/explain/why.ts";
import { plant } from "../../../sim/planted.ts";
import { recordRun } from "../../../sim/record/recording.ts";
import type { Violation } from "../../../sim/result.ts";
import { scenarioNamed } from "../scenario-named.ts";

// Goal: a search that was cut short claims no more than it has seen.

const recording = recordRun(await scenarioNamed("random-chaos"), "1", {}, plant("R07"));
const [violation] = recording.result.violations as [Violation];
const last = recording.events + 1;

function reportOf(points: readonly Point[], turn: WhyReport["turn"], isInterrupted: boolean) {
  const run = { file: "f", seed: "1", violation, recording, futures: 4 };
  return { ...run, points, all: points, turn, isInterrupted };
}

function saidOf(report: WhyReport): string {
  return whyText(report, createColors(false));
}

test("of nothing that was tried nothing is said", () => {
  const report = reportOf([], { open: 0, certain: 0 }, true);
  expect(saidOf(report)).toMatch(/\nnothing is known yet of when it was decided\n$/);
  expect(JSON.parse(whyJson(report))).toMatchObject({ points: [], inevitable: null });
});

test("what was not looked at may have decided it as well", () => {
  const points = [{ event: 0, failed: 1, futures: 4 }];
  const report = reportOf(points, { open: 0, certain: last }, true);
  const end = violation.at.toFixed(3);
  expect(saidOf(report)).toMatch(new RegExp(`\nit was decided between 0.000 s and ${end} s\n$`));
  expect(saidOf({ ...report, isInterrupted: false })).toContain("nothing was decided before");
  const always = reportOf([{ event: 0, failed: 4, futures: 4 }], { open: 0, certain: 0 }, true);
  expect(saidOf(always)).toContain("as far as it was looked, it was decided from the start");
});
