import { checkScenario } from "../../sim/scenario/check.ts";
import { type ScenarioPlan, service } from "../../sim/scenario/dsl.ts";

/** A plan with nothing wrong in it. */
const sound: ScenarioPlan = {
  name: "sound",
  story: "Nothing is wrong with it.",
  topology: {
    managers: 3,
    workers: [
      { count: 2, zone: "a" },
      { zone: "b", cpus: 8, labels: { disk: "ssd" } },
    ],
  },
  services: [service("web", { image: "web:1", replicas: 4 })],
  steps: [],
  expect: [],
};

export const steps = (...list: NonNullable<ScenarioPlan["steps"]>) => ({ steps: list });
export const web = (plan: object) => ({ services: [service("web", { image: "web:1", ...plan })] });

/** What is said of the sound plan with these parts instead. */
export function said(parts: Partial<ScenarioPlan>): string[] {
  const problems = checkScenario({ ...sound, ...parts });
  return problems.map(({ where, reason, help }) => `${where}: ${reason} / ${help}`);
}
