import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse, type Text, type Tree } from "./source.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folders = ["core", "sim", "real", "tui", "scenarios", "examples", "test"];

/** This checkout: sources as they are on disk, committed or not, and the texts that git tracks. */
export function repository(): Tree {
  return { sources: folders.flatMap(sourcesBelow).map(read).map(parse), texts: tracked() };
}

function sourcesBelow(folder: string): string[] {
  if (!existsSync(root + folder)) return [];
  return readdirSync(root + folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
    .sort();
}

function tracked(): Text[] {
  const names = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" });
  return names
    .split("\0")
    .filter((path) => path !== "" && existsSync(root + path))
    .map(read)
    .filter(({ text }) => !text.includes("\0"));
}

function read(path: string): Text {
  return { path, text: readFileSync(root + path, "utf8") };
}
