import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
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
// Method: a digest depends on every event, so equal digests are equal runs. All scenarios give the
// digests that were recorded, here and in a process of its own, whatever is changed around them.

const root = fileURLToPath(new URL("..", import.meta.url));
const run = promisify(execFile);

describe("digests are those that were recorded", () => {
  let folder = "";

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "determinism-"));
    await bundle(join(folder, "digests.cjs"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What another process says of all runs. */
  async function elsewhere(flags: readonly string[], surroundings: object) {
    const env = { ...process.env, ...surroundings };
    const options = { cwd: folder, env, maxBuffer: 1 << 24 };
    const program = join(folder, "digests.cjs");
    const { stdout } = await run(process.execPath, [...flags, program], options);
    return JSON.parse(stdout);
  }

  test("without an optimising compiler, in another zone and language", async () => {
    const place = { TZ: "Pacific/Kiritimati", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" };
    const flags = ["--max-lazy", "--no-opt", "--hash-seed=20251", "--random-seed=7"];
    expect(await elsewhere(flags, place)).toEqual(recorded());
  });

  test("backwards, of frozen messages, writes and requests, with nothing to ask", async () => {
    const rows = (await rowsOf(["1"])).reverse();
    const spies = [
      freezing(SimNetwork.prototype, "send"),
      freezing(SimDisk.prototype, "write"),
      freezing(SimExecutor.prototype, "execute"),
      freezing(Host.prototype, "receive"),
    ];
    const frozen = withNothingToAsk(() => digestsOf(rows));
    for (const spy of spies) {
      spy.remove();
      expect(spy.calls).toBeGreaterThan(0);
    }
    expect(frozen).toEqual(recorded());
    expect(new Set(Object.values(frozen)).size).toBe(scenarioNames().length);
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

/** By `name seed`, as `golden/verify.js` has written them. */
function recorded(): Record<string, string> {
  const rows = readFileSync(join(root, "test/golden/digests.txt"), "utf8").trim().split("\n");
  return Object.fromEntries(rows.map((row) => row.match(/^(.+) (\S+)$/)?.slice(1) ?? []));
}

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

/** A program of its own that prints the digests of the same runs. */
async function bundle(outfile: string): Promise<void> {
  const names = scenarioNames();
  const contents = [
    `import { simulate } from "./sim/simulate.ts";`,
    ...names.map((name, at) => `import s${at} from "./scenarios/${name}.ts";`),
    `const found = {};`,
    `const all = [${names.map((name, at) => `["${name}", s${at}]`).join(", ")}];`,
    `for (const [name, scenario] of all)`,
    `  found[name + " 1"] = simulate(scenario, "1").digest;`,
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
