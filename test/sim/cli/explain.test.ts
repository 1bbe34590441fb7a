import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { patienceMs } from "../../support/patience.ts";
import { finished, sim, start } from "./sim-process.ts";

// Goal: the commands that explain a failure, as a user meets them. Method: real processes, and a
// failure of a planted bug that is kept once for all of them.

let folder = "";
let kept = "";
const failing = ["scenarios/power-failure.ts", "--seed", "1", "--bug", "X04"];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "explain-"));
  kept = join(folder, "kept.json");
  const { code, err } = await sim(["run", ...failing, "--quiet", "--keep", kept]);
  const says = `kept in ${kept}: 'npx sim shrink ${kept}' makes it small\n`;
  expect({ code, err }).toEqual({ code: 1, err: says });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("sim run --keep", () => {
  test("keeps the first of several runs that fails, and says when none did", async () => {
    const first = join(folder, "first.json");
    const many = ["run", "scenarios/partition.ts", "scenarios/power-failure.ts", "--seeds", "1..2"];
    const { code, out } = await sim([...many, "--bug", "X04", "--quiet", "--keep", first]);
    expect(code).toBe(1);
    const [command] = out.match(/npx sim run scenarios\/\S+ --seed \d --bug X04/) ?? [];
    const { scenario, seed, bug, choices } = JSON.parse(readFileSync(first, "utf8"));
    expect(command).toBe(`npx sim run ${scenario} --seed ${seed} --bug ${bug}`);
    expect(choices).not.toBe("");
    const { out: again } = await sim(["replay", first, "--quiet"]);
    expect(again).toContain("the same run as was kept, to the last event");
    const none = join(folder, "none.json");
    const passed = await sim([...many, "--quiet", "--keep", none]);
    expect(passed).toMatchObject({ code: 0, err: `nothing failed: --keep wrote no ${none}\n` });
  });

  test("does not write over the scenario", async () => {
    const refused = await sim([
      "run",
      "scenarios/partition.ts",
      "--keep",
      "scenarios/partition.ts",
    ]);
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining("the scenario itself") });
  });
});

describe("sim replay", () => {
  test("tells the story of a kept failure again, from its choices", async () => {
    const told = await sim(["run", ...failing]);
    const again = await sim(["replay", kept]);
    expect(again).toMatchObject({ code: 1, err: "" });
    const story = (out: string) => out.split("\n").filter((line) => /^ +\d+\.\d+ s /.test(line));
    expect(story(again.out).length).toBeGreaterThan(10);
    expect(story(again.out)).toEqual(story(told.out));
    expect(again.out).toContain("broken   slot-not-doubled");
    expect(again.out).toMatch(/\nthe same run as was kept, to the last event\n$/);
  });

  test("goes by the choices and not by the seed", async () => {
    const other = changed("other-seed.json", { seed: "77" });
    const { digest } = JSON.parse((await sim(["replay", kept, "--json"])).out);
    const { out } = await sim(["replay", other, "--json"]);
    expect(JSON.parse(out)).toMatchObject({ seed: "77", verdict: "fail", digest });
  });

  test("says what has changed where it is not the very run", async () => {
    const other = changed("other-digest.json", { digest: "0000000000000000" });
    const here = await sim(["replay", other, "--quiet"]);
    expect(here.out).toMatch(
      /breaks the same in another run: .*, and the file has changed since\n$/,
    );
    const older = changed("older.json", { digest: "0000000000000000", commit: "v0" });
    const there = await sim(["replay", older, "--quiet"]);
    expect(there.out).toMatch(/it was kept at v0 with .*, and simswarm has changed since\n$/);
  });

  test("writes the report of a kept failure, and not over the failure itself", async () => {
    const report = join(folder, "report.html");
    expect(await sim(["replay", kept, "--quiet", "--report", report])).toMatchObject({ code: 1 });
    expect(readFileSync(report, "utf8")).toContain("✖ slot-not-doubled");
    const { code, err } = await sim(["replay", kept, "--report", kept]);
    expect({ code, err }).toEqual({
      code: 2,
      err: `--report ${kept}: that is the failure itself\n`,
    });
    const both = await sim(["replay", kept, kept, "--report", report]);
    expect(both).toMatchObject({ code: 2, err: expect.stringContaining("name one file") });
  });

  test("says when it is another run by now, and passes when nothing breaks any more", async () => {
    const mended = changed("mended.json", { bug: undefined });
    const { code, out } = await sim(["replay", mended, "--quiet"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^PASS .*\nthis is another run: it was kept at .* slot-not-doubled broken/);
  });
});

describe("sim shrink", () => {
  test("prints a scenario that fails the same when it is run", async () => {
    const small = join(folder, "small.ts");
    const { code, out, err } = await sim(["shrink", kept, "--tries", "80", "--out", small]);
    expect({ code, out }).toEqual({ code: 0, out: "" });
    expect(err).toMatch(/^1 step, 1 machine, 1 service left after \d+ tries, in .*small\.ts\n/);
    const command = /npx sim (run .*)/.exec(readFileSync(small, "utf8"))?.[1] ?? "";
    const again = await sim([...command.split(" "), "--quiet"]);
    expect(again.code).toBe(1);
    expect(again.out).toContain("broken   slot-not-doubled");
  });

  test("prints what it can't write, so that the work is not lost", async () => {
    const { code, out, err } = await sim(["shrink", kept, "--tries", "3", "--out", "/dev/full"]);
    expect(code).toBe(2);
    expect(out).toContain('from "simswarm/scenario"');
    expect(err).toContain("--out /dev/full: the disk is full; it is printed instead\n");
  });

  test("takes a scenario and a seed, and gives JSON", async () => {
    const { code, out, err } = await sim(["shrink", ...failing, "--tries", "12", "--json"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const { steps, tries, source, violation } = JSON.parse(out);
    expect({ tries, invariant: violation.invariant }).toEqual({
      ...{ tries: 12, invariant: "slot-not-doubled" },
    });
    expect(steps).toBeGreaterThan(0);
    expect(source).toContain('from "simswarm/scenario"');
  });
});

describe("sim why", () => {
  test("draws how likely the failure was, and names the event that decided it", async () => {
    const args = ["why", kept, "--points", "3", "--futures", "2"];
    const { code, out, err } = await sim(args);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^slot-not-doubled broke at .*\n\nhow often it breaks in 2 other futures/);
    expect(out).toMatch(/\n +\d+\.\d{3} s +100% {2}#{40}\n/);
    expect(out).toContain("\nit broke in all 2 futures from the start: the scenario is enough\n");
    const { points, inevitable } = JSON.parse((await sim([...args, "--json"])).out);
    expect(points.length).toBeGreaterThanOrEqual(3);
    for (const { failed, futures, probability } of points) {
      expect(probability).toBe(failed / futures);
    }
    expect(inevitable).toEqual({ event: 0, at: 0, record: null, told: [] });
  });
});

describe("sim diff", () => {
  test("shows where two runs part, and the state of both", async () => {
    const { code, out } = await sim(["diff", "scenarios/partition.ts@1", kept]);
    expect(code).toBe(1);
    expect(out).toMatch(/^they part at event \d+\n/);
    expect(out.match(/ {4}node +role +term +commit\n/g)).toHaveLength(2);
    expect(out.match(/ {4}store [0-9a-f]{16}, tasks: /g)).toHaveLength(2);
    const same = await sim(["diff", kept, kept]);
    expect(same).toEqual({ code: 0, out: "the same, to the last event\n", err: "" });
  });

  test("compares traces line by line", async () => {
    const [one, other] = [join(folder, "one.ndjson"), join(folder, "other.ndjson")];
    const run = ["run", "scenarios/partition.ts", "--quiet", "--until", "40s", "--trace", one];
    await sim(run);
    const lines = readFileSync(one, "utf8").split("\n");
    lines[400] = (lines[400] ?? "").replace('"t":', '"t":1');
    writeFileSync(other, lines.join("\n"));
    const { code, out } = await sim(["diff", one, other, "--json"]);
    expect(code).toBe(1);
    const { line, sides } = JSON.parse(out);
    expect(line).toBe(401);
    expect(sides[0].known).toContainEqual(expect.stringMatching(/^m3: last heard as leader of/));
    expect(sides[0].line).not.toBe(sides[1].line);
  });
});

describe("sim check-determinism", () => {
  test("finds runs the same in another process, zone, language and folder", async () => {
    const { code, out, err } = await sim(["check-determinism", "scenarios/partition.ts", kept]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(
      /^SAME {2}scenarios\/partition\.ts, seed 1: .*\nSAME {2}.*kept\.json: .*\n$/,
    );
  });

  test("ends both processes at Ctrl-C", async () => {
    const child = start(["check-determinism", "scenarios/every-fault.ts", "--seeds", "1..100"]);
    const end = finished(child);
    const children = await vi.waitFor(() => {
      const { pid } = child;
      const found = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").match(/\d+/g) ?? [];
      expect(found).toHaveLength(2);
      return found;
    }, patienceMs);
    child.kill("SIGINT");
    const { code, err } = await end;
    expect({ code, err }).toEqual({ code: 130, err: "interrupted: this is what had been run\n" });
    const left = () => children.filter((pid) => existsSync(`/proc/${pid}`));
    await vi.waitFor(() => expect(left()).toEqual([]), patienceMs);
  });

  test("names the first event that differs where a run depends on its time zone", async () => {
    const file = join(folder, "zone.ts");
    writeFileSync(file, zoned("network({ latencyMean: isEast ? '1ms' : '2ms' })"));
    const args = ["check-determinism", file, "--every", "50", "--json"];
    const { code, out } = await sim(args);
    expect(code).toBe(1);
    const { event, sides } = JSON.parse(out).difference;
    const [east, west] = sides.map((side: string) => JSON.parse(side));
    expect(event).toBeGreaterThan(100);
    expect(east.t).toBeGreaterThan(40_000_000);
    expect(east.n).toBe(west.n);
    expect(east.t).not.toBe(west.t);
  });
});

/** A scenario of which one step depends on the time zone: nondeterminism, planted. */
function zoned(step: string): string {
  return `import { at, network, scenario } from "simswarm/scenario";
const isEast = Intl.DateTimeFormat().resolvedOptions().timeZone === "Pacific/Kiritimati";
export default scenario({ name: "zoned", story: "It depends.", services: [], expect: [],
  topology: { managers: 3, workers: 1 }, steps: [at("40s", ${step})] });`;
}

/** The kept failure with some fields changed, as another file. */
function changed(name: string, fields: object): string {
  const file = join(folder, name);
  const text = readFileSync(kept, "utf8");
  writeFileSync(file, JSON.stringify({ ...JSON.parse(text), ...fields }));
  return file;
}

describe("what makes no sense is refused in a sentence", () => {
  test.concurrent.each([
    [["replay", "none.json"], "none.json: there is no such file\n"],
    [
      ["replay", "README.md"],
      "README.md: a kept failure ends in .json; `sim run` runs scenarios\n",
    ],
    [
      ["replay", "package.json"],
      'package.json: this is no failure that simswarm kept (no "simswarm-failure")\n',
    ],
    [["shrink", "none.ts"], /^none\.ts: there is no such file\n/],
    [
      ["shrink", "scenarios/partition.ts", "--tries", "9"],
      "seed 1 of scenarios/partition.ts passes: there is nothing to shrink\n",
    ],
    [["shrink", "scenarios/partition.ts", "--time", "soon"], /^--time soon: write a span of time/],
    [["why", "scenarios/partition.ts", "--bug", "R99"], /^--bug R99: there is no such bug/],
    [["why", "scenarios/partition.ts"], /passes: there is nothing to explain\n$/],
    [
      ["diff", "scenarios/partition.ts@", "b.json"],
      /name a kept failure, \.json, a trace, \.ndjson/,
    ],
    [["diff", "a.ndjson", "b.json"], /a trace is compared with a trace, a run with a run\n$/],
    [["check-determinism", "none.ts"], /^none\.ts: there is no such file\n/],
  ])("%j", async (args, message) => {
    const { code, out, err } = await sim(args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(message);
  });

  test("also a kept failure that is of another version, torn, or told what it knows", async () => {
    const version = changed("version.json", { version: 9 });
    const torn = join(folder, "torn.json");
    writeFileSync(torn, readFileSync(kept, "utf8").slice(0, 300));
    const choices = changed("choices.json", { choices: "none" });
    const errors = await Promise.all([
      sim(["replay", version]),
      sim(["why", torn]),
      sim(["shrink", choices]),
      sim(["shrink", kept, "--seed", "3"]),
    ]);
    expect(errors.map(({ code }) => code)).toEqual([2, 2, 2, 2]);
    expect(errors.map(({ err }) => err.replace(/^.*\.json: /, ""))).toEqual([
      "it is of version 9; this simswarm reads version 1\n",
      "this is not JSON\n",
      "choices: is no list of choices\n",
      `--seed: ${kept} says that by itself; leave the flag out\n`.replace(/^.*\.json: /, ""),
    ]);
  });
});
