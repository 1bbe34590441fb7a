import { readdirSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";

/** As much as LevelDB puts into one log before it begins the next. */
const roomBytes = 4 * 1024 * 1024;
/** After this many bytes written it is looked whether there is a new log. */
const lookAfterBytes = 64 * 1024;
const zeros = new Uint8Array(256 * 1024);

/**
 * Room in LevelDB's log that is made beforehand. To sync a file that grows, the file system has to
 * sync its own journal too; of one whose bytes are there already, just these bytes. What is not
 * written yet is zeros, which LevelDB passes over when it reads a log (`log_reader.cc`, kZeroType).
 *
 * The log is LevelDB's own: room is added behind its end, and only while nothing is written.
 */
export class LogRoom {
  readonly #folder: string;
  #log: string | null = null;
  #written = lookAfterBytes;

  constructor(folder: string) {
    this.#folder = folder;
  }

  wrote(bytes: number): void {
    this.#written += bytes;
  }

  get isWanted(): boolean {
    return this.#written >= lookAfterBytes;
  }

  /** Never rejects: a disk without room for this says so when a record is written. */
  make(): Promise<void> {
    this.#written = 0;
    return this.#makeInNewLog().catch(() => undefined);
  }

  async #makeInNewLog(): Promise<void> {
    const log = newestLog(this.#folder);
    if (log === undefined || log === this.#log) return;
    this.#log = log;
    await extend(join(this.#folder, log));
  }
}

function newestLog(folder: string): string | undefined {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".log"))
    .sort()
    .at(-1);
}

async function extend(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    const { size } = await file.stat();
    for (let at = size; at < size + roomBytes; at += zeros.length) {
      await file.write(zeros, 0, zeros.length, at);
    }
    await file.datasync();
  } finally {
    await file.close();
  }
}
