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

const restarted = [at("106s", crash("m1")), at("107s", restart("m1"))];

test.each([
  ["of two of three lost", ["m2", "m3"], []],
  ["of four of five lost", ["m2", "m3", "m4", "m5"], []],
  ["and restarts then, of four of five lost", ["m2", "m3", "m4", "m5"], restarted],
])(
  "workers are back before the manager that goes on alone, %s, gives up their tasks",
  (which, lost, more) => {
    const topology = { managers: lost.length + 1, workers: 3, heartbeat: "1s" } as const;
    const plan = scenario({
      ...{ name: "forced", story: `One manager goes on alone, ${which}.` },
      topology: { ...topology, raft: { tick: "100ms" } },
      services: [
        service("web", { image: "web:1", replicas: 6, constraints: ["node.role==worker"] }),
      ],
      steps: [
        ...lost.map((name) => at("40s", crash(name))),
        at("100s", forceNewCluster("m1")),
        ...more,
        ...lost.slice(0, 1).map((name) => at("200s", restart(name))),
      ],
      expect: [availability("web", { starts: 0 })],
    });
    const moved = seeds.flatMap((seed) => {
      const { violations } = simulate(plan, seed);
      return violations.map(({ detail }) => `seed ${seed}: ${detail}`);
    });
    expect(moved).toEqual([]);
  },
);
