import { expect, test } from "vitest";
import type { ServiceMode } from "../../../core/model/service.ts";
import { atOnce, keptRunning, tasksOn } from "../../../sim/liveness/wanted.ts";
import { node, spec } from "../../support/model.ts";

const nodes = [
  node("n1", { labels: { disk: "ssd" } }),
  node("n2", { labels: { disk: "ssd" }, state: "down" }),
  node("n3", { labels: { disk: "ssd" }, availability: "pause" }),
  node("n4"),
];
const job: ServiceMode = { kind: "replicated-job", totalCompletions: 9, maxConcurrent: 2 };
const of = (mode: ServiceMode) => spec("web", { mode, constraints: ["node.labels.disk==ssd"] });

test.each<[ServiceMode, number, number, number]>([
  [{ kind: "replicated", replicas: 5 }, 5, 5, 5],
  [{ kind: "global" }, 3, 3, 1],
  [{ kind: "global-job" }, 3, 3, 0],
  [job, 9, 2, 0],
])(
  "of %j so many tasks are planned, run at once, and are kept running",
  (mode, all, most, kept) => {
    expect(tasksOn(of(mode), nodes)).toBe(all);
    expect(atOnce(of(mode), nodes)).toBe(most);
    expect(keptRunning(of(mode), nodes)).toBe(kept);
  },
);
