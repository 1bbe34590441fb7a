import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runRaft } from "../sim/raft/raft-run.ts";
import { isScenario, type ScenarioPlan } from "../sim/scenario/dsl.ts";
import { loadScenario } from "../sim/scenario/load.ts";
import { simulate } from "../sim/simulate.ts";

const newestOfEach = Number(process.env.NEWEST ?? 5);
const corpus = readFileSync(new URL("regressions/seeds.txt", import.meta.url), "utf8");
const rows = corpus
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => /^(\S+) (\S+) (.+)$/.exec(line)?.slice(1) as [string, string, string]);

/** What a seed draws changes with core: an older one shows what any seed of its world shows. */
const newest = rows.filter(([name], at) => {
  return rows.slice(at).filter(([other]) => other === name).length <= newestOfEach;
});
const ofRaft = newest.filter(([name]) => name === "raft");
const ofScenarios = newest.filter(([name]) => name !== "raft");

test.each(ofRaft)("a world of Raft members (%s) passes with seed %s: %s", (_name, seed) => {
  expect(runRaft(Number(seed)).violation).toBeNull();
});

test.each(ofScenarios)("simulate() passes %s with seed %s: %s", async (name, seed) => {
  const own = fileURLToPath(new URL(`regressions/${name}.ts`, import.meta.url));
  const usual = fileURLToPath(new URL(`../scenarios/${name}.ts`, import.meta.url));
  const file = existsSync(own) ? own : usual;
  const scenario = await loadScenario<ScenarioPlan>(file, isScenario);
  expect(simulate(scenario, seed).violations).toEqual([]);
});
