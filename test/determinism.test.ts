import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { digestsOf, rowsOf, scenarioNames } from "./support/digests.ts";

// Goal: the same scenario and the same seed give the same bytes, on any machine, in any order.
// Method: a digest depends on every event, so equal digests are equal runs. All scenarios give the
// digests that were recorded in a process that has everything around them otherwise.

const root = fileURLToPath(new URL("..", import.meta.url));
const run = promisify(execFile);

/** What a process says of these scenarios, or of all. */
async function elsewhere(flags: readonly string[], surroundings: object, names: string[] = []) {
  const program = ["test/run.js", "test/support/digests-elsewhere.ts"];
  const env = { ...process.env, ...surroundings };
  const options = { cwd: root, env, maxBuffer: 1 << 24 };
  const { stdout } = await run(process.execPath, [...flags, ...program, ...names], options);
  return JSON.parse(stdout);
}

describe("digests are those that were recorded", () => {
  test("elsewhere, backwards, of frozen messages and requests, with nothing to ask", async () => {
    const place = { TZ: "Pacific/Kiritimati", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" };
    const flags = ["--max-lazy", "--hash-seed=20251", "--random-seed=7"];
    const { zone, frozen, digests } = await elsewhere(flags, place);
    expect(zone).toBe(place.TZ);
    for (const calls of frozen) expect(calls).toBeGreaterThan(0);
    expect(digests).toEqual(recorded());
    expect(new Set(Object.values(digests)).size).toBe(scenarioNames().length);
  });

  test("without an optimising compiler, in worlds that draw from everything", async () => {
    const names = ["every-fault", "everyday-mixed"];
    const { digests } = await elsewhere(["--no-opt"], {}, names);
    expect(Object.keys(digests)).toHaveLength(names.length);
    expect(recorded()).toMatchObject(digests);
  });

  test("whoever watches, and who watches sees the same bytes each time", async () => {
    const rows = (await rowsOf(["1"])).filter(({ name }) => name === "random-chaos");
    const watch = () => {
      const lines: string[] = [];
      const observer = {
        trace: (line: string) => void lines.push(line),
        story: (line: object) => void lines.push(JSON.stringify(line)),
      };
      expect(recorded()).toMatchObject(digestsOf(rows, { observer }));
      return lines.join("\n");
    };
    expect(rows).toHaveLength(1);
    expect(watch()).toBe(watch());
  });
});

/** By `name seed`, as `golden/verify.js` has written them. */
function recorded(): Record<string, string> {
  const rows = readFileSync(new URL("golden/digests.txt", import.meta.url), "utf8");
  const lines = rows.trim().split("\n");
  return Object.fromEntries(lines.map((row) => row.match(/^(.+) (\S+)$/)?.slice(1) ?? []));
}
