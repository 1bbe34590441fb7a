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
  const folder = mkdtempSync(join(tmpdir(), "programs-"));
  const code = [
    "(function (exports, require, module) {",
    "// dist/core/base/first.js",
    "const thrown = () => null.length;",
    "",
    "// dist/sim/second.js",
    "try {",
    "  thrown();",
    "} catch (error) {",
    "  console.log(error.stack);",
    "}",
    "})",
  ];
  const bin = join(folder, "dist/bin");
  mkdirSync(bin, { recursive: true });
  copyFileSync(new URL("../load.cjs", import.meta.url), join(bin, "load.cjs"));
  writeFileSync(join(bin, "made.cjs"), code.join("\n"));
  const { stdout } = spawnSync("node", [join(bin, "load.cjs"), "made"], { encoding: "utf8" });
  rmSync(folder, { recursive: true });
  expect(stdout.split("\n").slice(0, 3)).toEqual([
    "TypeError: Cannot read properties of null (reading 'length')",
    `    at thrown (${folder}/dist/core/base/first.js, made.cjs:3:27)`,
    `    at ${folder}/dist/sim/second.js, made.cjs:7:3`,
  ]);
});

test.each(["sim", "swarmd", "swarmctl"])("%s starts under flags of its own", (name) => {
  const words = ["--stack-size=900", join(bin, `${name}.js`), "--version"];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
  expect({ status, stdout, stderr }).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    stderr: "",
  });
});
