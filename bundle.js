// Makes `dist/bin` of what the compiler has written: each program, and each thread and process that
// one starts, as one file and what it shares with others. A program that reads a thousand small
// files takes three times as long to start.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL(".", import.meta.url));
const bin = join(root, "dist/bin");
const started = [
  ...["real/swarmd", "real/swarmctl", "sim/cli/checkpoint-process"],
  ...["real/ingress/mesh-worker", "real/overlay/names-worker"],
  ...["benign", "bugs", "explore", "liveness", "seed", "why"].map((of) => `sim/cli/${of}-worker`),
];
const inDist = (path) => join(root, `dist/${path}.js`);
const names = new Map([
  [inDist("sim/cli"), "sim"],
  ...started.map((path) => [inDist(path), basename(path)]),
]);

/** A module goes on to name files by their places beside it, and what it starts by what is made of it here. */
const places = {
  name: "places",
  setup({ onLoad }) {
    onLoad({ filter: /\/dist\/(core|sim|real|tui)\/.*\.js$/ }, ({ path }) => {
      if (names.has(path)) return null;
      const contents = readFileSync(path, "utf8").replace(
        /new URL\("([^"]+)", import\.meta\.url\)|import\.meta\.url/g,
        (text, place) => {
          const name = names.get(resolve(dirname(path), place ?? ""));
          if (name !== undefined) return `new URL("./${name}.js", import.meta.url)`;
          const own = `new URL(${JSON.stringify(relative(bin, path))}, import.meta.url)`;
          return text.replace("import.meta.url", own);
        },
      );
      return { contents };
    });
  },
};

const { metafile, outputFiles } = await build({
  entryPoints: [...names].map(([path, name]) => ({ in: path, out: name })),
  outdir: bin,
  bundle: true,
  splitting: true,
  platform: "node",
  format: "esm",
  target: "node20",
  // What has machine code of its own, is a program, or need not be there.
  external: ["classic-level", "esbuild", "cpu-features", "*.node"],
  banner: {
    js: `import { createRequire as requireOf } from "node:module";
const require = requireOf(import.meta.url), __dirname = import.meta.dirname;`,
  },
  plugins: [places],
  metafile: true,
  write: false,
  logLevel: "warning",
});
mkdirSync(bin, { recursive: true });
// What is as it was stays untouched: a program may be about to load it.
for (const { path, contents, text } of outputFiles) {
  if (existsSync(path) && readFileSync(path).equals(contents)) continue;
  writeFileSync(path, contents, { mode: text.startsWith("#!") ? 0o755 : 0o644 });
}
// Of an earlier build only now, as a program that runs may still come to load it.
const kept = Object.keys(metafile.outputs).map((path) => basename(path));
const written = new Set([...kept, "swarmctl.sh", "LICENSES.txt"]);
for (const file of readdirSync(bin)) if (!written.has(file)) rmSync(join(bin, file));
copyFileSync(join(root, "real/swarmctl.sh"), join(bin, "swarmctl.sh"));
writeFileSync(join(bin, "LICENSES.txt"), licences(Object.keys(metafile.inputs)));

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
