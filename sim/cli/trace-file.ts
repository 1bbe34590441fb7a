import { closeSync, openSync, realpathSync, writeSync } from "node:fs";
import { WrongInput } from "./exit-codes.ts";

const bufferMax = 64 * 1024;

/** A file of one line per event. Written at once when a buffer is full: a run never waits. */
export class TraceFile {
  /** Why the file is not complete, or null. */
  problem: string | null = null;
  readonly #path: string;
  readonly #file: number;
  #lines: string[] = [];
  #size = 0;

  /** Makes the file, or empties it. @throws WrongInput when that can't be, or `inputs` has it. */
  constructor(path: string, inputs: readonly string[]) {
    if (inputs.some((input) => isSameFile(input, path))) {
      throw new WrongInput(`--trace ${path}: that is the scenario itself`);
    }
    this.#path = path;
    try {
      this.#file = openSync(path, "w");
    } catch (error) {
      throw new WrongInput(`--trace ${path}: ${reasonOf(error)}`);
    }
  }

  /** Adds a line. Never throws: it is called from inside of a run. */
  line(text: string): void {
    this.#lines.push(text);
    this.#size += text.length + 1;
    if (this.#size >= bufferMax) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }

  #flush(): void {
    if (this.#lines.length === 0) return;
    const bytes = Buffer.from(`${this.#lines.join("\n")}\n`);
    this.#lines = [];
    this.#size = 0;
    if (this.problem !== null) return;
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      this.problem = `--trace ${this.#path}: ${reasonOf(error)}; the trace breaks off`;
    }
  }
}

function isSameFile(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return "there is no such folder";
    case "EISDIR":
      return "that is a folder";
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
