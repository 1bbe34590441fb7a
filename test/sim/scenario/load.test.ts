import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import * as dsl from "../../../sim/scenario/dsl.ts";
import { loadScenario, ScenarioLoadError } from "../../../sim/scenario/load.ts";

// Goal: a user's file loads from anywhere, and what is wrong with it reads like a compiler's words.
// Method: real files in a folder of the system's for temporary ones, far from this package.

let folder = "";

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "scenario-")));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, ...lines: string[]): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

async function failure(path: string): Promise<string> {
  const error = await loadScenario(path).then(
    () => expect.unreachable("it loads"),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ScenarioLoadError);
  expect((error as Error).stack).not.toMatch(/^ +at .*\d\)?$/m);
  return (error as Error).message.replaceAll(folder, "<folder>");
}

test.each([
  ["Math.random()", "Math.random"],
  ["Date.now()", "Date"],
  ["new Date()", "Date"],
  ["performance.now()", "performance"],
  ["crypto.randomUUID()", "crypto"],
])("loadScenario() refuses a file that would be another one each time: %s", async (asks, name) => {
  const path = file("chance.ts", "const n = Math.max(1, 2);", `export default { n: ${asks} };`);
  expect(await failure(path)).toMatch(/^<folder>\/chance.ts:2:\d+: a scenario is data, the same /);
  expect(await failure(path)).toContain(`it cannot ask for ${name}\n  thrown while`);
});

test("loadScenario() loads TypeScript with its types", async () => {
  const path = file(
    "typed.ts",
    "interface Story { readonly name: string }",
    "enum Size { Small = 3 }",
    'export default { name: "typed", size: Size.Small } satisfies Story & { size: number };',
  );
  expect(await loadScenario(path)).toEqual({ name: "typed", size: 3 });
});

test("loadScenario() loads plain JavaScript", async () => {
  const path = file("plain.js", 'export default { name: "plain" };');
  expect(await loadScenario(path)).toEqual({ name: "plain" });
});

test("loadScenario() gives a file the DSL of the running program", async () => {
  const path = file(
    "with-dsl.ts",
    'import { scenario } from "simswarm/scenario";',
    "export default { scenario };",
  );
  expect(await loadScenario(path)).toEqual({ scenario: dsl.scenario });
});

test("loadScenario() loads what a file imports by a relative path", async () => {
  file("parts/replicas.ts", "export const replicas: number = 5;");
  const path = file(
    "whole.ts",
    'import { replicas } from "./parts/replicas.ts";',
    "export default { replicas };",
  );
  expect(await loadScenario(path)).toEqual({ replicas: 5 });
});

test("loadScenario() looks for packages from the user's file on", async () => {
  file("node_modules/sizes/package.json", '{"type":"module","exports":"./sizes.js"}');
  file("node_modules/sizes/sizes.js", "export const large = 100;");
  const path = file(
    "packaged.ts",
    'import { large } from "sizes";',
    "export default { replicas: large };",
  );
  expect(await loadScenario(path)).toEqual({ replicas: 100 });
});

test("loadScenario() loads afresh each time", async () => {
  const path = file("fresh.ts", "const runs = [1];", "export default { runs };");
  const [first, second] = [await loadScenario(path), await loadScenario(path)];
  expect(first).toEqual(second);
  expect(first).not.toBe(second);
  file("fresh.ts", "export default { runs: [2] };");
  expect(await loadScenario(path)).toEqual({ runs: [2] });
});

test("loadScenario() does not read the user's tsconfig.json", async () => {
  file("tsconfig.json", '{ "extends": "./nowhere.json" }');
  const path = file("configured.ts", "export default { loaded: true };");
  expect(await loadScenario(path)).toEqual({ loaded: true });
});

test("loadScenario() says that a file is missing", async () => {
  expect(await failure(join(folder, "nowhere.ts"))).toBe(
    "<folder>/nowhere.ts: there is no such file\n  name a scenario file, a .ts or .js",
  );
});

test("loadScenario() says that a folder is no file", async () => {
  expect(await failure(folder)).toMatch("<folder>: this is not a file");
  expect(await failure(process.cwd())).toMatch(`${process.cwd()}: this is not a file`);
});

test("loadScenario() refuses a file of another kind", async () => {
  expect(await failure(file("notes.md", "hello"))).toBe(
    "<folder>/notes.md: this is not a scenario\n  name a scenario file, a .ts or .js",
  );
});

test("loadScenario() points at a syntax error", async () => {
  const path = file("broken.ts", "const name = 1;", "export default { name: };");
  expect(await failure(path)).toBe(
    [
      '<folder>/broken.ts:2:24: Unexpected "}"',
      "  export default { name: };",
      "                         ^",
    ].join("\n"),
  );
});

test("loadScenario() shows so much of a line as can be read", async () => {
  const path = file("binary.ts", `${"x".repeat(60)};\u001b[2J \u0007}${"y".repeat(400)}`);
  expect(await failure(path)).toBe(
    [
      '<folder>/binary.ts:1:62: Unexpected "\\x1b"',
      `  ${"x".repeat(49)}; [2J  }${"y".repeat(43)}`,
      `  ${" ".repeat(50)}^`,
    ].join("\n"),
  );
});

test("loadScenario() points at a syntax error in an imported file", async () => {
  file("part.ts", "export const = 5;");
  const path = file("whole.ts", 'import "./part.ts";', "export default {};");
  expect(await failure(path)).toMatch("<folder>/part.ts:1:14: Expected identifier");
});

test("loadScenario() points at an import that leads nowhere", async () => {
  const path = file("lost.ts", 'import { a } from "./a.ts";', "export default { a };");
  expect(await failure(path)).toMatch('<folder>/lost.ts:1:19: Could not resolve "./a.ts"');
});

test.each(["node:fs", "fs", "fs/promises"])(
  "loadScenario() refuses Node's module %s",
  async (name) => {
    const path = file("reads.ts", `import * as fs from "${name}";`, "export default { fs };");
    expect(await failure(path)).toMatch(
      `<folder>/reads.ts:1:21: a scenario is data: it cannot import "${name}"`,
    );
  },
);

test("loadScenario() refuses to wait for anything", async () => {
  const path = file("waits.ts", "const one = await 1;", "export default { one };");
  expect(await failure(path)).toMatch("<folder>/waits.ts:1:13: a scenario is data");
});

test("loadScenario() points at the line that throws", async () => {
  const path = file(
    "throws.ts",
    "interface Unused { readonly size: number }",
    "function fail(): never {",
    '  throw new RangeError("no such size");',
    "}",
    "export default { size: fail() };",
  );
  expect(await failure(path)).toBe(
    "<folder>/throws.ts:3:9: no such size\n  thrown while the file was loaded",
  );
});

test("loadScenario() points at the imported line that throws", async () => {
  file("part.ts", "type A = string;", "export const size = (undefined as any).size;");
  const path = file("whole.ts", 'import { size } from "./part.ts";', "export default { size };");
  expect(await failure(path)).toMatch(/^<folder>\/part\.ts:2:\d+: Cannot read properties/);
});

test("loadScenario() names the file when what is thrown is no error", async () => {
  const path = file("throws.ts", 'throw "a word";', "export default {};");
  expect(await failure(path)).toMatch("<folder>/throws.ts: a word");
});

test("loadScenario() points at a name that the DSL lacks", async () => {
  const path = file(
    "misspelt.ts",
    'import { scenaro } from "simswarm/scenario";',
    "export default scenaro({});",
  );
  expect(await failure(path)).toMatch(
    /^<folder>\/misspelt\.ts:2:\d+: "simswarm\/scenario" has no "scenaro"\n {2}did you mean "s/,
  );
});

test.each([
  ["crash", 'write `import { crash } from "simswarm/scenario"`'],
  ["crahs", 'did you mean "crash"?'],
  ["zebra", "known: "],
])("loadScenario() says what a word needs that was not imported: %s", async (word, help) => {
  const path = file("unknown.ts", `export default ${word}("m1");`);
  expect(await failure(path)).toContain(`unknown.ts:1:16: ${word} is not defined\n  ${help}`);
});

test("loadScenario() names the only module that has words", async () => {
  const path = file("other.ts", 'import { at } from "simswarm/scenarios";', "export default at;");
  expect(await failure(path)).toContain(
    '"simswarm/scenarios" is not for scenarios: import from "simswarm/scenario"',
  );
});

test("loadScenario() refuses a step of two actions", async () => {
  const path = file(
    "two.ts",
    'import { at, crash, restart } from "simswarm/scenario";',
    'export default at("1s", crash("m1"), restart("m1"));',
  );
  expect(await failure(path)).toContain("two.ts:2:16: at takes one action: write a step for each");
});

test("loadScenario() asks for a default export", async () => {
  const path = file("named.ts", "export const scenario = {};");
  expect(await failure(path)).toMatch("<folder>/named.ts: there is no default export\n  write");
});

test.each([
  ["3", "of type number"],
  ["null", "null"],
  ["() => ({})", "of type function"],
])("loadScenario() points at a default export that is %s", async (value, described) => {
  const path = file("other.ts", "const before = 1;", `export default ${value};`);
  expect(await failure(path)).toMatch(
    `<folder>/other.ts:2:16: the default export is ${described}, not a scenario`,
  );
});

test("loadScenario() takes the caller's word for what a scenario is", async () => {
  const branded = (value: unknown): value is { brand: string } =>
    typeof value === "object" && value !== null && "brand" in value;
  const good = file("good.ts", 'export default { brand: "scenario" };');
  const bad = file("bad.ts", "export default { name: 1 };");
  expect((await loadScenario(good, branded)).brand).toBe("scenario");
  await expect(loadScenario(bad, branded)).rejects.toThrow(
    "the default export is of type object, not a scenario",
  );
});

test("loadScenario() gives up a file that does not come back", async () => {
  const path = file("loop.ts", "let n = 0;", "for (;;) n += 1;", "export default { n };");
  const loaded = loadScenario(path, undefined, 300).catch((error: Error) => error.message);
  expect(await loaded).toMatch(/loop\.ts: it has not been loaded within 0\.3 s\n {2}a loop in it/);
});
