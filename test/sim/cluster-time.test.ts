import { expect, test } from "vitest";
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
