import { describe, expect, test } from "vitest";
import { recoveries } from "../../../sim/liveness/recoveries.ts";
import {
  at,
  crash,
  crashLoop,
  eventually,
  partition,
  running,
  type ScenarioPlan,
  service,
} from "../../../sim/scenario/dsl.ts";
import { simulate } from "../../../sim/simulate.ts";
import type { RunObserver } from "../../../sim/world/watch.ts";
import { said } from "../../support/sound-plan.ts";

const plan: ScenarioPlan = {
  name: "two recoveries",
  story: "A manager is lost for a while, then the network of another.",
  topology: { managers: 3, workers: 2 },
  services: [service("web", { image: "web:1", replicas: 3 })],
  steps: [at("30s", crash("m1")), at("150s", partition(["m2"], "rest"))],
  recoverAt: ["60s", "200s"],
  expect: [eventually(running("web", 3))],
};

/** When the run healed, in seconds. */
function heals(of: ScenarioPlan): number[] {
  const found: number[] = [];
  const observer: RunObserver = { healed: (recovery) => found.push(recovery.at / 1e6) };
  expect(simulate(of, "1", { observer }).violations).toEqual([]);
  return found;
}

describe("recoverAt", () => {
  test("heals at these times, and the last one decides the run", () => {
    expect(heals(plan)).toEqual([60, 200]);
    const { recoverAt: _, ...once } = plan;
    expect(heals(once)).toEqual([150]);
  });

  test("a step that follows brings one more, when all its parts are over", () => {
    const steps = [at("150s", crashLoop("w1", { after: "5s", times: 3 }))];
    expect(recoveries({ ...plan, recoverAt: ["60s"], steps })).toEqual([60e6, 168e6]);
    expect(heals({ ...plan, recoverAt: ["60s"], steps })).toEqual([60, 168]);
  });

  test("what has not recovered in time has failed, though more faults were to come", () => {
    const lost = { ...plan, core: ["m2", "m3"], recoverAt: ["60s", "3000s"] } as const;
    const goal = eventually(running("web", 4));
    const steps = [at("30s", crash("m1")), at("2900s", crash("m3"))];
    const { violations } = simulate({ ...lost, steps, expect: [goal] }, "1");
    expect(violations).toMatchObject([{ invariant: "converges" }]);
    expect(violations[0]?.at).toBeLessThan(2900);
  });

  test("its times ascend, and none is while chaos goes on", () => {
    expect(said({ recoverAt: ["60s", "60s"] })).toEqual([
      "recoverAt: its times don't ascend / put each time once, in order",
    ]);
    const chaos = { from: "10s", until: "90s", pullFailures: [1, 5] } as const;
    expect(said({ recoverAt: ["60s"], chaos })).toEqual([
      "recoverAt: 60s is before 90s, when chaos ends / let the cluster recover when chaos is over",
    ]);
    expect(said({ recoverAt: [] })).toHaveLength(1);
  });

  test("machines may be up again after it", () => {
    expect(said({ steps: [at("10s", crash("m1")), at("50s", crash("m1"))] })).toHaveLength(1);
    const steps = [at("10s", crash("m1")), at("50s", crash("m1"))];
    expect(said({ steps, recoverAt: ["40s"] })).toEqual([]);
  });
});
