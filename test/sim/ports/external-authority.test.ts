import { expect, test } from "vitest";
import { badMoods, outside } from "../../../sim/ports/authorities.ts";
import type { Mood } from "../../../sim/scenario/authority-words.ts";
import {
  at,
  authority,
  configure,
  powerOn,
  rotateRoot,
  type ScenarioPlan,
  type Step,
} from "../../../sim/scenario/dsl.ts";
import { simulate } from "../../../sim/simulate.ts";
import type { World } from "../../../sim/world/world.ts";

// Goal: authorities of every mood are what they are called, and the cluster gets what it needs.

function run(steps: readonly Step[], until: number): World {
  const seen: { world?: World } = {};
  const plan: ScenarioPlan = {
    name: "authorities",
    story: "They sign.",
    topology: {
      managers: 3,
      workers: [{ name: "w1" }, { name: "w2", joins: true }],
      cluster: { externalCas: ["north"] },
    },
    services: [],
    steps: [...steps, at(`${until + 10}s`, authority("all", "sound"))],
    expect: [],
  };
  const watch = (world: World) => {
    seen.world = world;
    return {};
  };
  const { verdict } = simulate(plan, "1", { until: until * 1e6, observer: { watch } });
  expect(verdict).toBe("pass");
  return seen.world as World;
}

function certificateOf({ named }: World, name: string) {
  return named.get(name)?.signer.held.certificate ?? null;
}

test("the cluster moves to a root whose key its managers never have", () => {
  const named = configure({ externalCas: ["north"], outsideCas: ["south"] });
  const world = run([at("40s", named), at("45s", rotateRoot("outside"))], 100);
  expect(world.history.view.cluster?.ca).toMatchObject({ root: { key: "" }, rotation: null });
  for (const name of ["m1", "m2", "m3", "w1"]) {
    expect(certificateOf(world, name)?.issuer).toBe(outside.digest);
  }
});

test.each(badMoods)("while the only authority is %s", (mood: Mood) => {
  const steps = [at("40s", authority("north", mood)), at("45s", powerOn("w2"))];
  const isLetIn = mood === "slow" || mood === "lasting";
  expect(certificateOf(run(steps, 90), "w2") !== null).toBe(isLetIn);
  const mended = [...steps, at("60s", authority("north", "sound"))];
  expect(certificateOf(run(mended, 100), "w2")).toMatchObject({ nodeId: "w2", role: "worker" });
});
