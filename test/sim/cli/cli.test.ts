import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseEdn } from "../users/edn.ts";
import { finished, sim, start } from "./sim-process.ts";

// Goal: the program as a user meets it. Method: real processes of what was built.

const partition = "scenarios/partition.ts";

let folder = "";
const inFolder = (name: string) => join(folder, name);

/** A scenario whose expectation can't hold: a worker's crash costs some time. */
const doomed = `
import { at, availability, crash, scenario, service } from "simswarm/scenario";
export default scenario({
  name: "doomed", story: "A worker crashes, and nobody may notice.",
  topology: { managers: 1, workers: 1 },
  services: [service("web", { image: "web:1", replicas: 2 })],
  steps: [at("90s", crash("w1"))],
  expect: [availability("web", { below: "0s" })],
});`;
/** Has clients, and little else to do. */
const asked = `
import { scenario } from "simswarm/scenario";
export default scenario({
  name: "asked", story: "Clients ask one manager.", topology: { managers: 1, workers: 0 },
  services: [], clients: 8, steps: [], expect: [],
});`;
/** Over at once, and nothing breaks. */
const short = `
import { scenario } from "simswarm/scenario";
export default scenario({
  name: "short", story: "Nothing happens.", topology: { managers: 1, workers: 0 },
  services: [], steps: [], expect: [],
});`;
const wrong = `
import { at, crash, heal, scenario } from "simswarm/scenario";
export default scenario({
  name: "wrong", story: "Two mistakes.", topology: { managers: 1, workers: 1 }, services: [],
  steps: [at("9s", crash("w2")), at("10s", heal())], expect: [],
});`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sim-cli-"));
  mkdirSync(inFolder("my runs"));
  writeFileSync(inFolder("my runs/doomed.ts"), doomed);
  writeFileSync(inFolder("asked.ts"), asked);
  writeFileSync(inFolder("short.ts"), short);
  writeFileSync(inFolder("wrong.ts"), wrong);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** The same text without what differs from run to run: wall time. */
const timeless = (text: string) =>
  text
    .replace(/handled, .* a second/, "handled")
    .replace(/simulated in .*/, "simulated")
    .replace(/^ {2}time .*$/gm, "")
    .replace(/"wallSeconds":[\d.e-]+/g, "");

interface Covered {
  readonly functions: readonly { functionName: string; ranges: readonly { count: number }[] }[];
}

/** Those that a program came to need, as V8 tells; what it always needs has no name of its own. */
function modulesOf(coverage: string): string[] {
  const texts = readdirSync(coverage).map((name) => readFileSync(join(coverage, name), "utf8"));
  const covered = texts.flatMap((text): readonly Covered[] => JSON.parse(text).result);
  return covered
    .flatMap(({ functions }) => functions)
    .filter(({ ranges }) => ranges.some(({ count }) => count > 0))
    .map(({ functionName }) => functionName)
    .filter((name) => name.startsWith("dist/"));
}

describe.concurrent("sim", () => {
  test("prints its version, and its help without running the simulator's modules", async () => {
    expect(await sim(["--version"])).toEqual({ code: 0, out: "0.1.0\n", err: "" });
    const help = await sim(["--help"], { NODE_V8_COVERAGE: inFolder("help") });
    expect(help).toMatchObject({ code: 0, err: "" });
    expect(help.out).toMatch(/^Usage: sim .*run \[options\] <file\.\.\.>/s);
    expect(await sim([])).toEqual(help);
    expect(await sim(["help"])).toEqual(help);
    expect(modulesOf(inFolder("help")).length).toBeLessThan(10);
    await sim(["run", partition], { NODE_V8_COVERAGE: inFolder("run") });
    expect(modulesOf(inFolder("run"))).toContain("dist/sim/simulate.js");
  });

  test("tells a run, and says what it came to", async () => {
    const { code, out, err } = await sim(["run", partition]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^partition, seed 1\nThe leader loses/);
    expect(out).toMatch(/^ +40\.000 s {2}fault +partition: /m);
    expect(out).toMatch(/^web +6 +6 +\d+ +[\d.]+ s +\d+$/m);
    expect(out).toMatch(/^election-safety +[\d,]+$/m);
    expect(out).toMatch(/\nPASS {2}partition, seed 1, digest [0-9a-f]{16}\n$/);
    expect(out).not.toContain("\x1b");
  });

  test("has colours when forced to, in the same text", async () => {
    const [plain, coloured, refused] = await Promise.all([
      sim(["run", partition]),
      sim(["run", partition], { FORCE_COLOR: "1" }),
      sim(["run", partition], { FORCE_COLOR: "1", NO_COLOR: "1" }),
    ]);
    expect(coloured.out).toContain("\x1b[32mPASS\x1b[39m");
    const codes = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g");
    expect(timeless(coloured.out.replace(codes, ""))).toBe(timeless(plain.out));
    expect(timeless(refused.out)).toBe(timeless(plain.out));
  });

  test("prints one JSON object for a run, and nothing else", async () => {
    const { code, out, err } = await sim(["run", partition, "--seed", "any text", "--json"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(out)).toMatchObject({
      scenario: "partition",
      seed: "any text",
      verdict: "pass",
      violations: [],
      digest: expect.stringMatching(/^[0-9a-f]{16}$/),
      services: { web: { wanted: 6, running: 6 } },
      file: partition,
    });
  });

  test("says what broke, what led there and how to see it again", async () => {
    const file = inFolder("my runs/doomed.ts");
    const { code, out, err } = await sim(["run", file, "--seed", "3", "--quiet"]);
    expect({ code, err }).toEqual({ code: 1, err: "" });
    expect(out).toMatch(
      /^FAIL {2}doomed, seed 3, digest [0-9a-f]{16}\n\n {2}broken {3}availability/,
    );
    expect(out).toMatch(/\n {2}at {7}\d+\.\d{6} s\n {2}detail {3}web was short for /);
    expect(out).toMatch(/\n {2}the last \d+ events:\n {4}\S/);
    expect(out.endsWith(`\n    npx sim run '${file}' --seed 3\n`)).toBe(true);
  });

  test("writes a trace, complete and the same each time, also of a failure", async () => {
    const traces = ["one.ndjson", "two.ndjson"].map(inFolder);
    const file = inFolder("my runs/doomed.ts");
    const runs = await Promise.all(
      traces.map((path) => sim(["run", file, "--trace", path, "--json"])),
    );
    const [one, two] = traces.map((path) => readFileSync(path, "utf8"));
    expect(one).toBe(two);
    const events =
      one
        ?.trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)) ?? [];
    for (const { code, out } of runs) {
      expect(code).toBe(1);
      expect(JSON.parse(out).events).toBe(events.length);
    }
  });

  test("sums up many runs, which each say the same as alone", async () => {
    const many = ["run", inFolder("short.ts"), inFolder("my runs/doomed.ts"), "--seeds", "2..11"];
    const [json, summary, quiet, alone] = await Promise.all([
      sim([...many, "--json"]),
      sim(many),
      sim([...many, "--quiet"]),
      sim(["run", inFolder("short.ts"), "--seed", "5", "--json"]),
    ]);
    const runs = json.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const seeds = Array.from({ length: 10 }, (_, at) => String(at + 2));
    expect(runs.map(({ seed }) => seed)).toEqual([...seeds, ...seeds]);
    expect(timeless(`${json.out.split("\n")[3]}\n`)).toBe(timeless(alone.out));
    expect([json.code, summary.code, quiet.code]).toEqual([1, 1, 1]);
    expect(summary.out).toMatch(/^short \(.*short\.ts\), seeds 2\.\.11\n/);
    expect(summary.out).toMatch(
      / {2}runs {8}10 passed, 0 failed\n.* {2}verdict {5}PASS\n\ndoomed/s,
    );
    expect(summary.out).toMatch(/\n {2}seed 6: availability broke at .*\n {4}npx sim run '.*' --/);
    expect(summary.out).toContain("\n  availability broke in 5 more: seeds 7 8 9 10 11\n");
    const lines = quiet.out.split("\n").filter((line) => !line.startsWith(" "));
    expect(lines[0]).toMatch(
      /^PASS {2}.*, seeds 2\.\.11: 10 passed, 0 failed, digest [0-9a-f]{16}$/,
    );
    expect(lines[1]).toMatch(
      /^FAIL {2}.*, seeds 2\.\.11: 0 passed, 10 failed, digest [0-9a-f]{16}$/,
    );
  });

  test("sends a scenario's clients to the threads", async () => {
    const args = [inFolder("asked.ts"), "--until", "30s", "--seeds", "1..2", "--json"];
    const [first] = (await sim(["run", ...args])).out.split("\n");
    expect(JSON.parse(first ?? "").checks.linearizable).toBeGreaterThan(0);
  });

  test("stops at a time, and says so in the command that shows it again", async () => {
    const { code, out } = await sim(["run", partition, "--until", "30s"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^time {8}30\.0 s simulated/m);
    const stopped = await sim(["run", partition, "--until", "30s", "--json"]);
    expect(JSON.parse(stopped.out).command).toMatch(/ --seed 1 --until 30s$/);
  });

  test("has as many clients as asked for, alone and in many runs", async () => {
    const run = ["run", inFolder("asked.ts"), "--until", "30s", "--json"];
    const [planned, three, range] = await Promise.all([
      sim(run),
      sim([...run, "--clients", "3"]),
      sim([...run, "--clients", "3", "--seeds", "1..2"]),
    ]);
    const checked = ({ out }: { out: string }) => JSON.parse(out).checks.linearizable;
    expect(checked(planned)).toBeGreaterThan(checked(three));
    expect(checked(three)).toBeGreaterThan(0);
    expect(timeless(`${range.out.split("\n")[0]}\n`)).toBe(timeless(three.out));
    expect(JSON.parse(three.out).command).toMatch(/ --seed 1 --until 30s --clients 3$/);
  });

  test("writes what clients were told, the same each time, also of a failure", async () => {
    const files = ["one.edn", "two.edn"].map(inFolder);
    const runs = await Promise.all(
      files.map((path) =>
        sim(["run", inFolder("my runs/doomed.ts"), "--clients", "2", "--history", path, "--json"]),
      ),
    );
    const [one = "", two] = files.map((path) => readFileSync(path, "utf8"));
    expect(one).toBe(two);
    const events = one.trimEnd().split("\n").map(parseEdn);
    expect(events[0]).toMatchObject({ ":type": ":invoke", ":f": ":read", ":index": 0 });
    const asked = events.filter((event) => Object(event)[":type"] === ":invoke").length;
    for (const { code, out } of runs) {
      expect(code).toBe(1);
      expect(JSON.parse(out).checks.linearizable).toBe(asked);
    }
  });

  test("stops at Ctrl-C with what it has", async () => {
    const child = start(["run", partition, "--seeds", "1..100000", "--json"]);
    const end = finished(child);
    await once(child.stdout as NodeJS.ReadableStream, "data");
    child.kill("SIGINT");
    const { code, out, err } = await end;
    expect({ code, err }).toEqual({ code: 130, err: "interrupted: this is what had been run\n" });
    for (const line of out.trimEnd().split("\n")) expect(JSON.parse(line).verdict).toBe("pass");
  });

  test("ends quietly when nobody reads", async () => {
    const child = start(["run", partition, "--seeds", "1..100000", "--json"]);
    const end = finished(child);
    await once(child.stdout as NodeJS.ReadableStream, "data");
    child.stdout?.destroy();
    expect(await end).toMatchObject({ code: 141, err: "" });
  });
});

describe.concurrent("sim refuses", () => {
  const run = (...args: string[]) => sim(["run", partition, ...args]);

  test.each<[string, () => ReturnType<typeof sim>, string]>([
    ["an unknown command", () => sim(["rnu"]), "error: unknown command 'rnu'\n(Did you mean run?)"],
    [
      "an unknown flag",
      () => run("--sed", "1"),
      "error: unknown option '--sed'\n(Did you mean --seed?)",
    ],
    ["no file", () => sim(["run"]), "error: missing required argument 'file'"],
    [
      "a flag without its value",
      () => run("--seed"),
      "error: option '--seed <text>' argument missing",
    ],
    [
      "a descending range",
      () => run("--seeds", "5..1"),
      "--seeds 5..1: the range descends; write the lower number first",
    ],
    [
      "a negative range",
      () => run("--seeds", "-5..1"),
      "--seeds -5..1: write two whole numbers, such as 1..200",
    ],
    [
      "a trace in no folder",
      () => run("--trace", "no/such/x"),
      "--trace no/such/x: there is no such folder",
    ],
    [
      "a history in no folder",
      () => run("--clients", "2", "--history", "no/such/x"),
      "--history no/such/x: there is no such folder",
    ],
    [
      "a history of nobody",
      () => run("--history", "nobody.edn"),
      "--history nobody.edn: there are no clients; add --clients 4, say",
    ],
    [
      "a history of many runs",
      () => run(partition, "--history", "many.edn"),
      "--history follows one run, and these are 2: name one file and --seed",
    ],
    [
      "a crowd",
      () => run("--clients", "1000"),
      "--clients 1000: write a whole number from 0 to 100",
    ],
    [
      "a trace below a file",
      () => run("--trace", "README.md/x"),
      "--trace README.md/x: a part of it is a file, and no folder",
    ],
    ["a folder for a trace", () => run("--trace", "test"), "--trace test: that is a folder"],
    [
      "standard output for a trace",
      () => run("--trace", "-"),
      "--trace -: name a file; standard output is for the story",
    ],
    [
      "to overwrite the scenario",
      () => run("--trace", partition),
      `--trace ${partition}: that is the scenario itself`,
    ],
    [
      "an empty flag",
      () => run("--report", ""),
      "--report is empty: give it a value, or leave it out",
    ],
    ["an empty name", () => sim(["run", ""]), "an argument is empty: name a file"],
    [
      "what is no scenario",
      () => sim(["run", "README.md"]),
      "README.md: this is not a scenario\n  name a scenario file, a .ts or .js",
    ],
    [
      "a file that is not there",
      () => sim(["run", "no.ts"]),
      "no.ts: there is no such file\n  name a scenario file, a .ts or .js",
    ],
  ])("%s", async (_what, start, message) => {
    expect(await start()).toEqual({ code: 2, out: "", err: `${message}\n` });
  });

  test("a history in the file of the trace", async () => {
    const both = ["--trace", inFolder("both"), "--history", inFolder("both")];
    const err = `--history ${inFolder("both")}: that is the trace\n`;
    expect(await run("--clients", "2", ...both)).toEqual({ code: 2, out: "", err });
  });

  test("one of several files, and touches none of them", async () => {
    writeFileSync(inFolder("report.html"), "of before");
    const good = ["--trace", inFolder("new"), "--report", inFolder("report.html")];
    const { code } = await run("--clients", "2", ...good, "--history", "no/such/x");
    expect(code).toBe(2);
    expect(existsSync(inFolder("new"))).toBe(false);
    expect(readFileSync(inFolder("report.html"), "utf8")).toBe("of before");
  });

  test("every mistake of every file at once, before anything runs", async () => {
    const file = inFolder("wrong.ts");
    const { code, out, err } = await sim(["run", partition, file, "no.ts", "--json"]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err.split("\n")).toEqual([
      `${file}: 2 problems`,
      '  steps[0] at 9s crash: nodes: there is no node "w2"',
      '    did you mean "w1"?',
      "  steps[1] at 10s heal: there is no partition to heal",
      "    a partition must come before it, and heal only once",
      "no.ts: there is no such file",
      "  name a scenario file, a .ts or .js",
      "",
    ]);
  });
});
