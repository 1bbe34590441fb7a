// tsc emits plain files; npx and a PATH want the programs of package.json executable.
import { chmodSync, existsSync, readFileSync } from "node:fs";

const root = new URL("../", import.meta.url);
const { bin } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));

for (const [name, path] of Object.entries(bin)) {
  const file = new URL(path, root);
  if (existsSync(file)) chmodSync(file, 0o755);
  else console.warn(`${name}: the build made no ${path}`);
}
