import assert from "node:assert/strict";
import { test } from "vitest";
import { type CorpusFile, corpusText, parseCorpus } from "../../../sim/explain/corpus.ts";
import { isScenario, scenario } from "../../../sim/scenario/dsl.ts";

const file: CorpusFile = {
  format: "simswarm-failure",
  version: 1,
  scenario: "scenarios/partition.ts",
  seed: "17",
  violation: { invariant: "converges", at: 12.5, node: null, detail: "there is no leader" },
  commit: "abc",
  digest: "0123456789abcdef",
  clients: 2,
  plan: scenario({
    name: "small",
    story: "Nothing happens.",
    topology: { managers: 1, workers: 0 },
    services: [],
    expect: [],
  }),
};

test("a failure is read back as it was written, its plan a scenario again", () => {
  const read = parseCorpus(corpusText(file));
  assert.deepEqual(read, file);
  assert.ok("plan" in read && isScenario(read.plan));
});

test("keys that are not known are kept", () => {
  const read = parseCorpus(JSON.stringify({ ...file, notes: [1, 2] }));
  assert.deepEqual(read, { ...file, notes: [1, 2] });
});

test("what is no failure is refused in words", () => {
  const wrong = (text: string) => (parseCorpus(text) as { wrong: string }).wrong;
  assert.match(wrong("{"), /not JSON/);
  assert.match(wrong("{}"), /no failure that simswarm kept/);
  assert.match(wrong("null"), /no failure that simswarm kept/);
  assert.match(wrong(JSON.stringify({ ...file, version: 9 })), /version 9.*reads version 1/);
  assert.match(wrong(JSON.stringify({ ...file, seed: 3 })), /^seed: /);
  assert.match(wrong(JSON.stringify({ ...file, clients: 101 })), /^clients: /);
});
