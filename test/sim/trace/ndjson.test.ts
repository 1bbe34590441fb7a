import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { simulate } from "../../../sim/simulate.ts";
import { scenarioNamed } from "../scenario-named.ts";

// Goal: the documented schema of a trace is the truth.
// Method: real runs that between them do everything, each line against the schema.

const schema = new URL("../../../docs/trace.schema.json", import.meta.url);
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
const isTraceLine = ajv.compile(JSON.parse(readFileSync(schema, "utf8")));

async function traceOf(name: string, seed: string): Promise<string[]> {
  const lines: string[] = [];
  const observer = { trace: (line: string) => lines.push(line) };
  simulate(await scenarioNamed(name), seed, { clients: 2, observer });
  return lines;
}

test.each(["random-chaos", "manager-replaced", "quorum-lost-recovered", "clients", "node-removed"])(
  "every line of a trace of %s is as the schema says",
  async (name) => {
    const lines = await traceOf(name, "1");
    expect(lines.length).toBeGreaterThan(1000);
    expect(lines.filter((line) => !isTraceLine(JSON.parse(line))).slice(0, 3)).toEqual([]);
  },
);

test("the schema tells apart what is no line of a trace", async () => {
  const wake = { t: 1, n: 1, kind: "wake", node: "m1" };
  expect(isTraceLine(wake)).toBe(true);
  expect(isTraceLine({ ...wake, more: 1 })).toBe(false);
  expect(isTraceLine({ ...wake, kind: "slept" })).toBe(false);
  expect(isTraceLine({ ...wake, t: -1 })).toBe(false);
  const vote = (await traceOf("leader-crash", "1")).find((line) => line.includes('"vote"'));
  const { term, ...rest } = JSON.parse(vote ?? "{}");
  expect(term).toBeGreaterThan(0);
  expect(isTraceLine(rest)).toBe(false);
});
