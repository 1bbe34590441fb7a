import { copyFileSync, statSync, truncateSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Timestamp } from "../../core/base/time.ts";
import type { LogLine, LogOptions } from "../engine.ts";
import { LineSplitter } from "../lines.ts";

const streams = ["stdout", "stderr"] as const;
/** A log that has grown beyond this is begun anew; the one before it is kept. */
const fileBytesMost = 8 * 1024 * 1024;
const lookEveryMs = 200;
const chunkBytes = 64 * 1024;

/** Keeps a task's logs within their bounds. What is written while it copies may be lost. */
export function trimLogs(folder: string): void {
  for (const stream of streams) {
    const path = join(folder, `${stream}.log`);
    if (sizeOf(path) <= fileBytesMost) continue;
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
  }
}

/**
 * What a task has written. It goes straight into files, so nobody knows when; `since` can't be
 * heeded, and lines of the two streams are in order only each for itself. No more of a file is in
 * memory than a piece, or the lines of `tail`.
 */
export async function* processLogs(
  folder: string,
  isRunning: () => boolean,
  { follow, tail, signal }: LogOptions,
): AsyncGenerator<LogLine> {
  const readers = streams.map((stream) => new LogReader(folder, stream));
  if (tail === null) for (const reader of readers) yield* reader.older();
  else yield* await lastOf(readers, tail);
  while (follow && signal?.aborted !== true) {
    const wasRunning = isRunning();
    for (const reader of readers) yield* reader.newer();
    if (!wasRunning) break;
    await delay(lookEveryMs);
  }
  for (const reader of readers) yield* reader.last();
}

async function lastOf(readers: readonly LogReader[], count: number): Promise<LogLine[]> {
  const kept: LogLine[] = [];
  for (const reader of readers) {
    for await (const line of reader.older()) {
      kept.push(line);
      if (kept.length >= 2 * count + 1_000) kept.splice(0, kept.length - count);
    }
  }
  return count === 0 ? [] : kept.slice(-count);
}

class LogReader {
  readonly #stream: (typeof streams)[number];
  readonly #path: string;
  readonly #splitter = new LineSplitter();
  #offset = 0;

  constructor(folder: string, stream: (typeof streams)[number]) {
    this.#stream = stream;
    this.#path = join(folder, `${stream}.log`);
  }

  /** All that is kept, the file before this one too. */
  async *older(): AsyncGenerator<LogLine> {
    for await (const bytes of piecesOf(`${this.#path}.1`, 0)) yield* this.#linesIn(bytes);
    yield* this.newer();
  }

  async *newer(): AsyncGenerator<LogLine> {
    if (sizeOf(this.#path) < this.#offset) this.#offset = 0;
    for await (const bytes of piecesOf(this.#path, this.#offset)) {
      this.#offset += bytes.length;
      yield* this.#linesIn(bytes);
    }
  }

  last(): LogLine[] {
    const rest = this.#splitter.end();
    return rest === "" ? [] : [this.#line(rest)];
  }

  #linesIn(bytes: Uint8Array): LogLine[] {
    return this.#splitter.push(bytes).map((text) => this.#line(text));
  }

  #line(text: string): LogLine {
    return { stream: this.#stream, at: 0 as Timestamp, text };
  }
}

/** A file that is not there has nothing in it. */
async function* piecesOf(path: string, from: number): AsyncGenerator<Uint8Array> {
  if (sizeOf(path) <= from) return;
  const file = await openIfThere(path);
  if (file === null) return;
  try {
    for (let at = from; ; ) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(chunkBytes), 0, chunkBytes, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
