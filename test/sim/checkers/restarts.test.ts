import { expect, test } from "vitest";
import { at, badImage, removeTask, scenario, service } from "../../../sim/scenario/dsl.ts";
import { simulate } from "../../../sim/simulate.ts";
import type { Commit } from "../../../sim/world/history.ts";

test("a slot whose tasks a user has removed has all its attempts anew", () => {
  const plan = scenario({
    name: "attempts anew",
    story: "A slot has used up its attempts when a user removes its task.",
    topology: { managers: 1, workers: 2 },
    services: [
      service("web", {
        image: "web:1",
        restart: { delay: "0s", maxAttempts: 2, window: "10m" },
      }),
    ],
    steps: [at("0s", badImage("web:1", "1s")), at("40s", removeTask("web", 1))],
    expect: [],
  });
  let created = 0;
  const watch = {
    committed: ({ events }: Commit) => {
      for (const { previous, current } of events) {
        if (previous === null && current?.kind === "task") created += 1;
      }
    },
  };
  const { violations } = simulate(plan, "1", {
    until: 60_000_000,
    observer: { watch: () => watch },
  });
  expect(violations).toEqual([]);
  expect(created).toBe(6);
});
