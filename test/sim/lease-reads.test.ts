import { expect, test } from "vitest";
import type { ScenarioPlan } from "../../sim/scenario/dsl.ts";
import { simulate } from "../../sim/simulate.ts";
import { scenarioNamed } from "./scenario-named.ts";

// Goal: reads by lease are never stale as long as clocks differ by no more than the margin, and the
// margin is what sees to that. That leases must end at all is the row R22 of `sim/planted.ts`. All
// checks of the repository sweep more of these worlds.

const leases = await scenarioNamed("lease-reads");

test("clients read one store by lease while clocks drift up to the margin, in 3 worlds", () => {
  for (let seed = 21; seed <= 23; seed += 1) {
    expect(simulate(leases, String(seed)).violations).toEqual([]);
  }
});

/** The same world with other clocks, `driftPpm` fast or slow, and another margin. */
function withClocks(driftPpm: number, maxClockDriftPpm: number): ScenarioPlan {
  const { topology, steps = [] } = leases;
  const raft = { ...topology.raft, maxClockDriftPpm };
  const drifting = steps.map((step) => {
    if (step.action.do !== "drift-clock") return step;
    const ppm = Math.sign(step.action.ppm) * driftPpm;
    return { ...step, action: { ...step.action, ppm } };
  });
  return { ...leases, topology: { ...topology, raft }, steps: drifting };
}

test("clocks that differ by more than the margin give stale reads", () => {
  const careless = withClocks(450_000, 0);
  let stale = 0;
  for (let seed = 1; stale === 0 && seed <= 200; seed += 1) {
    const { violations } = simulate(careless, String(seed));
    if (violations[0]?.invariant === "linearizable") stale = seed;
  }
  expect(stale).not.toBe(0);
  // 1.45 is 2.636364 times 0.55.
  expect(simulate(withClocks(450_000, 1_636_364), String(stale)).violations).toEqual([]);
});
