import { describe, expect, test } from "vitest";
import { Random } from "../../../core/base/random.ts";
import { validateServiceSpec } from "../../../core/control/validate.ts";
import { isJob } from "../../../core/model/service.ts";
import type { NamedService } from "../../../sim/scenario/dsl.ts";
import { drawChange, drawService, type Surroundings } from "../../../sim/users/drawn-service.ts";
import { changed, specOf } from "../../../sim/users/service-spec.ts";
import { plannedMachines } from "../../../sim/world/plan.ts";

// Goal: users draw services of every kind, and none that a cluster would refuse for its shape.

const around: Surroundings = {
  machines: plannedMachines({
    managers: 3,
    workers: [
      { count: 4, labels: { disk: "ssd" } },
      { count: 2, labels: { disk: "hdd" } },
    ],
  }).map(({ description }) => description),
  services: ["web"],
  networks: ["back", "host"],
  secrets: ["alpha"],
  configs: ["beta"],
  rare: null,
};

/** The same, where whoever draws may draw everything. */
const whole: Surroundings = {
  ...around,
  rare: { volumes: ["data"], neighbours: ["user-0"], tiers: ["gold"] },
};

function drawn(count: number, where = around): NamedService[] {
  const random = new Random([1, 2, 3, 4]);
  return Array.from({ length: count }, (_, at) => drawService(random, where, `user-${at}`));
}

describe("drawService()", () => {
  test("draws every mode, and every part that a service can have", () => {
    const plans = drawn(300);
    expect(new Set(plans.map(({ mode }) => mode))).toEqual(
      new Set(["replicated", "global", "replicated-job", "global-job"]),
    );
    const parts = new Set(plans.flatMap((plan) => Object.keys(plan)));
    for (const part of ["health", "dependsOn", "restart", "ports", "constraints", "spreadOver"]) {
      expect(parts).toContain(part);
    }
    for (const part of [
      "secrets",
      "configs",
      "update",
      "rollback",
      "maxReplicasPerNode",
      "runsFor",
    ])
      expect(parts).toContain(part);
    expect(plans.some(({ ports }) => ports?.some(({ mode }) => mode === "host"))).toBe(true);
    expect(plans.some(({ restart }) => restart?.maxDelay !== "0s")).toBe(true);
  });

  test("draws what few services have only where everything is to be drawn", () => {
    const rare = ["volumes", "affinity", "antiAffinity", "strategy"] as const;
    const having = (plans: NamedService[]) =>
      rare.map((part) => plans.filter((plan) => plan[part] !== undefined).length);
    expect(having(drawn(300))).toEqual([0, 0, 0, 0]);
    for (const count of having(drawn(300, whole))) expect(count).toBeGreaterThan(5);
  });

  test("draws nothing that is refused for its shape", () => {
    const plans = [...drawn(300), ...drawn(300, whole)];
    const refusals = plans.map((plan) => validateServiceSpec(specOf(plan)));
    expect(refusals.filter((refusal) => refusal !== null)).toEqual([]);
  });

  test("asks only for labels that enough machines have", () => {
    const constraints = drawn(300).flatMap((plan) => plan.constraints ?? []);
    expect(constraints).toContain("engine.labels.disk==ssd");
    expect(constraints).not.toContain("engine.labels.disk==hdd");
  });
});

test("drawChange() changes one part, and leaves a job without an update config", () => {
  const random = new Random([1, 2, 3, 4]);
  for (const plan of drawn(600)) {
    const spec = specOf(plan);
    const where = random.pick([around, whole]);
    const change = drawChange(random, where, plan.name, isJob(spec));
    expect(validateServiceSpec(changed(spec, change))).toBe(null);
  }
});
