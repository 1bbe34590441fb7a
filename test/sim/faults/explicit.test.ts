import { beforeAll, describe, expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import { explicitOf, withSteps } from "../../../sim/faults/explicit.ts";
import { plant } from "../../../sim/planted.ts";
import { checkScenario } from "../../../sim/scenario/check.ts";
import { at, crash, heal, restart, type ScenarioPlan } from "../../../sim/scenario/dsl.ts";
import { simulate } from "../../../sim/simulate.ts";
import { failingSeed } from "../failing-seed.ts";
import { scenarioNamed } from "../scenario-named.ts";

// Goal: what chaos did, written as steps, is the same run.

let chaos: ScenarioPlan;

beforeAll(async () => {
  chaos = await scenarioNamed("random-chaos");
});

describe("explicitOf()", () => {
  test.each(["R04", "O06"])("tells chaos as steps that break at the same moment: %s", (bug) => {
    const seed = failingSeed(chaos, bug);
    const { plan, result } = explicitOf(chaos, seed, {}, plant(bug));
    expect(plan.chaos).toBeUndefined();
    expect(plan.steps?.length).toBeGreaterThan(5);
    expect(checkScenario(plan)).toEqual([]);
    expect(result.violations).toHaveLength(1);
    expect(simulate(plan, seed, {}, plant(bug)).violations).toEqual(result.violations);
  });

  test("names who must recover, and what the others are left with", () => {
    const { plan, result } = explicitOf(chaos, "2", {}, noBug);
    expect(result.verdict).toBe("pass");
    const again = simulate(plan, "2");
    expect(again.verdict).toBe("pass");
    expect(again.services).toEqual(result.services);
    expect(plan.core?.length).toBeGreaterThan(1);
    expect(plan.core?.length).toBeLessThan(8);
  });

  test("says whom a selector meant", async () => {
    const partition = await scenarioNamed("partition");
    const { plan } = explicitOf(partition, "1", {}, noBug);
    const [cut] = plan.steps ?? [];
    expect(cut?.action).toMatchObject({ do: "partition", from: expect.arrayContaining(["m3"]) });
    expect(JSON.stringify(plan.steps)).not.toMatch(/leader|worker|rest/);
    expect(plan.core).toBeUndefined();
  });
});

test("withSteps() leaves out what would change nothing", () => {
  const plan: ScenarioPlan = {
    ...{ name: "a", story: "b", topology: { managers: 3, workers: 0 }, services: [], expect: [] },
  };
  const kept = [at("20s", crash("m1")), at("30s", restart("m1"))];
  const steps = [at("10s", heal()), ...kept, at("40s", restart("m1"))];
  expect(withSteps(plan, steps).steps).toEqual(kept);
});
