// Starts a program of `dist/bin` with what V8 has made of it at the build, if that was this V8 with
// these flags: compiling it takes longer than all else that a start does.
//
//   node load.js NAME ARGUMENTS...     runs the program, and keeps what V8 has made of it by its end
const { existsSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { basename, join } = require("node:path");
const { cachedDataVersionTag } = require("node:v8");
const { Script } = require("node:vm");

/** `NAME.cjs` is one expression: a function of what Node gives to a module. */
function load(name, module, require, isKept = false) {
  const filename = join(__dirname, `${name}.cjs`);
  const kept = join(__dirname, `${name}.${cachedDataVersionTag()}.kept`);
  const text = readFileSync(filename, "latin1");
  const script = new Script(text, {
    filename,
    cachedData: existsSync(kept) ? readFileSync(kept) : undefined,
  });
  if (isKept) process.once("exit", () => writeWhole(kept, script.createCachedData()));
  nameModules(filename);
  script.runInThisContext()(module.exports, require, module, filename, __dirname);
}

/**
 * Errors tell from now on which modules their calls in this file were in; not where it is gone, as
 * under a program that runs on while a newer version is installed.
 */
function nameModules(filename) {
  let found = null;
  Error.prepareStackTrace = (error, calls) => {
    found ??= linesOf(filename);
    const lines = calls.map((call) => `\n    at ${withModule(String(call), filename, found)}`);
    return `${error}${lines.join("")}`;
  };
}

/** None where it can't be read. */
function linesOf(filename) {
  try {
    return readFileSync(filename, "latin1").split("\n");
  } catch {
    return [];
  }
}

/** A place in the one file, after the module that it comes from: a comment before each says which. */
function withModule(call, filename, lines) {
  const at = call.indexOf(`${filename}:`);
  if (at < 0) return call;
  const line = Number.parseInt(call.slice(at + filename.length + 1), 10);
  const begin = lines.slice(0, line).findLastIndex((each) => isModule.test(each));
  if (begin < 0) return call;
  const module = join(__dirname, "../..", lines[begin].slice(3));
  return call.replace(filename, () => `${module}, ${basename(filename)}`);
}

const isModule = /^\/\/ \S+\/\S+$/;

/** Another process may start meanwhile. */
function writeWhole(path, bytes) {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, bytes);
  renameSync(draft, path);
}

module.exports = Object.assign(load, { nameModules });
if (require.main === module) load(process.argv.splice(2, 1)[0], module, require, true);
