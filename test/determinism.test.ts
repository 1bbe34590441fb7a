import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { SimDisk } from "../sim/ports/disk.ts";
import { SimExecutor } from "../sim/ports/executor.ts";
import { SimNetwork } from "../sim/ports/network.ts";
import { Host } from "../sim/world/host.ts";
import { deepFreeze } from "./support/deep-freeze.ts";
import { digestsOf, type Row, rowsOf, scenarioNames } from "./support/digests.ts";

// Goal: the same scenario and the same seed give the same bytes, on any machine, in any order.
// Method: a digest depends on every event, so equal digests are equal runs; over all scenarios.
// Each change of the surroundings is held against the runs of one seed.

const seeds = ["1", "2"] as const;
type Seed = (typeof seeds)[number];
const root = fileURLToPath(new URL("..", import.meta.url));
const run = promisify(execFile);

let rows: Row[] = [];
let expected: Record<string, string> = {};

beforeAll(async () => {
  rows = await rowsOf(seeds);
  expected = digestsOf(rows);
});

/** What is expected of the runs that begin from this seed. */
function ofSeed(seed: Seed): Record<string, string> {
  const entries = Object.entries(expected);
  return Object.fromEntries(entries.filter(([run]) => run.endsWith(` ${seed}`)));
}

describe("in one process", () => {
  test("the digests are as many as the runs, and all different", () => {
    expect(rows.length).toBeGreaterThanOrEqual(scenarioNames().length * seeds.length);
    expect(new Set(Object.values(expected)).size).toBe(rows.length);
  });

  test("who watches changes nothing, and sees the same bytes each time", () => {
    const [row] = rows.filter(({ name }) => name === "random-chaos");
    if (row === undefined) throw new Error("random-chaos is a scenario");
    const watch = () => {
      const lines: string[] = [];
      const observer = {
        trace: (line: string) => void lines.push(line),
        story: (line: object) => void lines.push(JSON.stringify(line)),
      };
      expect(digestsOf([row], { observer })[`${row.name} ${row.seed}`]).toBe(
        expected[`${row.name} ${row.seed}`],
      );
      return lines.join("\n");
    };
    expect(watch()).toBe(watch());
  });
});

describe("what is handed over", () => {
  test("is never changed: frozen messages, writes and requests give the same digests", () => {
    const spies = [
      freezing(SimNetwork.prototype, "send"),
      freezing(SimDisk.prototype, "write"),
      freezing(SimExecutor.prototype, "execute"),
      freezing(Host.prototype, "receive"),
    ];
    try {
      expect(digestsOf(rows.filter(({ seed }) => seed === "1"))).toEqual(ofSeed("1"));
      for (const spy of spies) expect(spy.mock.calls.length).toBeGreaterThan(0);
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  });
});

type Method = (...given: unknown[]) => unknown;

/** Freezes all plain arguments of a method before it sees them. */
function freezing(prototype: object, method: string) {
  const methods = prototype as Record<string, Method>;
  const original = methods[method] as Method;
  return vi.spyOn(methods, method).mockImplementation(function (this: unknown, ...given) {
    return original.apply(this, given.map(deepFreeze));
  });
}

describe("what is there besides", () => {
  test("runs backwards that may ask for no time, chance or timer give the same digests", () => {
    const asked = ["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "Date"] as const;
    const before = asked.map((name) => [name, globalThis[name]] as const);
    const { random } = Math;
    let found: Record<string, string> = {};
    try {
      Math.random = () => refuse("Math.random");
      for (const name of asked) replace(name, new Proxy(globalThis[name], refusing(name)));
      found = digestsOf(rows.filter(({ seed }) => seed === "2").reverse());
    } finally {
      Math.random = random;
      for (const [name, value] of before) replace(name, value);
    }
    expect(found).toEqual(ofSeed("2"));
  });
});

function replace(name: keyof typeof globalThis, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

function refuse(what: string): never {
  throw new Error(`a run asked for ${what}`);
}

function refusing(what: string): ProxyHandler<never> {
  return {
    apply: () => refuse(what),
    construct: () => refuse(what),
    get: () => refuse(what),
  };
}

describe("in another process", () => {
  let folder = "";

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "determinism-"));
    await bundle(join(folder, "digests.cjs"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const elsewhere = { TZ: "Pacific/Kiritimati", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" };

  test.each([
    [
      "with another clock, language and place, and with other hashes",
      ...[["--hash-seed=20251", "--random-seed=7"], elsewhere, "2"],
    ],
    ["without a compiler that optimises", ["--max-lazy", "--no-opt"], {}, "1"],
  ] as const)("%s, the digests are the same", async (_how, flags, env, seed) => {
    const program = join(folder, "digests.cjs");
    const options = { cwd: folder, env: { ...process.env, ...env }, maxBuffer: 1 << 24 };
    const { stdout } = await run(process.execPath, [...flags, program, seed], options);
    expect(JSON.parse(stdout)).toEqual(ofSeed(seed));
  });
});

/** A program of its own that prints the digests of the same runs, of the seed that it is given. */
async function bundle(outfile: string): Promise<void> {
  const names = scenarioNames();
  const contents = [
    `import { simulate } from "./sim/simulate.ts";`,
    ...names.map((name, at) => `import s${at} from "./scenarios/${name}.ts";`),
    `const found = {};`,
    `const all = [${names.map((name, at) => `["${name}", s${at}]`).join(", ")}];`,
    `const seed = process.argv[2];`,
    `for (const [name, scenario] of all)`,
    `  found[name + " " + seed] = simulate(scenario, seed).digest;`,
    `console.log(JSON.stringify(found));`,
  ].join("\n");
  await build({
    stdin: { contents, resolveDir: root, loader: "ts" },
    alias: { "simswarm/scenario": join(root, "sim/scenario/dsl.ts") },
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    logLevel: "error",
    outfile,
  });
}
