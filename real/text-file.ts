import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

const troubles: Readonly<Partial<Record<string, string>>> = {
  ENOENT: "there is no such file or folder",
  EEXIST: "there is something of that name",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a folder",
  ENOTDIR: "what is above it is no folder",
  ENOSPC: "the disk is full",
  EROFS: "the file system is read-only",
  EADDRINUSE: "another program listens there",
  EADDRNOTAVAIL: "this machine has no such address",
  ECONNREFUSED: "nobody listens there",
  EHOSTUNREACH: "its machine does not answer",
  ENETUNREACH: "there is no way to its network",
  ENOTFOUND: "there is no host of that name",
};

/** What is wrong with a file or an address, in words where the system has but a number. */
export function troubleOf(error: unknown): string {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return troubles[code] ?? message;
}

/**
 * Puts `content` in place of the file, whole or not at all, and on the disk before it returns.
 * Only this user may read it. Throws with the path and what is wrong; then nothing is left of it.
 */
export function replaceFile(path: string, content: string | Uint8Array): void {
  try {
    replace(path, content);
  } catch (error) {
    dropDraft(path);
    throw new Error(`can't write ${path}: ${troubleOf(error)}`, { cause: error });
  }
}

/** Throws where there is a device or the like: `replaceFile` would put a file in its place. */
export function checkReplaceable(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isFile()) return;
  const what = found.isDirectory() ? "it is a folder" : "it is there and is no file";
  throw new Error(`can't write ${path}: ${what}`);
}

function draftOf(path: string): string {
  return `${path}.new`;
}

function dropDraft(path: string): void {
  try {
    rmSync(draftOf(path), { force: true });
  } catch {
    // A folder is in its place, and that is why nothing was written.
  }
}

/** What is there under the draft's name may be a link of another user's, or open to read. */
function replace(path: string, content: string | Uint8Array): void {
  const draft = draftOf(path);
  dropDraft(path);
  const file = openSync(draft, "wx", 0o600);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** What is in the file. Throws with the path and what is wrong. */
export function bytesIn(path: string): Buffer {
  return bytesOf(path, path);
}

/** All that comes on standard input. Throws with what is wrong. */
export function bytesOfInput(): Buffer {
  return bytesOf(0, "standard input");
}

function bytesOf(file: string | number, name: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Error(`can't read ${name}: ${troubleOf(error)}`, { cause: error });
  }
}

/** What is in the file; null when there is none. Throws as `bytesIn` does. */
export function textIn(path: string): string | null {
  try {
    return bytesIn(path).toString();
  } catch (error) {
    const { code } = (error as Error).cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw error;
  }
}
