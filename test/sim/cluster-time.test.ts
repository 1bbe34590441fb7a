import { expect, test } from "vitest";
import { at, kill, restart, type ScenarioPlan, skewClock } from "../../sim/scenario/dsl.ts";
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

test("managers that start anew one by one in a quiet time hand the time on", async () => {
  const plan: ScenarioPlan = {
    ...(await scenarioNamed("leader-crash")),
    steps: [
      at("60s", skewClock("managers", "1h")),
      at("600s", kill("m1")),
      at("605s", restart("all")),
      at("620s", kill("m2")),
      at("625s", restart("all")),
      at("640s", kill("m3")),
      at("645s", restart("all")),
    ],
    expect: [],
  };
  for (const seed of ["2", "5", "7"]) {
    const times: number[] = [];
    const watch = (world: World) => ({
      committed: () => times.push(world.history.view.time - world.kernel.now),
    });
    expect(simulate(plan, seed, { observer: { watch } }).verdict).toBe("pass");
    const begun = times[5] as number;
    expect(Math.abs((times.at(-1) as number) - begun)).toBeLessThan(10_000_000);
  }
});
