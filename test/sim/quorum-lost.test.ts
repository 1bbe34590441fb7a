import { expect, test } from "vitest";
import {
  at,
  availability,
  crash,
  forceNewCluster,
  restart,
  scenario,
  service,
} from "../../sim/scenario/dsl.ts";
import { simulate } from "../../sim/simulate.ts";

// Goal: a cluster that is forced anew keeps what its workers run. Method: nodes that beat once a
// second, as those of swarmd do, and have looked for a leader for a minute when there is one.

const seeds = Array.from({ length: 3 }, (_, index) => String(index + 1));

test("workers are back before the manager that goes on alone gives up their tasks", () => {
  const plan = scenario({
    ...{ name: "forced", story: "Two of three managers are lost; the third goes on alone." },
    topology: { managers: 3, workers: 3, heartbeat: "1s", raft: { tick: "100ms" } },
    services: [service("web", { image: "web:1", replicas: 6, constraints: ["node.role==worker"] })],
    steps: [
      at("40s", crash("m2")),
      at("40s", crash("m3")),
      at("100s", forceNewCluster("m1")),
      at("200s", restart("m2")),
    ],
    expect: [availability("web", { starts: 0 })],
  });
  const moved = seeds.flatMap((seed) => {
    const { violations } = simulate(plan, seed);
    return violations.map(({ detail }) => `seed ${seed}: ${detail}`);
  });
  expect(moved).toEqual([]);
});
