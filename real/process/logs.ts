import { closeSync, copyFileSync, openSync, readSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
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
 * What a task has written. It goes straight into files, so nobody knows when; `sinceMs` can't be
 * heeded, and lines of the two streams are in order only each for itself.
 */
export async function* processLogs(
  folder: string,
  isRunning: () => boolean,
  { follow, tail, signal }: LogOptions,
): AsyncGenerator<LogLine> {
  const readers = streams.map((stream) => new LogReader(folder, stream));
  const old = readers.flatMap((reader) => reader.older());
  yield* tail === null ? old : old.slice(Math.max(0, old.length - tail));
  while (follow && signal?.aborted !== true) {
    const wasRunning = isRunning();
    for (const reader of readers) yield* reader.newer();
    if (!wasRunning) break;
    await delay(lookEveryMs);
  }
  for (const reader of readers) yield* reader.last();
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
  older(): LogLine[] {
    const before = readFrom(`${this.#path}.1`, 0).flatMap((bytes) => this.#splitter.push(bytes));
    return [...before.map((text) => this.#line(text)), ...this.newer()];
  }

  newer(): LogLine[] {
    if (sizeOf(this.#path) < this.#offset) this.#offset = 0;
    const chunks = readFrom(this.#path, this.#offset);
    for (const { length } of chunks) this.#offset += length;
    return chunks.flatMap((bytes) => this.#splitter.push(bytes)).map((text) => this.#line(text));
  }

  last(): LogLine[] {
    const rest = this.#splitter.end();
    return rest === "" ? [] : [this.#line(rest)];
  }

  #line(text: string): LogLine {
    return { stream: this.#stream, atMs: 0, text };
  }
}

function readFrom(path: string, offset: number): Buffer[] {
  if (sizeOf(path) <= offset) return [];
  const file = openSync(path, "r");
  const chunks: Buffer[] = [];
  try {
    for (let at = offset; ; ) {
      const chunk = Buffer.alloc(chunkBytes);
      const length = readSync(file, chunk, 0, chunkBytes, at);
      if (length === 0) return chunks;
      chunks.push(chunk.subarray(0, length));
      at += length;
    }
  } finally {
    closeSync(file);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
