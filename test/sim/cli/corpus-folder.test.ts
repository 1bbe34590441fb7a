import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CorpusFolder } from "../../../sim/cli/corpus-folder.ts";
import type { CorpusFile } from "../../../sim/explain/corpus.ts";
import { scenarioNamed } from "../scenario-named.ts";

test("CorpusFolder keeps each failure of the variations of one run, and 20 of a kind", async () => {
  const path = mkdtempSync(join(tmpdir(), "corpus-"));
  const folder = new CorpusFolder(path);
  const plan = await scenarioNamed("partition");
  const violation = { invariant: "converges", at: 1, node: null, detail: "" };
  for (let digest = 1; digest <= 21; digest += 1) {
    const file = { plan, seed: "7", violation, digest: `d${digest}` } as unknown as CorpusFile;
    folder.keep(file);
  }
  const names = readdirSync(path);
  rmSync(path, { recursive: true });
  expect(names).toHaveLength(20);
  expect(names).toContain("partition-converges-7.json");
  expect(names).toContain("partition-converges-7-d2.json");
});
