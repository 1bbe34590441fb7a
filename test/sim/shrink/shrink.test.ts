import { beforeAll, describe, expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import { ChoiceRecorder, replaying } from "../../../sim/chance/choices.ts";
import { plant } from "../../../sim/planted.ts";
import { checkScenario } from "../../../sim/scenario/check.ts";
import {
  always,
  at,
  atLeast,
  containers,
  type ScenarioPlan,
  scenario,
  service,
} from "../../../sim/scenario/dsl.ts";
import {
  type FailingRun,
  type ShrinkProgress,
  shrink,
  shrinking,
} from "../../../sim/shrink/shrink.ts";
import { farShorter, smallerPlans } from "../../../sim/shrink/smaller-plans.ts";
import { shorter } from "../../../sim/shrink/subsets.ts";
import { simulate } from "../../../sim/simulate.ts";
import { failingSeed } from "../failing-seed.ts";
import { scenarioNamed } from "../scenario-named.ts";

// Goal: what is left still breaks the same, is small, and is the same each time.

let chaos: ScenarioPlan;
let updates: ScenarioPlan;
/** Found once: what the tests are about is what comes after. */
let failingUpdate: FailingRun;

beforeAll(async () => {
  chaos = await scenarioNamed("random-chaos");
  updates = await scenarioNamed("update-during-chaos");
  failingUpdate = failing(updates, "U04");
});

function failing(plan: ScenarioPlan, bug: string): FailingRun {
  return { plan, seed: failingSeed(plan, bug), options: {}, planted: plant(bug) };
}

describe("shrink()", () => {
  test("leaves a short story that still breaks the same", () => {
    const [bug, invariant] = ["S06", "placement-holds"];
    const shrunk = shrink(failing(chaos, bug), { tries: 60 });
    if (typeof shrunk === "string") throw new Error(shrunk);
    expect(shrunk.violation.invariant).toBe(invariant);
    expect(shrunk.steps).toBeLessThanOrEqual(4);
    expect(checkScenario(shrunk.plan)).toEqual([]);
    const again = simulate(shrunk.plan, shrunk.seed, {}, plant(bug));
    expect(again.violations).toEqual([shrunk.violation]);
    expect(simulate(shrunk.plan, shrunk.seed).verdict).toBe("pass");
  });

  test("finds the same story each time, and tells how far it is", () => {
    const tries = shrinking(failingUpdate, { tries: 20 });
    const told: ShrinkProgress[] = [];
    let step = tries.next();
    for (; step.done !== true; step = tries.next()) told.push(step.value);
    const one = step.value;
    if (typeof one === "string") throw new Error(one);
    const two = shrink(failingUpdate, { tries: 20 });
    expect(two).toEqual(one);
    expect(told.length).toBeGreaterThan(5);
    expect(told.at(-1)?.tries).toBeLessThanOrEqual(20);
    expect(told.at(-1)?.steps).toBe(one.steps);
  });

  test("ends when its time is over, with a story that still fails", () => {
    let runs = 0;
    const isOver = () => {
      runs += 1;
      return runs > 12;
    };
    const shrunk = shrink(failingUpdate, { tries: 10_000, isOver });
    if (typeof shrunk === "string") throw new Error(shrunk);
    expect(shrunk.tries).toBeLessThanOrEqual(12);
    expect(simulate(shrunk.plan, shrunk.seed, {}, plant("U04")).verdict).toBe("fail");
  });

  test("has nothing to say of a run that passes", () => {
    const passing = { plan: updates, seed: "1", options: {}, planted: noBug };
    expect(shrink(passing, { tries: 9 })).toBe("passes");
  });

  test("shows no story that would pass, of what fails only by the choices that were kept", () => {
    const plan = scenario({
      name: "a container ends",
      story: "One of a few ends by itself, with some luck.",
      topology: { managers: 1, workers: 1 },
      services: [service("web", { image: "web:1", replicas: 1 })],
      steps: [at("1s", containers({ crashEvery: "40m" })), at("90s", containers({}))],
      expect: [always(atLeast("web", 1))],
    });
    const fails = (seed: number) => simulate(plan, String(seed)).verdict === "fail";
    const lucky = Array.from({ length: 200 }, (_, at) => at + 1).find(fails) ?? 0;
    expect(lucky).toBeGreaterThan(3);
    const recorder = new ChoiceRecorder();
    simulate(plan, String(lucky), { tap: recorder.tap });
    const tap = () => replaying(recorder.list());
    const run = (seed: string) => ({ plan, seed, options: { tap: tap() }, planted: noBug });
    expect(shrink(run("1"), { tries: 5 })).toBe("needs its choices");
    expect(shrink(run(String(lucky)), { tries: 5 })).toMatchObject({ seed: String(lucky) });
  });
});

describe("shorter()", () => {
  test("offers nothing at all first, and each list without one item last", () => {
    const lists = [...shorter([1, 2, 3, 4])];
    expect(lists[0]).toEqual([]);
    expect(lists.slice(1, 3)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(lists.slice(-4)).toEqual([
      [1, 2, 3],
      [1, 2, 4],
      [1, 3, 4],
      [2, 3, 4],
    ]);
    expect([...shorter(["a"])]).toEqual([[]]);
    expect([...shorter([])]).toEqual([]);
  });
});

test("farShorter() offers the first steps of a script, and the last ones of a story", () => {
  const { steps = [] } = updates;
  const [first, ...last] = farShorter({ ...updates, chaos: { from: "1s", until: "2s" } }, updates);
  expect(first).toEqual({ ...updates, chaos: undefined, steps: steps.slice(0, 2) });
  expect(last.map((plan) => plan.steps?.at(-1))).toEqual([steps.at(-1), steps.at(-1)]);
  expect(last.map((plan) => plan.steps?.length)).toEqual(
    [4, 8].map((most) => Math.min(most, steps.length)),
  );
  expect(farShorter({ ...chaos, steps: [] }, updates)).toHaveLength(2);
});

test("smallerPlans() leaves out what is said of machines one by one", () => {
  const machine = { name: "w1", cpus: 8, generic: { seat: 100 }, joins: true };
  const plan = scenario({
    ...{ name: "n", story: "s", services: [], expect: [] },
    topology: { managers: [{ name: "m1", cpus: 8 }], workers: [machine] },
  });
  const workers = [...smallerPlans(plan)].map(({ topology }) => topology.workers);
  expect(workers).toContainEqual([{ name: "w1" }]);
  expect(workers).toContainEqual([{ name: "w1", generic: { seat: 100 }, joins: true }]);
  expect(workers).toContainEqual([{ name: "w1", cpus: 8, joins: true }]);
});
