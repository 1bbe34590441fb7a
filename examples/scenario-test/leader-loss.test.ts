import { at, availability, crash, eventually, restart, running, service } from "simswarm/scenario";
import { explore, scenario, simulate } from "simswarm/sim";
import { test } from "vitest";

const leaderLoss = scenario({
  name: "leader loss",
  story: "The leader is lost for half a minute while six tasks run.",
  topology: { managers: 3, workers: 4 },
  services: [service("web", { image: "web:1", replicas: 6 })],
  steps: [at("30s", crash("leader")), at("60s", restart("managers"))],
  expect: [eventually(running("web", 6)), availability("web", { lowest: 5 })],
});

test("one seed: web goes on without its leader", () => simulate(leaderLoss, { seed: 7 }));

// vitest gives a test five seconds unless it says otherwise.
test(
  "many seeds: no more than one task is ever missing",
  () => explore(leaderLoss, { seeds: 20 }),
  120_000,
);
