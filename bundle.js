// Makes `dist/bin` of what the compiler has written: each program, and each thread and process that
// one starts, as one file, and beside it what V8 has made of that. A program that reads a thousand
// small files, and compiles them, takes five times as long to start. Where all that these are made of is
// as it was, only what V8 makes of them is made, by a V8 that has not yet.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { cachedDataVersionTag } from "node:v8";

const root = fileURLToPath(new URL(".", import.meta.url));
const bin = join(root, "dist/bin");
/** Each with what has most of it run. */
const programs = new Map([
  ["sim", ["run", join(root, "scenarios/partition.ts")]],
  ["swarmd", ["--help"]],
  ["swarmctl", ["--help"]],
]);
const started = [
  ...["sim/cli/checkpoint-process", "real/ingress/mesh-worker", "real/overlay/names-worker"],
  ...["benign", "bugs", "explore", "liveness", "seed", "why"].map((of) => `sim/cli/${of}-worker`),
];
const inDist = (path) => join(root, `dist/${path}.js`);
const scripts = new Map([
  [inDist("sim/cli"), "sim"],
  ...["real/swarmd", "real/swarmctl", ...started].map((path) => [inDist(path), basename(path)]),
]);
/** A library of the view waits while it is loaded, as a module alone can: V8's work on it is not kept. */
const modules = new Map([[inDist("tui/main"), "tui"]]);
const fileNames = new Map([
  ...[...scripts].map(([path, name]) => [path, `${name}.js`]),
  ...[...modules].map(([path, name]) => [path, `${name}.mjs`]),
]);

/** A module goes on to name files by their places beside it, and what it starts by what is made of it here. */
const places = {
  name: "places",
  setup({ onLoad }) {
    onLoad({ filter: /\/dist\/(core|sim|real|tui)\/.*\.js$/ }, ({ path }) => {
      const contents = readFileSync(path, "utf8").replace(
        /new URL\("([^"]+)", import\.meta\.url\)|import\.meta\.url/g,
        (text, place) => {
          const named = place === undefined ? path : resolve(dirname(path), place);
          const name = fileNames.get(named);
          if (name !== undefined) return urlOf(name);
          return text.replace("import.meta.url", urlOf(relative(bin, path)));
        },
      );
      return { contents };
    });
  },
};

function entries(programs) {
  return [...programs].map(([path, name]) => ({ in: path, out: name }));
}

/** Of a file, told from `dist/bin`. */
function urlOf(path) {
  return `new URL(${JSON.stringify(path)}, require("node:url").pathToFileURL(__filename))`;
}

/**
 * Ways to an engine that ours never go, and what they need is a fifth of a daemon's code; and what
 * the view's library has for those who mend it.
 */
const unused = {
  name: "unused",
  setup({ onLoad }) {
    const paths = /\/(docker-modem\/lib\/ssh|dockerode\/lib\/session|ink\/build\/devtools)\.js$/;
    onLoad({ filter: paths }, () => ({ contents: "" }));
  },
};

const common = {
  ...{ absWorkingDir: root, outdir: bin, bundle: true, platform: "node", target: "node20" },
  // What has machine code of its own, is a program, or need not be there.
  external: ["classic-level", "esbuild", "cpu-features", "*.node"],
  // React looks at it.
  define: { "process.env.NODE_ENV": '"production"' },
  plugins: [places, unused],
  ...{ metafile: true, write: false, logLevel: "warning" },
};
const ofScripts = {
  ...common,
  entryPoints: entries(scripts),
  format: "cjs",
  // As a script: a function of what a module has.
  banner: { js: "(function (exports, require, module, __filename, __dirname) {" },
  footer: { js: "})" },
};
const ofModules = {
  ...common,
  entryPoints: entries(modules),
  format: "esm",
  outExtension: { ".js": ".mjs" },
  // What a script is given.
  banner: {
    js: [
      'const require = process.getBuiltinModule("node:module").createRequire(import.meta.url);',
      "const { filename: __filename, dirname: __dirname } = import.meta;",
      'require("./load.js").nameModules(__filename);',
    ].join("\n"),
  },
};
const written = new Set();
const record = join(bin, "made-of.json");
const sources = sourcesOfAll();
const madeOf = digestOf(sources);
if (!isMade()) await make();
const { files } = JSON.parse(readFileSync(record, "utf8"));
for (const [name, args] of programs) keep(name, args);

/** All that the programs are made of; of libraries the list of their versions. */
function sourcesOfAll() {
  const own = ["bundle.js", "load.cjs", "real/swarmctl.sh", "package-lock.json"];
  const built = ["core", "sim", "real", "tui"].flatMap((folder) => {
    const paths = readdirSync(join(root, "dist", folder), { recursive: true });
    return paths.filter((path) => path.endsWith(".js")).map((path) => `dist/${folder}/${path}`);
  });
  return [...own, ...built.sort()];
}

function digestOf(paths) {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(`${path}\n`).update(readFileSync(join(root, path)));
  return hash.digest("hex");
}

/** Whether all is there that was made of just these sources. */
function isMade() {
  if (!existsSync(record)) return false;
  const made = JSON.parse(readFileSync(record, "utf8"));
  return made.of === madeOf && made.files.every((file) => existsSync(join(bin, file)));
}

async function make() {
  const { build } = await import("esbuild");
  rmSync(record, { force: true });
  const inScripts = await build(ofScripts);
  const inModules = await build(ofModules);
  mkdirSync(bin, { recursive: true });
  const inputs = [inScripts, inModules].flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const unknown = inputs.find((path) => !/node_modules/.test(path) && !sources.includes(path));
  if (unknown !== undefined) throw new Error(`bundle.js would not see that ${unknown} changes`);
  put("package.json", '{ "type": "commonjs" }\n');
  put("LICENSES.txt", licences(inputs));
  put("load.js", readFileSync(join(root, "load.cjs"), "utf8"));
  put("swarmctl.sh", readFileSync(join(root, "real/swarmctl.sh"), "utf8"));
  for (const { path, text } of inScripts.outputFiles) putProgram(basename(path, ".js"), text);
  for (const { path, text } of inModules.outputFiles) put(basename(path), text);
  // Of an earlier build only now, as a program that runs may still come to load it.
  for (const file of readdirSync(bin)) if (!isOfNow(file)) rmSync(join(bin, file));
  const draft = `${record}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ of: madeOf, files: [...written] }));
  renameSync(draft, record);
}

/** What was written now, or what some version of V8 has made of it. */
function isOfNow(file) {
  return written.has(file.replace(/\.\d+\.kept$/, ".cjs"));
}

/** What is as it was stays untouched: a program may be about to load it. */
function put(name, text) {
  written.add(name);
  const path = join(bin, name);
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  writeFileSync(path, text, { mode: text.startsWith("#!") ? 0o755 : 0o644 });
}

/** V8 knows what it has made of a program by the program's length alone: the name says which it is. */
function putProgram(name, text) {
  const code = text.replace(/^#!.*\n/, "").replace(/\P{ASCII}/gu, escaped);
  const whole = `${name}-${createHash("sha256").update(code).digest("hex").slice(0, 12)}`;
  put(`${whole}.cjs`, code);
  put(`${name}.js`, `#!/usr/bin/env node\nrequire("./load.js")("${whole}", module, require);\n`);
}

/** What this V8 makes of a program, where it is not there yet; that of other versions stays. */
function keep(name, args) {
  const file = files.find((file) => file.startsWith(`${name}-`) && file.endsWith(".cjs"));
  const whole = basename(file, ".cjs");
  if (existsSync(join(bin, `${whole}.${cachedDataVersionTag()}.kept`))) return;
  // What comes of it is no matter here: a simulated run may find a bug.
  spawnSync(process.execPath, [join(bin, "load.js"), whole, ...args]);
}

/** The same in a string, a pattern or a comment; V8 reads a text of bytes faster. */
function escaped(letter) {
  const units = letter.split("").map((unit) => unit.charCodeAt(0).toString(16).padStart(4, "0"));
  return units.map((unit) => `\\u${unit}`).join("");
}

/** Of the libraries that these files are of, one after the other. */
function licences(inputs) {
  const folders = inputs.flatMap(
    (path) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [],
  );
  return [...new Set(folders)]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
      const files = readdirSync(folder).filter((file) =>
        /^(licen[cs]e|notice|copying)/i.test(file),
      );
      const texts = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
      return [`${name} ${version}, ${license}`, ...texts].join("\n\n");
    })
    .join("\n\n\n");
}
