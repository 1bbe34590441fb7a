import {
  accessSync,
  closeSync,
  constants,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { WrongInput } from "./exit-codes.ts";

const bufferMax = 64 * 1024;

/** A file that is needed for something else, and for what. */
export interface Taken {
  readonly path: string;
  readonly what: string;
}

/**
 * A file that a flag asks for. It is made, or emptied, when there is something to write: what was
 * in it before is not lost to a run that never comes so far. Written at once when a buffer is full:
 * a run never waits.
 */
export class OutFile {
  /** Why the file is not complete, or null. */
  problem: string | null = null;
  readonly #name: string;
  readonly #path: string;
  #file: number | null = null;
  #texts: string[] = [];
  #size = 0;

  /** @throws WrongInput when it can't be written, or is taken. */
  constructor(flag: `--${string}`, path: string, taken: readonly Taken[]) {
    checkOutFile(flag, path, taken);
    this.#name = `${flag} ${path}`;
    this.#path = path;
  }

  /** Adds whole lines. Never throws: it is called from inside of a run. */
  write(text: string): void {
    this.#texts.push(text);
    this.#size += text.length;
    if (this.#size >= bufferMax) this.#flush();
  }

  close(): void {
    this.#flush();
    if (this.#file !== null) closeSync(this.#file);
  }

  #flush(): void {
    const bytes = Buffer.from(this.#texts.join(""));
    this.#texts = [];
    this.#size = 0;
    if (this.problem !== null) return;
    try {
      this.#file ??= openSync(this.#path, "w");
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      const rest = this.#file === null ? "" : "; the file breaks off";
      this.problem = `${this.#name}: ${writeFailure(error)}${rest}`;
    }
  }
}

/** Writes a whole file, in place of what was there. Why that could not be, or null. */
export function writeOut(flag: `--${string}`, path: string, text: string): string | null {
  try {
    writeWhole(path, text);
    return null;
  } catch (error) {
    return `${flag} ${path}: ${writeFailure(error)}`;
  }
}

/**
 * The same. Throws where the disk is full: then what was there is there still, and nothing of the
 * text. Only where no other file can be in its place for a moment is it written as it stands.
 */
export function writeWhole(path: string, text: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  const whole = found === undefined ? path : realpathSync(path);
  const part = `${whole}.part`;
  if (found !== undefined && !found.isFile()) return writeFileSync(path, text);
  try {
    writeFileSync(part, text);
    renameSync(part, whole);
  } catch (error) {
    dropPart(part);
    if ((error as NodeJS.ErrnoException).code === "ENOSPC") throw error;
    writeFileSync(path, text);
  }
}

function dropPart(part: string): void {
  try {
    rmSync(part, { force: true });
  } catch {
    // A folder is in its place: nothing was written there.
  }
}

/** Refuses at once what could not be written at the end of the work. @throws WrongInput */
export function checkOutFile(
  flag: `--${string}`,
  path: string,
  taken: readonly Taken[] = [],
): void {
  const other = taken.find((each) => isSameFile(each.path, path));
  if (other !== undefined) throw new WrongInput(`${flag} ${path}: that is ${other.what}`);
  checkPlace(flag, path, (isFolder) => (isFolder ? "that is a folder" : null));
}

/** The same of a folder, which is made where it is missing, below one that is there. */
export function checkOutFolder(flag: `--${string}`, path: string): void {
  checkPlace(flag, path, (isFolder) => (isFolder ? null : "that is no folder"));
}

/** `wrongWith` says what is wrong with what is there. */
function checkPlace(
  flag: `--${string}`,
  path: string,
  wrongWith: (isFolder: boolean) => string | null,
): void {
  let wrong: string | null = null;
  if (path === "-")
    throw new WrongInput(`${flag} -: name a file; standard output is for the story`);
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found !== undefined) wrong = wrongWith(found.isDirectory());
    accessSync(found === undefined ? `${dirname(path)}/.` : path, constants.W_OK);
  } catch (error) {
    wrong ??= writeFailure(error);
  }
  if (wrong !== null) throw new WrongInput(`${flag} ${path}: ${wrong}`);
}

function isSameFile(one: string, other: string): boolean {
  try {
    return realPath(one) === realPath(other);
  } catch {
    return false;
  }
}

/** Also of a file that is still to be made, in a folder that is there. */
function realPath(path: string): string {
  const isThere = statSync(path, { throwIfNoEntry: false }) !== undefined;
  return isThere ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path));
}

export function writeFailure(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return "there is no such folder";
    case "EISDIR":
      return "that is a folder";
    case "ENOTDIR":
      return "a part of it is a file, and no folder";
    case "EACCES":
    case "EROFS":
    case "EPERM":
      return "it may not be written";
    case "ENOSPC":
      return "the disk is full";
    default:
      return message;
  }
}
