import { expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import type { Drawn } from "../../../sim/chance/choices.ts";
import {
  breaksIn,
  eventsAlong,
  eventsBetween,
  pastOf,
  turningPoint,
} from "../../../sim/explain/why.ts";
import { plant } from "../../../sim/planted.ts";
import { failureOf } from "../../../sim/shrink/failure.ts";
import { failingSeed } from "../failing-seed.ts";
import { scenarioNamed } from "../scenario-named.ts";

// Goal: futures begin where they are said to, and the turn is where they close.

test("a future that keeps all choices is the past, and one that keeps none is free", async () => {
  const plan = await scenarioNamed("random-chaos");
  const planted = plant("R04");
  const seed = failingSeed(plan, "R04");
  const past = pastOf(plan, seed, {}, planted);
  const [violation] = past.recording.result.violations;
  if (violation === undefined) throw new Error("it fails");
  const failure = failureOf(violation);
  const { choices, drawnAfter, recording } = past;
  expect(drawnAfter).toHaveLength(recording.events + 1);
  for (const kind of ["choices", "byNodes"] as const) {
    const counts = drawnAfter.map((drawn) => drawn[kind]);
    expect([...counts].sort((left, right) => left - right)).toEqual(counts);
    expect(counts.at(-1)).toBeGreaterThan(0);
  }
  const run = { plan, seed, options: {}, choices };
  const kept = drawnAfter[recording.events] as Drawn;
  const nothing = { choices: 0, byNodes: 0 };
  expect(breaksIn({ ...run, planted, kept, future: 1 }, failure)).toBe(true);
  expect(breaksIn({ ...run, planted, kept: nothing, future: 1 }, failure)).toBe(false);
  expect(breaksIn({ ...run, planted: noBug, kept, future: 1 }, failure)).toBe(false);
  const along = eventsAlong(past, 5);
  expect(along[0]).toBe(0);
  expect(along).toHaveLength(5);
  const second = recording.timeOf(recording.events) / 5;
  expect(recording.timeOf(along[1] ?? 0)).toBeLessThanOrEqual(second);
});

test("turningPoint() is between the last event that leaves a way out and the next", () => {
  const point = (event: number, failed: number) => ({ event, failed, futures: 4 });
  const points = [point(9, 4), point(0, 1), point(5, 3), point(3, 4), point(7, 4)];
  expect(turningPoint(points)).toEqual({ open: 5, certain: 7 });
  expect(turningPoint([point(0, 4), point(9, 4)])).toEqual({ open: 0, certain: 0 });
  expect(eventsBetween(5, 7, 8)).toEqual([6]);
  expect(eventsBetween(5, 6, 8)).toEqual([]);
  expect(eventsBetween(0, 100, 3)).toEqual([25, 50, 75]);
});
