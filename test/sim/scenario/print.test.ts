import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import { explicitOf } from "../../../sim/faults/explicit.ts";
import type { Action, Expectation, ScenarioPlan } from "../../../sim/scenario/dsl.ts";
import { loadScenario } from "../../../sim/scenario/load.ts";
import { printScenario } from "../../../sim/scenario/print.ts";
import { scenarioNames } from "../../support/digests.ts";
import { scenarioNamed } from "../scenario-named.ts";

// Goal: a plan that is printed and loaded is the same plan, in words that a person would use.

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "print-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function printedAndLoaded(plan: ScenarioPlan): Promise<unknown> {
  const file = join(folder, "printed.ts");
  writeFileSync(file, printScenario(plan));
  return plain(await loadScenario(file));
}

/** Without the brand, and without fields that are not there. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

const bare: ScenarioPlan = {
  ...{ name: "bare", story: "Nothing.", topology: { managers: 3, workers: 2 } },
  ...{ services: [], expect: [] },
};

describe("printScenario()", () => {
  test.each(scenarioNames())("gives %s back", async (name) => {
    const plan = await scenarioNamed(name);
    expect(await printedAndLoaded(plan)).toEqual(plain(plan));
    expect(printScenario(plan)).not.toContain("do:");
  });

  test("gives back what chaos did, as calls of words", async () => {
    const { plan } = explicitOf(await scenarioNamed("random-chaos"), "4", {}, noBug);
    expect(await printedAndLoaded(plan)).toEqual(plain(plan));
    expect(printScenario(plan)).not.toContain("do:");
  });

  test("prints what is short on one line, and imports what it uses", () => {
    const steps = [
      { at: "20s", action: { do: "partition", from: ["m1"], to: "rest", oneWay: true } },
    ];
    expect(printScenario({ ...bare, steps } as ScenarioPlan, "How\nit came")).toBe(
      [
        'import { at, partitionOneWay, scenario } from "simswarm/scenario";',
        "",
        "// How",
        "// it came",
        "export default scenario({",
        '  name: "bare",',
        '  story: "Nothing.",',
        "  topology: { managers: 3, workers: 2 },",
        "  services: [],",
        '  steps: [at("20s", partitionOneWay(["m1"], "rest"))],',
        "  expect: [],",
        "});",
        "",
      ].join("\n"),
    );
  });

  test("gives any action and any expectation back, whatever stands in it", async () => {
    const plans = fc.sample(anyPlan, { numRuns: 60, seed: 1 });
    for (const plan of plans) expect(await printedAndLoaded(plan)).toEqual(plain(plan));
  });
});

const text = fc.string({ unit: "binary", maxLength: 12 });
const nodes = fc.array(text, { minLength: 1, maxLength: 3 });
const kinds = ["partition", "mend", "crash", "skew-clock", "update", "role", "create-file", "odd"];

/** Actions of all shapes, also of kinds and with fields that there are no words for. */
const anyAction = fc
  .record(
    {
      do: fc.constantFrom(...kinds, "remove-node", "availability", "network", "disk", "scale"),
      from: nodes,
      to: fc.oneof(nodes, fc.constant("rest")),
      oneWay: fc.boolean(),
      nodes: text,
      service: text,
      change: fc.dictionary(text, fc.oneof(text, fc.integer(), nodes)),
      role: fc.constantFrom("manager", "worker"),
      availability: fc.constantFrom("drain", "pause", "active"),
      conditions: fc.record({ loss: fc.integer() }, { requiredKeys: [] }),
      table: fc.constantFrom("secret", "config"),
      name: text,
      data: text,
      force: fc.boolean(),
    },
    { requiredKeys: ["do"] },
  )
  .map((action) => action as unknown as Action);

const anyExpectation = fc
  .record({
    expect: fc.constantFrom("always", "eventually"),
    goal: fc.record(
      { goal: fc.constantFrom("running", "role", "empty"), service: text, node: text },
      { requiredKeys: ["goal"] },
    ),
  })
  .map((expectation) => expectation as unknown as Expectation);

const anyPlan: fc.Arbitrary<ScenarioPlan> = fc.record({
  name: text,
  story: text,
  topology: fc.constant(bare.topology),
  services: fc.constant([]),
  steps: fc.array(fc.record({ at: fc.constant("1s" as const), action: anyAction })),
  expect: fc.array(anyExpectation, { maxLength: 3 }),
});
