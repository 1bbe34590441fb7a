import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";
import { expect, test } from "vitest";

// Goal: a program starts with what V8 has made of it at the build, and starts without, too.
// Method: what the build has left, given to V8; the programs under a flag that V8 has to heed.

const bin = fileURLToPath(new URL("../dist/bin", import.meta.url));

test.each(["sim", "swarmd", "swarmctl"])("V8 takes what it has made of %s at the build", (name) => {
  const start = readFileSync(join(bin, `${name}.js`), "utf8");
  const [, whole = ""] = /load\.js"\)\("(.+)"/.exec(start) ?? [];
  const kept = readdirSync(bin).filter((file) => file.startsWith(`${whole}.`));
  const taken = kept.filter((file) => {
    if (!file.endsWith(".kept")) return false;
    const source = readFileSync(join(bin, `${whole}.cjs`), "latin1");
    const cachedData = readFileSync(join(bin, file));
    return new Script(source, { cachedData }).cachedDataRejected === false;
  });
  expect(taken).toHaveLength(1);
});

test("an error of a program tells the modules that its calls were in", () => {
  const script = ["(function (exports, require, module) {", ...failing, "})"].join("\n");
  const calls = callsIn({ "made.cjs": script }, "load.js", "made");
  expect(calls).toEqual([
    "dist/core/base/first.js, made.cjs:3:27",
    "dist/sim/second.js, made.cjs:7:3",
  ]);
});

test("an error of the view does, too", () => {
  const before = readFileSync(join(bin, "tui.mjs"), "utf8").split("\n").slice(0, 4);
  expect(before[3]).toBe('require("./load.js").nameModules(__filename);');
  const module = [...before, ...failing].join("\n");
  const calls = callsIn({ "made.mjs": module }, "made.mjs");
  expect(calls).toEqual([
    "dist/core/base/first.js, made.mjs:6:27",
    "dist/sim/second.js, made.mjs:10:3",
  ]);
});

test("an error of a program whose file is gone tells where its calls were in that", () => {
  const begin = "(function (exports, require, module, filename) {";
  const script = [begin, 'require("node:fs").rmSync(filename);', ...failing, "})"].join("\n");
  const calls = callsIn({ "made.cjs": script }, "load.js", "made");
  expect(calls).toEqual(["dist/bin/made.cjs:4:27", "dist/bin/made.cjs:8:3"]);
});

const failing = [
  "// dist/core/base/first.js",
  "const thrown = () => null.length;",
  "",
  "// dist/sim/second.js",
  "try {",
  "  thrown();",
  "} catch (error) {",
  "  console.log(error.stack);",
  "}",
];

/** The last calls that a program among these files tells of, from the folder that `dist` is in. */
function callsIn(files: Readonly<Record<string, string>>, ...words: string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), "programs-"));
  const made = join(folder, "dist/bin");
  mkdirSync(made, { recursive: true });
  copyFileSync(join(bin, "load.js"), join(made, "load.js"));
  copyFileSync(join(bin, "package.json"), join(made, "package.json"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(made, name), text);
  const { stdout } = spawnSync("node", words, { encoding: "utf8", cwd: made });
  rmSync(folder, { recursive: true });
  const [message, ...calls] = stdout.split("\n").slice(0, 3);
  expect(message).toBe("TypeError: Cannot read properties of null (reading 'length')");
  return calls.map((call) => call.replace(/^.*?dist\//, "dist/").replace(/\)$/, ""));
}

test.each(["sim", "swarmd", "swarmctl"])("%s starts under flags of its own", (name) => {
  const words = ["--stack-size=900", join(bin, `${name}.js`), "--version"];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
  expect({ status, stdout, stderr }).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    stderr: "",
  });
});
