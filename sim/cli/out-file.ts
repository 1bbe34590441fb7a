import {
  accessSync,
  closeSync,
  constants,
  openSync,
  realpathSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { WrongInput } from "./exit-codes.ts";

const bufferMax = 64 * 1024;

/** A file that is needed for something else, and for what. */
export interface Taken {
  readonly path: string;
  readonly what: string;
}

/** A file that a flag asks for. Written at once when a buffer is full: a run never waits. */
export class OutFile {
  /** Why the file is not complete, or null. */
  problem: string | null = null;
  readonly #name: string;
  readonly #file: number;
  #texts: string[] = [];
  #size = 0;

  /** Makes the file, or empties it. @throws WrongInput when that can't be, or it is taken. */
  constructor(flag: `--${string}`, path: string, taken: readonly Taken[]) {
    this.#name = `${flag} ${path}`;
    checkFree(flag, path, taken);
    try {
      this.#file = openSync(path, "w");
    } catch (error) {
      throw new WrongInput(`${this.#name}: ${reasonOf(error)}`);
    }
  }

  /** Adds whole lines. Never throws: it is called from inside of a run. */
  write(text: string): void {
    this.#texts.push(text);
    this.#size += text.length;
    if (this.#size >= bufferMax) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }

  #flush(): void {
    const bytes = Buffer.from(this.#texts.join(""));
    this.#texts = [];
    this.#size = 0;
    if (this.problem !== null) return;
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      this.problem = `${this.#name}: ${reasonOf(error)}; the file breaks off`;
    }
  }
}

/** Refuses at once what could not be written at the end of the work. @throws WrongInput */
export function checkOutFile(
  flag: `--${string}`,
  path: string,
  taken: readonly Taken[] = [],
): void {
  checkFree(flag, path, taken);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) throw new WrongInput(`${flag} ${path}: that is a folder`);
  checkWritable(flag, path, found === undefined ? dirname(path) : path);
}

/** The same of a folder, which is made where it is missing, below one that is there. */
export function checkOutFolder(flag: `--${string}`, path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() === false) throw new WrongInput(`${flag} ${path}: that is no folder`);
  checkWritable(flag, path, found === undefined ? dirname(path) : path);
}

function checkFree(flag: `--${string}`, path: string, taken: readonly Taken[]): void {
  const other = taken.find((each) => isSameFile(each.path, path));
  if (other !== undefined) throw new WrongInput(`${flag} ${path}: that is ${other.what}`);
}

function checkWritable(flag: `--${string}`, path: string, place: string): void {
  try {
    accessSync(place, constants.W_OK);
  } catch (error) {
    throw new WrongInput(`${flag} ${path}: ${reasonOf(error)}`);
  }
}

function isSameFile(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}

export function reasonOf(error: unknown): string {
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
