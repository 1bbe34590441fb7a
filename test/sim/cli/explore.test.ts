import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parseChoices, replaying } from "../../../sim/chance/choices.ts";
import { parseCorpus } from "../../../sim/explain/corpus.ts";
import type { Findings } from "../../../sim/explore/findings.ts";
import { simulate } from "../../../sim/simulate.ts";
import { finished, sim, start } from "./sim-process.ts";

const folder = mkdtempSync(join(tmpdir(), "sim-explore-"));
afterAll(() => rmSync(folder, { recursive: true }));
const corpus = join(folder, "corpus");

/** A small cluster, in which faults do what `expect` says. */
function scenarioFile(name: string, expectation: string): string {
  const path = join(folder, `${name}.ts`);
  const text = `import { reachable, scenario, service, unreachable } from "simswarm/scenario";
    export default scenario({
      name: "${name}", story: "A small cluster under all faults.",
      topology: { managers: 3, workers: 1 },
      services: [service("web", { image: "web:1", replicas: 2 })],
      chaos: { from: "15s", until: "40s" },
      expect: [${expectation}],
    });`;
  writeFileSync(path, text);
  return path;
}

const small = scenarioFile("small", 'reachable("silent-node-given-up")');
const explore = (file: string, ...flags: string[]) =>
  sim(["explore", file, "--json", "--corpus", corpus, ...flags]);
const findingsOf = (out: string): Findings => JSON.parse(out);
const timeless = (out: string) => ({ ...findingsOf(out), wallSeconds: 0 });

describe("sim explore", () => {
  test("finds the same on one thread as on two, and shards find the same together", async () => {
    const runs = [
      ["--jobs", "1"],
      ["--jobs", "2"],
      ["--shard", "1/2"],
      ["--shard", "2/2"],
    ];
    const [one, two, left, right] = await Promise.all(
      runs.map((flags) => explore(small, "--seeds", "16", ...flags)),
    );
    expect(one?.code).toBe(0);
    expect(timeless(two?.out ?? "")).toEqual(timeless(one?.out ?? ""));
    const parts = [left, right].map((part, at) => {
      const path = join(folder, `${at}.json`);
      writeFileSync(path, part?.out ?? "");
      return path;
    });
    const merged = await sim(["merge", ...parts]);
    expect(merged.code).toBe(0);
    expect(merged.out).toMatch(/shards +1\/2 2\/2\n/);
    expect(merged.out).toMatch(/runs +16,/);
    const twice = await sim(["merge", parts[0] ?? "", parts[0] ?? ""]);
    expect(twice).toMatchObject({ code: 2, out: "" });
    expect(twice.err).toContain("shard 1/2 comes twice");
  });

  test("keeps each failure as a file that shows it again", async () => {
    const file = scenarioFile("broken", 'unreachable("quorum-down")');
    const { code, out } = await explore(file, "--seeds", "24");
    expect(code).toBe(1);
    const { failures } = findingsOf(out);
    expect(failures.length).toBeGreaterThan(0);
    expect(readdirSync(corpus).length).toBe(failures.length);
    const kept = parseCorpus(readFileSync(failures[0]?.file ?? "", "utf8"));
    if ("wrong" in kept) throw new Error(kept.wrong);
    const choices = parseChoices(kept.choices ?? "");
    const tap = choices === null || choices.length === 0 ? {} : { tap: replaying(choices) };
    const again = simulate(kept.plan, kept.seed, tap);
    expect(again.digest).toBe(kept.digest);
    expect(again.violations[0]).toEqual(kept.violation);
  });

  test("fails when what must be reached was not", async () => {
    const file = scenarioFile("missed", 'reachable("older-incarnation-ended")');
    const { code, out } = await sim(["explore", file, "--seeds", "4", "--corpus", corpus]);
    expect(code).toBe(1);
    expect(out).toContain("FAIL, not reached: older-incarnation-ended");
  });

  test("stops at SIGTERM and after its time, with what it has", async () => {
    const child = start(["explore", small, "--seeds", "1000000", "--corpus", corpus]);
    const end = finished(child);
    child.stderr?.once("data", () => child.kill("SIGTERM"));
    const { code, out, err } = await end;
    expect(code).toBe(130);
    expect(out).toContain("rare situation");
    expect(err).toContain("interrupted: this is what had been run");
    const timed = await sim(["explore", small, "--time", "1s", "--corpus", corpus]);
    expect(timed.out).toMatch(/runs +\d+, .* 0 failed/);
  });

  test("runs a scenario that gives up a quorum as it is written", async () => {
    const lost = join(import.meta.dirname, "../../../scenarios/quorum-lost-recovered.ts");
    const { out, code } = await explore(lost, "--seeds", "2");
    expect(code).toBe(0);
    const { board } = JSON.parse(out);
    expect(board).toMatchObject({ "force-new-cluster-refused": 2, "older-incarnation-ended": 2 });
  });

  test("says what is wrong with what it is given", async () => {
    const wrong = [
      ["--shard", "3/2"],
      ["--time", "soon"],
      ["--jobs", "0"],
    ] as const;
    const none = await explore(small, "--time", "1ms");
    expect(none.code).toBe(2);
    expect(none.err).toContain("--time was over before the first run was");
    for (const flags of wrong) expect((await explore(small, ...flags)).code).toBe(2);
    expect((await sim(["merge", small])).err).toContain("this is not JSON");
    expect((await sim(["merge", "missing.json"])).err).toContain("there is no such file");
  });

  test("refuses at once a corpus that could not be kept", async () => {
    const at = (place: string) => sim(["explore", small, "--seeds", "1", "--corpus", place]);
    const answers = await Promise.all([at(small), at(join(folder, "none", "corpus"))]);
    expect(answers.map(({ code, out }) => [code, out])).toEqual([
      [2, ""],
      [2, ""],
    ]);
    expect(answers.map(({ err }) => err.replace(/^--corpus \S+ /, ""))).toEqual([
      "that is no folder\n",
      "there is no such folder\n",
    ]);
  });

  test("goes on, and tells all, when a failure can't be kept", async () => {
    const file = scenarioFile("lost", 'unreachable("silent-node-given-up")');
    const full = join(folder, "full");
    mkdirSync(full);
    const place = (seed: number) => join(full, `lost-unreachable-${seed}.json`);
    for (let seed = 1; seed <= 8; seed += 1) mkdirSync(place(seed));
    const args = ["explore", file, "--seeds", "8", "--corpus", full, "--json"];
    const { code, out, err } = await sim(args);
    expect(code).toBe(1);
    const { failures, runs } = findingsOf(out);
    expect(runs).toBe(8);
    expect(failures.length).toBeGreaterThan(0);
    for (const { file: kept, seed } of failures) {
      expect(kept).toBe(null);
      expect(err).toContain(`${place(Number(seed))}: that is a folder; this failure is not kept\n`);
    }
  });
});
