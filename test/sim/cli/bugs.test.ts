import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { finished, sim, start } from "./sim-process.ts";

// Goal: the commands of the experiment as a user meets them. Method: real processes.

describe("sim bugs", () => {
  test("prints a row for each world of a bug, the same bytes each time", async () => {
    const args = ["bugs", "--only", "R01,S01", "--tries", "2", "--no-shrink"];
    const [one, two] = await Promise.all([sim(args), sim(args)]);
    expect(one).toMatchObject({ code: 0, err: "" });
    expect(two).toEqual(one);
    const rows = one.out.split("\n").filter((line) => /^[RS]01/.test(line));
    expect(rows.map((row) => row.split(/ {2,}/).slice(2, 7))).toEqual([
      ["promises-are-durable", "raft", "2", "0", "0"],
      ["promises-are-durable", "random-chaos", "2", "0", "0"],
      ["capacity-not-exceeded", "worker-loss", "2", "0", "0"],
    ]);
    expect(one.out).toMatch(/\nPASS {2}3 bugs: 6 of 6 tries caught as it must be\n$/);
  });

  test("finds its scenarios from wherever it is called", async () => {
    const child = start(["bugs", "--only", "X04", "--tries", "1", "--no-shrink"], {}, tmpdir());
    expect(await finished(child)).toMatchObject({ code: 0, err: "" });
  });

  test("prints one JSON object for each row, and nothing else", async () => {
    const { code, out, err } = await sim([
      ...["bugs", "--only", "R18", "--tries", "2", "--seeds", "2", "--json"],
    ]);
    expect({ code, err }).toEqual({ code: 1, err: "" });
    expect(JSON.parse(out)).toEqual({
      id: "R18",
      change: "election timeouts are all the same",
      invariant: "elects-in-time",
      world: "raft, in step",
      ...{ tries: 2, caught: 0, needed: [], seeds: null, stepsLeft: null },
      ...{ accidents: [], missed: [1, 1_001] },
    });
  });

  test("joins what earlier hunts have printed", async () => {
    const row = { id: "R18", world: "raft, in step", accidents: [], missed: [] };
    const lines = [
      { ...row, needed: [3, 1], stepsLeft: null },
      { ...row, needed: [7], stepsLeft: 4 },
    ];
    const folder = mkdtempSync(join(tmpdir(), "simswarm-bugs-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "bugs.ndjson");
    writeFileSync(file, lines.map((each) => `${JSON.stringify(each)}\n`).join(""));
    const { code, out } = await sim(["bugs", "--results", file]);
    expect(code).toBe(0);
    expect(out).toMatch(/^3 tries each; /);
    expect(out).toMatch(/R18 .* raft, in step +3 +0 +0 +3 +7 +4\n/);
    writeFileSync(file, "{}\n");
    expect(await sim(["bugs", "--results", file])).toMatchObject({
      code: 2,
      err: `${file}:1: this is not what sim bugs --json prints\n`,
    });
    expect((await sim(["bugs", "--results", file, "--only", "R18"])).err).toBe(
      "--only is about a hunt, and --results makes none: drop one\n",
    );
  });

  test("tells how few steps each bug needs, also as a page of the documentation", async () => {
    const args = ["bugs", "--only", "X04,R01", "--tries", "1", "--markdown"];
    const { code, out, err } = await sim(args);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^# Planted bugs\n/);
    const rows = out.split("\n").filter((line) => line.startsWith("| X04") || /^\| R01/.test(line));
    const steps = rows.map((row) => Number(row.split("|").at(-2)));
    expect(steps.length).toBe(3);
    for (const each of steps) expect(each).toBeLessThanOrEqual(3);
  });

  test("fails when a bug escapes, and says where", async () => {
    const { code, out } = await sim(["bugs", "--only", "R18", "--tries", "2", "--seeds", "2"]);
    expect(code).toBe(1);
    expect(out).toContain("R18 (raft, in step), from seed 1001 on: nothing broke\nFAIL  1 bug");
  });

  test("raises no alarm at harmless changes", async () => {
    const { code, out, err } = await sim(["bugs", "--benign", "--seeds", "4"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^harmless change +seeds +alarms\nnone +4 +0\nextra-heartbeat +4 +0\n/);
    expect(out).toMatch(/\nPASS {2}16 runs, 0 alarms\n$/);
    const json = await sim(["bugs", "--benign", "--seeds", "7..7", "--json"]);
    const [none] = json.out.split("\n");
    expect(JSON.parse(none ?? "")).toEqual({ change: "none", seeds: 1, alarms: [] });
  });

  test("stops at Ctrl-C with what it has", async () => {
    const child = start(["bugs", "--tries", "10", "--json", "--no-shrink"]);
    const end = finished(child);
    await once(child.stdout as NodeJS.ReadableStream, "data");
    child.kill("SIGINT");
    const { code, out, err } = await end;
    expect({ code, err }).toEqual({ code: 130, err: "interrupted: this is what had been run\n" });
    const [first] = out.split("\n");
    expect(JSON.parse(first ?? "")).toMatchObject({ tries: 10, caught: 10 });
  });

  test.each([
    [["--only", "R99"], /^--only R99: there is no bug "R99"; there are R01 .* A01/],
    [["--benign", "--only", "R01"], /^--only is about planted bugs, and --benign plants none/],
    [["--seeds", "0"], /^--seeds 0: write a whole number from 1 to 10000000\n$/],
    [["--tires", "2"], /^error: unknown option '--tires'\n\(Did you mean --tries\?\)\n$/],
  ])("refuses %j", async (args, message) => {
    const { code, out, err } = await sim(["bugs", ...args]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(message);
  });
});

describe("sim liveness", () => {
  test("sums up what its threads have measured, seed by seed", async () => {
    const { code, out, err } = await sim(["liveness", "--seeds", "53"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(
      /^53 seeds, simulated milliseconds\nfrom heal to +p50 .*\na leader .*\na c/,
    );
  });

  test("refuses a count that is none", async () => {
    const err = "--seeds some: write a whole number from 1 to 10000000\n";
    expect(await sim(["liveness", "--seeds", "some"])).toEqual({ code: 2, out: "", err });
  });
});
