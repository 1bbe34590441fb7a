import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SimDisk } from "../sim/ports/disk.ts";
import { SimExecutor } from "../sim/ports/executor.ts";
import { SimNetwork } from "../sim/ports/network.ts";
import { Host } from "../sim/world/host.ts";
import { deepFreeze } from "./support/deep-freeze.ts";
import { digestsOf, rowsOf, scenarioNames } from "./support/digests.ts";

// Goal: the same scenario and the same seed give the same bytes, on any machine, in any order.
// Method: a digest depends on every event, so equal digests are equal runs; over all scenarios.
// Each seed is run here and in a process of its own, with other things changed around it.

const root = fileURLToPath(new URL("..", import.meta.url));
const run = promisify(execFile);

describe("digests are the same", () => {
  let folder = "";

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "determinism-"));
    await bundle(join(folder, "digests.cjs"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What another process says of all runs that begin from this seed. */
  async function elsewhere(seed: string, flags: readonly string[], surroundings: object) {
    const env = { ...process.env, ...surroundings };
    const options = { cwd: folder, env, maxBuffer: 1 << 24 };
    const program = join(folder, "digests.cjs");
    const { stdout } = await run(process.execPath, [...flags, program, seed], options);
    return JSON.parse(stdout);
  }

  test("of frozen messages, writes and requests, and without an optimising compiler", async () => {
    const plain = elsewhere("1", ["--max-lazy", "--no-opt"], {});
    const rows = await rowsOf(["1"]);
    const spies = [
      freezing(SimNetwork.prototype, "send"),
      freezing(SimDisk.prototype, "write"),
      freezing(SimExecutor.prototype, "execute"),
      freezing(Host.prototype, "receive"),
    ];
    const frozen = digestsOf(rows);
    for (const spy of spies) {
      spy.remove();
      expect(spy.calls).toBeGreaterThan(0);
    }
    expect(frozen).toEqual(await plain);
    expect(Object.keys(frozen).length).toBeGreaterThanOrEqual(scenarioNames().length);
    expect(new Set(Object.values(frozen)).size).toBe(rows.length);
  });

  test("of runs backwards that may ask for no time, chance or timer, and elsewhere", async () => {
    const place = { TZ: "Pacific/Kiritimati", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" };
    const away = elsewhere("2", ["--hash-seed=20251", "--random-seed=7"], place);
    const rows = (await rowsOf(["2"])).reverse();
    expect(withNothingToAsk(() => digestsOf(rows))).toEqual(await away);
  });

  test("whoever watches, and who watches sees the same bytes each time", async () => {
    const rows = (await rowsOf(["1"])).filter(({ name }) => name === "random-chaos");
    const watch = () => {
      const lines: string[] = [];
      const observer = {
        trace: (line: string) => void lines.push(line),
        story: (line: object) => void lines.push(JSON.stringify(line)),
      };
      expect(digestsOf(rows, { observer })).toEqual(digestsOf(rows));
      return lines.join("\n");
    };
    expect(rows).toHaveLength(1);
    expect(watch()).toBe(watch());
  });
});

type Method = (...given: unknown[]) => unknown;

/** Freezes all plain arguments of a method before it sees them. */
function freezing(prototype: object, method: string) {
  const methods = prototype as Record<string, Method>;
  const original = methods[method] as Method;
  const spy = {
    calls: 0,
    remove: () => {
      methods[method] = original;
    },
  };
  methods[method] = function (this: unknown, ...given) {
    spy.calls += 1;
    return original.apply(this, given.map(deepFreeze));
  };
  return spy;
}

function withNothingToAsk<T>(does: () => T): T {
  const asked = ["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "Date"] as const;
  const before = asked.map((name) => [name, globalThis[name]] as const);
  const { random } = Math;
  try {
    Math.random = () => refuse("Math.random");
    for (const name of asked) replace(name, new Proxy(globalThis[name], refusing(name)));
    return does();
  } finally {
    Math.random = random;
    for (const [name, value] of before) replace(name, value);
  }
}

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
