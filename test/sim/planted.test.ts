import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { plant, plantedRows, raftPlantedRows } from "../../sim/planted.ts";
import { failingRun } from "./failing-seed.ts";
import { scenarioNamed } from "./scenario-named.ts";

// Goal: every invariant is seen to fail when the rule it guards is broken.
// Method: plant each bug, and run the scenario of its row, seed by seed, until a run fails.

test.each(plantedRows)("planted bug $id ($change) breaks $caughtBy", async (row) => {
  const { violations } = failingRun(await scenarioNamed(row.scenario), row.id);
  expect(violations[0]?.invariant).toBe(row.caughtBy);
});

test("every checker has a planted bug that it must see", () => {
  const folder = fileURLToPath(new URL("../../sim/checkers/", import.meta.url));
  const sources = readdirSync(folder).map((file) => readFileSync(`${folder}${file}`, "utf8"));
  const names = sources.flatMap((source) =>
    [...source.matchAll(/\bname(?: =|:) "([a-z-]+)"/g)].map(([, name]) => name),
  );
  expect(names).toContain("election-safety");
  const seen = new Set([...plantedRows, ...raftPlantedRows].map(({ caughtBy }) => caughtBy));
  expect(names.filter((name) => !seen.has(name as string))).toEqual([]);
});

test("plant() refuses a bug that is not in the table", () => {
  expect(() => plant("Z99")).toThrow("Z99 is a planted bug");
});
