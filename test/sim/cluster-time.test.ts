import { expect, test } from "vitest";
import { at, crash, restart, type ScenarioPlan, update } from "../../sim/scenario/dsl.ts";
import { simulate } from "../../sim/simulate.ts";
import type { World } from "../../sim/world/world.ts";
import { scenarioNamed } from "./scenario-named.ts";

const hour = 3_600_000_000;

test("the cluster's time counts what passed while all machines were off", async () => {
  const scenario = await scenarioNamed("certificate-expired-while-off");
  const times: number[] = [];
  const watch = (world: World) => ({
    committed: () => times.push(world.history.view.time),
  });
  expect(simulate(scenario, "1", { observer: { watch } }).verdict).toBe("pass");
  expect((times.at(-1) as number) - (times[0] as number)).toBeGreaterThan(2400 * hour);
});

test("a manager that missed the last entry, and starts in a quiet hour, knows the time", async () => {
  const plan: ScenarioPlan = {
    ...(await scenarioNamed("leader-crash")),
    steps: [
      at("60s", crash("m2")),
      at("70s", update("web", { image: "web:2" })),
      at("4000s", restart("all")),
      at("4010s", crash("leader")),
      at("4030s", restart("all")),
    ],
    expect: [],
  };
  for (const seed of ["1", "2", "3"]) {
    const times: number[] = [];
    const watch = (world: World) => ({
      committed: () => times.push(world.history.view.time - world.kernel.now),
    });
    expect(simulate(plan, seed, { observer: { watch } }).verdict).toBe("pass");
    const begun = times[5] as number;
    expect(Math.abs((times.at(-1) as number) - begun)).toBeLessThan(10_000_000);
  }
});
