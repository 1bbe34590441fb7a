import { expect, test } from "vitest";
import { repository } from "./tidy/repository.ts";
import { rules } from "./tidy/rules.ts";
import { parse, type Rule, type Tree } from "./tidy/source.ts";

// Goal: the rules of the house hold, and each of them notices when it does not.
// Method: one parse of the repository for all rules; then each rule over small files that break it.

const checkout = repository();

function breaches({ name, check }: Rule, tree: Tree): string[] {
  return check(tree).map(({ path, line, what }) => `${path}:${line}: ${name}: ${what}`);
}

test.each(rules.map((rule) => [rule.name, rule] as const))("tidy: %s", (_name, rule) => {
  expect(breaches(rule, checkout)).toEqual([]);
});

test("tidy sees the repository", () => {
  const paths = checkout.sources.map(({ path }) => path);
  expect(paths).toContain("core/base/time.ts");
  expect(paths).toContain("test/tidy.test.ts");
  expect(checkout.texts.map(({ path }) => path)).toContain("package-lock.json");
});

/** Files, and the places where the one rule named is broken. */
interface Planted {
  readonly rule: string;
  readonly files: Readonly<Record<string, string>>;
  readonly at: readonly string[];
}

const lines = (count: number) => "// line\n".repeat(count);
const folderOfRoot = ["", "root", "notes"].join("/");

/** One file of `path`, broken at each of `at`, if any. */
function planted(rule: string, path: string, text: string, ...at: number[]): Planted {
  return { rule, files: { [path]: text }, at: at.map((line) => `${path}:${line}`) };
}

function importing(path: string, target: string, ...at: number[]): Planted {
  const text = `import type { A } from "${target}";\n`;
  return planted("imports follow the directions of the design", path, text, ...at);
}

function pure(text: string, ...at: number[]): Planted {
  const rule = "core and the simulator use nothing that differs between runs";
  return planted(rule, "core/store/a.ts", text, ...at);
}

const directions: readonly Planted[] = [
  importing("core/base/a.ts", "../model/task.ts", 1),
  importing("core/model/a.ts", "../base/time.ts"),
  importing("core/model/a.ts", "../store/store.ts", 1),
  importing("core/raft/a.ts", "../model/task.ts", 1),
  importing("core/store/a.ts", "../raft/message.ts", 1),
  importing("core/plan/a.ts", "../store/view.ts"),
  importing("core/plan/a.ts", "../schedule/scheduler.ts", 1),
  importing("core/schedule/a.ts", "../plan/plan.ts"),
  importing("core/schedule/a.ts", "../orchestrate/dirty.ts", 1),
  importing("core/agent/a.ts", "../dispatch/message.ts"),
  importing("core/agent/a.ts", "../dispatch/dispatcher.ts", 1),
  importing("core/manager/a.ts", "../schedule/scheduler.ts"),
  importing("core/node/node.ts", "../ports/clock.ts", 1),
  importing("core/node/shell.ts", "../ports/clock.ts"),
  importing("core/ports/a.ts", "../node/message.ts"),
  importing("core/elsewhere/a.ts", "./b.ts", 1),
  importing("core/store/a.ts", "../../sim/world.ts", 1),
  importing("core/store/a.ts", "seedrandom", 1),
  importing("core/store/a.ts", "node:fs", 1),
  importing("sim/world.ts", "../core/ports/clock.ts"),
  importing("sim/world.ts", "../real/swarmd.ts", 1),
  importing("sim/world.ts", "seedrandom"),
  importing("sim/world.ts", "node:fs", 1),
  importing("sim/cli.ts", "node:fs"),
  importing("real/swarmd.ts", "../sim/world.ts", 1),
  importing("tui/app.tsx", "../core/observe/frame.ts"),
  importing("tui/app.tsx", "../sim/world.ts", 1),
  importing("tui/main.tsx", "../sim/world.ts"),
  importing("scenarios/a.ts", "simswarm/scenario"),
  importing("scenarios/a.ts", "../core/base/time.ts"),
  importing("scenarios/a.ts", "../sim/scenario/dsl.ts", 1),
  importing("scenarios/a.ts", "./b.ts", 1),
  importing("scenarios/a.ts", "node:fs", 1),
  importing("sim/world.ts", "simswarm/scenario", 1),
  importing("examples/a/a.ts", "simswarm/sim"),
  importing("examples/a/a.ts", "../../sim/world.ts", 1),
  planted(
    "imports follow the directions of the design",
    "core/ports/a.ts",
    'import { a } from "../model/task.ts";\nimport { ms } from "../base/time.ts";\n',
    1,
  ),
  planted(
    "imports follow the directions of the design",
    "core/raft/a.ts",
    'export { a } from "../model/task.ts";\ntype A = import("../store/view.ts").View;\n' +
      'const a = () => import("../node/node.ts");\n',
    1,
    2,
    3,
  ),
];

const cycles: readonly Planted[] = [
  {
    rule: "no import cycles",
    files: {
      "core/store/a.ts": 'import { b } from "./b.ts";\n',
      "core/store/b.ts": 'import type { T } from "./d.ts";\nimport { c } from "./c.ts";\n',
      "core/store/c.ts": 'import { a } from "./a.ts";\n',
      "core/store/d.ts": 'import type { a } from "./a.ts";\n',
    },
    at: ["core/store/a.ts:1"],
  },
  {
    rule: "no import cycles of types between folders",
    files: {
      "sim/a.ts": 'import type { B } from "./b.ts";\nimport type { C } from "./faults/c.ts";\n',
      "sim/b.ts": 'import type { A } from "./a.ts";\n',
      "sim/faults/c.ts": 'import type { B } from "../b.ts";\n',
    },
    at: ["sim/a.ts:2"],
  },
];

const names: readonly Planted[] = [
  pure("const start = Date.now();\nconst later = new Date();\n", 1, 2),
  pure("const half = Math.random();\nconst { random } = Math;\n", 1, 2),
  pure("const a = Math.sin(1) + Math.max(1, 2);\nconst b = Math.floor(2 / 3);\n", 1),
  pure("const a = 2 ** 3;\nlet b = 2;\nb **= 2;\n", 1, 3),
  pure(
    "const a = performance.now();\nsetTimeout(() => {}, 1);\nsetImmediate(() => {});\n",
    1,
    2,
    3,
  ),
  pure("queueMicrotask(() => {});\nsetInterval(() => {}, 1);\n", 1, 2),
  pure("const a = process.pid;\nconst b = crypto.randomUUID();\nconst c = globalThis;\n", 1, 2, 3),
  pure("async function a() {\n  await b;\n}\nlet c: Promise<void>;\n", 1, 2, 4),
  pure("const a = async () => 1;\nclass B {\n  async c() {}\n}\n", 1, 3),
  pure('"a".localeCompare("b");\n(1).toLocaleString();\nnew Intl.Collator();\n', 1, 2, 3),
  pure("new WeakRef({});\nnew FinalizationRegistry(() => {});\n", 1, 2),
  pure("[2, 1].sort();\n[2, 1].toSorted();\n[2, 1].sort((a, b) => a - b);\n", 1, 2),
  pure("class A {\n  now = Date;\n  Date = 1;\n}\n", 2),
  pure("interface A {\n  readonly process: number;\n}\nconst a = { Date: 1 }.Date;\n"),
  pure('// Date.now()\nconst a = "Math.random()";\n'),
  ...["kernel", "network", "disk", "checkers/one-leader-per-term", "scenario/generate"].map(
    (name) => ({
      ...pure("const start = Date.now();\n"),
      files: { [`sim/${name}.ts`]: "const start = Date.now();\n" },
      at: [`sim/${name}.ts:1`],
    }),
  ),
  ...["cli", "report/html", "scenario/load", "bench", "seed-worker"].map((name) => ({
    ...pure("const start = Date.now();\n"),
    files: { [`sim/${name}.ts`]: "const start = Date.now();\n" },
  })),
  planted("core does not call JSON.stringify", "core/store/a.ts", "\nJSON.stringify({});\n", 2),
  planted("core does not call JSON.stringify", "sim/trace.ts", "JSON.stringify({});\n"),
  planted(
    "core and the simulator keep no state in a module",
    "core/store/a.ts",
    "const a = 1;\nlet b = 2;\nexport let c = 3;\nfunction d() {\n  let e = 1;\n}\n",
    2,
    3,
  ),
  planted(
    "core begins no object with two spreads",
    "core/a.ts",
    "const a = { b, ...c, ...d };\nconst e = { ...c, f, ...d };\nconst g = { ...c, ...d, h };\n",
    3,
  ),
  planted(
    "real knows no planted bug",
    "real/swarmd.ts",
    'import { noBug } from "../core/base/planted.ts";\nstart({ planted: noBug });\n',
  ),
  planted(
    "real knows no planted bug",
    "real/swarmd.ts",
    'import type { Planted } from "../core/base/planted.ts";\n' +
      'const bug = "R01";\nstart({ planted: bug as never });\n',
    1,
    2,
    3,
  ),
  planted("real knows no planted bug", "real/swarmd.ts", "start({ probe: made() });\n", 1),
];

const shapes: readonly Planted[] = [
  planted("a file has at most 400 lines", "core/store/a.ts", lines(400)),
  planted("a file has at most 400 lines", "core/store/a.ts", lines(401), 401),
  planted("a line has at most 100 columns", "sim/a.ts", `// ${"é".repeat(97)}\n`),
  planted("a line has at most 100 columns", "sim/a.ts", `\n// ${"e".repeat(98)}\n`, 2),
  planted("a function has at most 70 lines", "sim/a.ts", `function a() {\n${lines(68)}}\n`),
  planted(
    "a function has at most 70 lines",
    "sim/a.ts",
    `\nconst a = () => {\n${lines(69)}};\n`,
    2,
  ),
  planted(
    "a function has at most 70 lines",
    "test/a.ts",
    `describe("a", () => {\n${lines(80)}});\n`,
  ),
  planted("files and folders are named in kebab-case", "core/store/one-leader.test.ts", ""),
  planted("files and folders are named in kebab-case", "core/store/oneLeader.ts", "", 1),
  planted("files and folders are named in kebab-case", "core/my_store/a.ts", "", 1),
  planted("there are no barrels", "core/store/index.ts", "", 1),
  planted("there are no barrels", "core/store/a.ts", 'const a = 1;\nexport * from "./b.ts";\n', 2),
];

const defaults = "only scenarios and configurations have a default export";
const dead = "there are no dead exports";

const exportRules: readonly Planted[] = [
  planted(defaults, "sim/a.ts", "const a = 1;\nexport default a;\n", 2),
  planted(defaults, "sim/a.ts", "export default function a() {}\n", 1),
  planted(defaults, "sim/a.ts", "const a = 1;\nexport { a as default };\n", 2),
  planted(defaults, "scenarios/a.ts", "export default {};\n"),
  planted(defaults, "vitest.config.ts", "export default {};\n"),
  planted(dead, "sim/scenario/dsl.ts", "export const scenario = 1;\n"),
  planted(dead, "core/store/a.ts", "\nexport const a = 1;\nexport { b };\n", 2, 3),
  {
    rule: dead,
    files: {
      "core/store/a.ts":
        "export interface Used {\n  readonly size: Size;\n}\nexport type Size = number;\n" +
        "export type Unused = string;\nexport function b(): void {\n  let size: Unused;\n}\n" +
        "export class C {}\n",
      "core/store/b.ts": "export const everything = 1;\n",
      "test/a.test.ts":
        'import { b, type Used as U } from "../core/store/a.ts";\n' +
        'import * as all from "../core/store/b.ts";\n',
    },
    at: ["core/store/a.ts:5", "core/store/a.ts:9"],
  },
];

const textRules: readonly Planted[] = [
  planted("package-lock.json names no registry", "package-lock.json", '{\n  "version": "1"\n}\n'),
  planted(
    "package-lock.json names no registry",
    "package-lock.json",
    '{\n  "resolved": "https://registry.example/a.tgz"\n}\n',
    2,
  ),
  planted(
    "no tracked file mentions a path of one machine",
    "README.md",
    `\nsee ${folderOfRoot}\n`,
    2,
  ),
  planted("no tracked file mentions a path of one machine", "README.md", "see src/work/it\n"),
];

const all = [directions, cycles, names, shapes, exportRules, textRules].flat();

test.each(all.map((item) => [item.rule, Object.keys(item.files)[0], item] as const))(
  "tidy judges a planted breach: %s, in %s",
  (_rule, _path, { rule, files, at }) => {
    const texts = Object.entries(files).map(([path, text]) => ({ path, text }));
    const sources = texts.filter(({ path }) => /\.tsx?$/.test(path)).map(parse);
    const found = rules.filter(({ name }) => name === rule);
    expect(found).toHaveLength(1);
    const places = found.flatMap(({ check }) =>
      check({ sources, texts }).map(({ path, line }) => `${path}:${line}`),
    );
    expect([...new Set(places)]).toEqual(at);
  },
);

test("tidy has a planted breach for every rule", () => {
  const broken = new Set(all.filter(({ at }) => at.length > 0).map(({ rule }) => rule));
  expect(rules.map(({ name }) => name).filter((name) => !broken.has(name))).toEqual([]);
});
