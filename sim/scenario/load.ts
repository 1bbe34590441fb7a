import { stat } from "node:fs/promises";
import { builtinModules, SourceMap } from "node:module";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import { compileFunction, runInNewContext } from "node:vm";
import { type BuildFailure, build, type Message, type Plugin } from "esbuild";
import { suggestion } from "./check-problem.ts";
import * as dsl from "./dsl.ts";
import { outside } from "./load-outside.ts";

/**
 * Loads a user's scenario, plain TypeScript or JavaScript anywhere on disk, without a build step.
 *
 * Model: esbuild bundles the file and what it imports into one function, in memory; calling that
 * function gives the default export. Each load calls a new function, so nothing is kept between
 * two loads. `simswarm/scenario` is not bundled: it is the very module that this program runs.
 */

/** A file that cannot be run as a scenario. The message reads like a compiler's. */
export class ScenarioLoadError extends Error {
  override readonly name = "ScenarioLoadError";

  /** `where` is `file`, or `file:line:column`. */
  constructor(where: string, wrong: string, help: string) {
    super(`${where}: ${wrong}\n  ${help}`);
    this.stack = `${this.name}: ${this.message}`;
  }
}

/** A file that takes longer than this to be loaded does not come back by itself. */
const evaluationMostMs = 15_000;

/**
 * The default export of `file`, whose evaluation may take `mostMs` milliseconds; `isScenario` tells
 * a scenario from other values. @throws ScenarioLoadError
 */
export async function loadScenario<T extends object = object>(
  file: string,
  isScenario: (value: unknown) => value is T = isObject as (value: unknown) => value is T,
  mostMs = evaluationMostMs,
): Promise<T> {
  const path = resolve(file);
  await checkFile(path);
  const bundle = await bundled(path);
  const scenario = defaultExport(bundle, evaluated(bundle, mostMs));
  if (isScenario(scenario)) return scenario;
  throw new ScenarioLoadError(
    exportPosition(bundle),
    `the default export is ${described(scenario)}, not a scenario`,
    usage,
  );
}

const dslName = "simswarm/scenario";
const usage = `write \`export default scenario({ ... })\`, with scenario from "${dslName}"`;

interface Bundle {
  readonly path: string;
  readonly code: string;
  readonly map: SourceMap;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

async function checkFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  const isSource = /\.[cm]?[jt]sx?$/.test(path);
  if (found?.isFile() && isSource) return;
  const kind = isSource || found?.isFile() !== true ? "a file" : "a scenario";
  const wrong = found === null ? "there is no such file" : `this is not ${kind}`;
  throw new ScenarioLoadError(shown(path), wrong, "name a scenario file, a .ts or .js");
}

async function bundled(path: string): Promise<Bundle> {
  try {
    const { outputFiles } = await build({
      entryPoints: [path],
      outfile: `${path}.js`,
      bundle: true,
      write: false,
      format: "cjs",
      platform: "neutral",
      mainFields: ["module", "main"],
      target: "es2022",
      sourcemap: "external",
      sourcesContent: false,
      tsconfigRaw: {},
      logLevel: "silent",
      plugins: [onlyData],
    });
    const text = (suffix: string) => outputFiles.find((o) => o.path.endsWith(suffix))?.text ?? "";
    const map = JSON.parse(text(".map"));
    const sources = map.sources.map((source: string) => resolve(dirname(path), source));
    return { path, code: text(".js"), map: new SourceMap({ ...map, sources }) };
  } catch (error) {
    throw fromBuild(path, error as Partial<BuildFailure>);
  }
}

/** Leaves `simswarm/scenario` to `evaluated`, and keeps Node's own modules out. */
const onlyData: Plugin = {
  name: "a scenario is data",
  setup({ onResolve }) {
    const builtins = new Set(builtinModules);
    onResolve({ filter: /^[^./]/ }, ({ path }) => {
      if (path === dslName) return { path, external: true };
      if (/^simswarm\b/.test(path)) {
        return { errors: [{ text: `"${path}" is not for scenarios: import from "${dslName}"` }] };
      }
      if (!path.startsWith("node:") && !builtins.has(path)) return undefined;
      return { errors: [{ text: `a scenario is data: it cannot import "${path}"` }] };
    });
  },
};

function fromBuild(path: string, failure: Partial<BuildFailure>): ScenarioLoadError {
  const first: Partial<Message> = failure.errors?.[0] ?? { text: String(failure) };
  const { location, text = "" } = first;
  if (!location) return new ScenarioLoadError(shown(path), text, "name a scenario file");
  const where = `${shown(resolve(location.file))}:${location.line}:${location.column + 1}`;
  const awaits = text.startsWith("Top-level await");
  const wrong = awaits ? "a scenario is data: it cannot await" : text;
  return new ScenarioLoadError(where, wrong, quoted(location.lineText, location.column));
}

/** What is shown of a line. */
const shownMost = 100;

/** The line around the column, without what would move a terminal's cursor, and a caret below. */
function quoted(line: string, column: number): string {
  const from = Math.max(0, column - shownMost / 2);
  const part = line.slice(from, from + shownMost).replace(/(?!\t)\p{Cc}/gu, " ");
  return `${part}\n  ${part.slice(0, column - from).replace(/[^\t]/g, " ")}^`;
}

/** Runs the bundle; what it exports. */
function evaluated({ path, code, map }: Bundle, timeout: number): Record<string, unknown> {
  const module = { exports: {} as Record<string, unknown> };
  const name = `scenario:${path}`;
  try {
    const names = ["module", "exports", "require", ...Object.keys(outside)];
    const run = compileFunction(code, names, { filename: name });
    const given = [module, module.exports, () => dslOrComplaint, ...Object.values(outside)];
    // Only what a context runs can be given up, and that is all that this one is for.
    runInNewContext("load()", { load: () => run(...given) }, { timeout, displayErrors: false });
    return module.exports;
  } catch (error) {
    if ((error as NodeJS.ErrnoException | null)?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT") {
      const late = `it has not been loaded within ${timeout / 1000} s`;
      throw new ScenarioLoadError(shown(path), late, "a loop in it does not end");
    }
    const where = thrownAt(error, name, map) ?? shown(path);
    const wrong = error instanceof Error ? error.message : String(error);
    throw new ScenarioLoadError(where, wrong, helpFor(error, wrong));
  }
}

/** The DSL; asked for a name that it lacks, it says so where an import would. */
const dslOrComplaint: object = new Proxy(dsl, {
  get(target, key) {
    if (typeof key === "symbol" || key in target) return Reflect.get(target, key);
    if (key === "__esModule") return true;
    throw new UnknownWord(`"${dslName}" has no "${key}"`);
  },
});

class UnknownWord extends Error {}

/** What to do about what was thrown while a file was loaded. */
function helpFor(error: unknown, wrong: string): string {
  const words = Object.keys(dsl);
  if (error instanceof UnknownWord) {
    return suggestion(/"(\w+)"$/.exec(wrong)?.[1] ?? "", words, "word");
  }
  const missing = error instanceof ReferenceError && /^(\w+) is not defined$/.exec(wrong)?.[1];
  if (typeof missing !== "string") return "thrown while the file was loaded";
  if (words.includes(missing)) return `write \`import { ${missing} } from "${dslName}"\``;
  return suggestion(missing, words, "word");
}

/** Where in the user's files the innermost frame of theirs stood. */
function thrownAt(error: unknown, name: string, map: SourceMap): string | null {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const start = stack.indexOf(`${name}:`);
  const found = start < 0 ? null : /^:(\d+):(\d+)/.exec(stack.slice(start + name.length));
  return found ? original(map, Number(found[1]), Number(found[2])) : null;
}

/** A position in the bundle, counted from 1, as `file:line:column` of the source. */
function original(map: SourceMap, line: number, column: number): string | null {
  const entry = map.findEntry(line - 1, column - 1);
  if (!("originalSource" in entry)) return null;
  const { originalSource, originalLine, originalColumn } = entry;
  return `${shown(originalSource)}:${originalLine + 1}:${originalColumn + 1}`;
}

function defaultExport({ path }: Bundle, exports: Record<string, unknown>): unknown {
  if ("default" in exports) return exports.default;
  throw new ScenarioLoadError(shown(path), "there is no default export", usage);
}

function exportPosition({ path, code, map }: Bundle): string {
  const lines = code.split("\n");
  const line = lines.findIndex((text) => /^var \w+_default = /.test(text));
  const column = (lines[line]?.indexOf("=") ?? 0) + 2;
  return (line < 0 ? null : original(map, line + 1, column + 1)) ?? shown(path);
}

function described(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? "a list" : `of type ${typeof value}`;
}

/** A path as the user would type it from here. */
function shown(path: string): string {
  const near = relative("", path);
  return near === "" || near.startsWith("..") || isAbsolute(near) ? path : near;
}
