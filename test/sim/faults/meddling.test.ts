import { expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import { Run } from "../../../sim/run.ts";
import {
  at,
  crash,
  freeDaemon,
  hangDaemon,
  kill,
  meddle,
  restart,
  service,
} from "../../../sim/scenario/dsl.ts";

// Goal: somebody else uses an engine where it answers, whether its daemon runs or not.

test("somebody meddles with containers while their machine is on and its engine answers", () => {
  const lines: string[] = [];
  const observer = { story: ({ text }: { text: string }) => void lines.push(text) };
  const plan = {
    ...{ name: "meddled with", story: "", topology: { managers: 1, workers: 2 }, expect: [] },
    services: [service("web", { image: "web:1", mode: "global" })],
    steps: [
      at("20s", meddle("w1", "remove")),
      at("40s", crash("w1")),
      at("41s", meddle("w1", "remove")),
      at("42s", restart("w1")),
      at("60s", hangDaemon("w2")),
      at("61s", meddle("w2", "stop")),
      at("62s", freeDaemon("w2")),
      at("63s", kill("w2")),
      at("64s", meddle("w2", "stop")),
      at("65s", restart("w2")),
    ],
  };
  expect(new Run(plan, "1", { observer }, noBug).toEnd().violations).toEqual([]);
  expect(lines.filter((line) => line.startsWith("somebody"))).toEqual([
    "somebody removes the container of web.w1 on w1",
    "somebody stops the container of web.w2 on w2",
  ]);
});
