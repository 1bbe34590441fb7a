import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { troubleOf } from "./text-file.ts";

const inTheWay: Readonly<Partial<Record<string, string>>> = {
  EEXIST: "there is a file of that name",
  ENOENT: "this is no place for folders",
};

/**
 * Makes the folder, and those above it that are missing; `mode` is for all of them. Throws with
 * what is in the way. One by one: below `/proc`, Node's own `recursive` comes to no end.
 */
export function makeFolder(path: string, mode = 0o777): void {
  if (isFolder(path)) return;
  const above = dirname(path);
  if (above !== path) makeFolder(above, mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (isFolder(path)) return;
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new Error(`can't make the folder ${path}: ${inTheWay[code] ?? troubleOf(error)}`);
  }
}

export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
