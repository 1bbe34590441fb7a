import { expect, test } from "vitest";
import { Alternate } from "../../../sim/explore/alternate.ts";
import { generation } from "../../../sim/explore/exploration.ts";
import {
  at,
  crash,
  forceNewCluster,
  type ScenarioPlan,
  service,
} from "../../../sim/scenario/dsl.ts";

// Goal: a test explores what its scenario says, and what lies around it.

const plan: ScenarioPlan = {
  name: "leader loss",
  story: "The leader crashes.",
  topology: { managers: 3, workers: 2 },
  services: [service("web", { image: "web:1", replicas: 2 })],
  steps: [at("30s", crash("leader"))],
  expect: [{ expect: "availability", service: "web", lowest: 1 }],
};

test("Alternate runs the scenario as it is written in turn with faults of its own on top", () => {
  const trials = new Alternate(plan, 7);
  const [first, second, third] = [0, 1, 2].map((place) => trials.trialAt(place));
  expect(first).toMatchObject({ seed: "7", plan, branch: null });
  expect(second?.plan.chaos?.everyKind).toBe(true);
  expect(second?.plan.expect).toEqual([]);
  expect(third).toMatchObject({ seed: "9", plan });
});

test("Alternate varies the runs that reached something new", () => {
  const trials = new Alternate(plan, 1);
  const parents = new Set<unknown>();
  for (let place = 0; place < 8 * generation; place += 1) {
    const trial = trials.trialAt(place);
    if (trial.branch !== null) parents.add(trial.branch.future);
    trials.take(place, trial, place % 3 === 0 ? [place, 1_000 + place] : [place]);
  }
  expect(parents.size).toBeGreaterThan(10);
});

test("Alternate leaves a scenario as it is whose steps give up a quorum", () => {
  const lost = { ...plan, steps: [at("30s", crash("m1")), at("60s", forceNewCluster("m2"))] };
  const trials = new Alternate(lost, 1);
  expect([0, 1, 2, 3].map((place) => trials.trialAt(place).plan)).toEqual([lost, lost, lost, lost]);
});
