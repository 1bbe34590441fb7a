import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript-api";
import { expect, test } from "vitest";

// Goal: code of core that reaches for the machine does not compile.
// Method: a file that exists in memory only, compiled with the options of core/tsconfig.json.

const project = fileURLToPath(new URL("../core/tsconfig.json", import.meta.url));
const probe = join(dirname(project), "probe.ts");

function optionsOfCore(): ts.CompilerOptions {
  const config = ts.readConfigFile(project, ts.sys.readFile);
  const parsed = ts.parseJsonConfigFileContent(config.config, ts.sys, dirname(project));
  expect(parsed.errors).toEqual([]);
  return { ...parsed.options, composite: false, incremental: false, noEmit: true };
}

/** What the compiler says about `text`, a line each. */
function diagnostics(text: string): string[] {
  const options = optionsOfCore();
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (path) => path === probe || fileExists(path);
  host.getSourceFile = (path, ...rest) =>
    path === probe
      ? ts.createSourceFile(path, text, ts.ScriptTarget.ES2022)
      : getSourceFile(path, ...rest);
  return ts
    .getPreEmitDiagnostics(ts.createProgram([probe], options, host))
    .map(({ file, start = 0, messageText }) => {
      const line = (file?.getLineAndCharacterOfPosition(start).line ?? -1) + 1;
      return `${line}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
    });
}

const ambient = ["setTimeout", "process", "console", "fetch", "Buffer", "performance", "crypto"];

test("core does not compile with names of Node.js or of a browser", () => {
  const text = ambient.map((name) => `export const a_${name} = ${name};`).join("\n");
  const named = diagnostics(text).map((line) => line.replace(/(Cannot find name '\w+').*/, "$1"));
  expect(named).toEqual(ambient.map((name, at) => `${at + 1}: Cannot find name '${name}'`));
});

test("core does not compile with a module of Node.js", () => {
  expect(diagnostics('import { readFileSync } from "node:fs";\nreadFileSync("a");')).toEqual([
    expect.stringContaining("1: Cannot find"),
  ]);
});

test("core compiles with the language alone", () => {
  expect(diagnostics("export const sorted = [2, 1].sort((a, b) => a - b);")).toEqual([]);
});
