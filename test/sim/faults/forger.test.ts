import { expect, test } from "vitest";
import { checkScenario } from "../../../sim/scenario/check.ts";
import {
  at,
  demote,
  forge,
  giveToken,
  powerOn,
  type ScenarioPlan,
  service,
} from "../../../sim/scenario/dsl.ts";
import type { Guise } from "../../../sim/scenario/fault-words.ts";
import { simulate } from "../../../sim/simulate.ts";
import type { World } from "../../../sim/world/world.ts";

// Goal: what an intruder sends is heard, and refused for the reason that his guise gives.
// Method: one machine forges in a cluster that is at rest; the test listens to what nodes deny.

function story(steps: ScenarioPlan["steps"]): ScenarioPlan {
  return {
    name: "an intruder",
    story: "He has a machine.",
    topology: { managers: 3, workers: [{ count: 2 }, { name: "w3", joins: true, token: "wrong" }] },
    services: [service("web", { image: "web:1", replicas: 3 })],
    ...(steps === undefined ? {} : { steps }),
    expect: [],
  };
}

/**
 * Why nodes did not take what `from` forged, without repeats; in order of the alphabet. What m3 had
 * on its way when it was demoted, half a minute before, is refused too, and is no forgery.
 */
function refusals(from: string, guise: Guise): string[] {
  const reasons = new Set<string>();
  const watch = ({ kernel }: World) => ({
    happened: (_host: unknown, event: { readonly kind: string; readonly reason?: string }) => {
      if (event.kind === "denied" && kernel.now >= 60_000_000)
        reasons.add(event.reason?.replace("Permission denied: ", "") ?? "");
    },
  });
  const plan = story([at("30s", demote("m3")), at("60s", forge(from, guise))]);
  const { verdict } = simulate(plan, "1", { observer: { watch } });
  expect(verdict).toBe("pass");
  return [...reasons].sort();
}

test.each<[string, Guise, string[]]>([
  ["w1", "nobody", ["w1 has shown no certificate"]],
  ["w1", "stranger", ["certificate signed by unknown authority"]],
  [
    "w1",
    "another",
    ["m1", "m2", "m3", "w2"].map((name) => `w1 has shown the certificate of ${name}`),
  ],
  ["w1", "itself", ["unauthorized peer role: swarm-worker"]],
  ["w1", "former", []],
  ["m3", "former", ["the certificate of m3 is from before it was demoted"]],
  ["m1", "itself", []],
])("what %s sends as %s is refused by everybody who can know better", (from, guise, reasons) => {
  expect(refusals(from, guise)).toEqual(reasons);
});

test("a machine with a wrong token stays out until its user is told the right one", () => {
  const joins = (...more: NonNullable<ScenarioPlan["steps"]>) => {
    const nodes = new Set<string>();
    const watch = () => ({
      happened: (host: { readonly name: string }, event: { readonly kind: string }) => {
        if (event.kind === "certified") nodes.add(host.name);
      },
    });
    const plan = story([at("40s", powerOn("w3")), ...more]);
    expect(simulate(plan, "1", { observer: { watch } }).verdict).toBe("pass");
    return nodes.has("w3");
  };
  expect(joins()).toBe(false);
  expect(joins(at("60s", giveToken("w3")))).toBe(true);
});

test("a token is noted only for a machine that joins later", () => {
  const plan = { ...story([]), topology: { managers: 1, workers: [{ token: "first" }] } } as const;
  const [problem] = checkScenario(plan);
  expect(problem).toMatchObject({ where: "topology.workers[0]", help: "add joins: true" });
});
