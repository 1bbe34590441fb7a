// Runs a program that is written in TypeScript among the tests: `node test/run.js FILE ARGUMENTS...`.
// The tests' own files are bundled into `dist/test`, which is as deep as `test/support`, so that
// paths in them stay true; what they import of the product is what was built.
import { basename, dirname, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const [file = "", ...args] = process.argv.slice(2);
const outfile = resolve(root, "dist/test", `${basename(file, ".ts")}.js`);

const product = {
  name: "product",
  setup({ onResolve }) {
    onResolve({ filter: /^\..*\.ts$/ }, ({ resolveDir, path }) => {
      const target = relative(root, resolve(resolveDir, path));
      if (target.startsWith("test/")) return null;
      const built = resolve(root, "dist", target.replace(/\.ts$/, ".js"));
      return { path: `./${relative(dirname(outfile), built)}`, external: true };
    });
  },
};

await build({
  entryPoints: [file],
  outfile,
  bundle: true,
  packages: "external",
  plugins: [product],
  platform: "node",
  format: "esm",
  sourcemap: "inline",
  logLevel: "warning",
});
process.argv = [process.argv[0], file, ...args];
await import(pathToFileURL(outfile).href);
