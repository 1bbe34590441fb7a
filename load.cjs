// Starts a program of `dist/bin` with what V8 has made of it at the build, if that was this V8 with
// these flags: compiling it takes longer than all else that a start does.
//
//   node load.js NAME ARGUMENTS...     runs the program, and keeps what V8 has made of it by its end
const { existsSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { cachedDataVersionTag } = require("node:v8");
const { constants, Script } = require("node:vm");

/** `NAME.cjs` is one expression: a function of what Node gives to a module. */
function load(name, module, require, isKept = false) {
  const filename = join(__dirname, `${name}.cjs`);
  const kept = join(__dirname, `${name}.${cachedDataVersionTag()}.kept`);
  const script = new Script(readFileSync(filename, "latin1"), {
    filename,
    cachedData: existsSync(kept) ? readFileSync(kept) : undefined,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  if (isKept) process.once("exit", () => writeWhole(kept, script.createCachedData()));
  script.runInThisContext()(module.exports, require, module, filename, __dirname);
}

/** Another process may start meanwhile. */
function writeWhole(path, bytes) {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, bytes);
  renameSync(draft, path);
}

module.exports = load;
if (require.main === module) load(process.argv.splice(2, 1)[0], module, require, true);
