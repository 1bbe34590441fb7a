import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { isScenario, type ScenarioPlan } from "../../sim/scenario/dsl.ts";
import { loadScenario } from "../../sim/scenario/load.ts";
import { simulate } from "../../sim/simulate.ts";
import type { World } from "../../sim/world.ts";

const hour = 3_600_000_000;

test("the cluster's time counts what passed while all machines were off", async () => {
  const file = new URL("../../scenarios/certificate-expired-while-off.ts", import.meta.url);
  const { scenario } = await loadScenario<ScenarioPlan>(fileURLToPath(file), isScenario);
  const times: number[] = [];
  const watch = (world: World) => ({
    committed: () => times.push(world.history.view.time),
  });
  expect(simulate(scenario, "1", { observer: { watch } }).verdict).toBe("pass");
  expect((times.at(-1) as number) - (times[0] as number)).toBeGreaterThan(2400 * hour);
});
