import { setTimeout as delay } from "node:timers/promises";
import type { LogDriver } from "../../core/model/task-spec.ts";
import type { LogLine, LogOptions } from "../engine.ts";
import { type StampedLine, StampedLog } from "./stamped-log.ts";

/** Where nothing is said of it. */
export const logBytesDefault = 16 * 1024 * 1024;
const lookEveryMs = 200;

const drivers: readonly string[] = ["", "json-file", "local"];

/**
 * How many bytes a task's log may have, as its driver's `max-size` and `max-file` say; 0: none is
 * kept. Throws an `Error` that says what plain processes can't have.
 */
export function logBytesMost(driver: LogDriver | null): number {
  if (driver?.name === "none") return 0;
  const { name, options } = driver ?? { name: "", options: new Map<string, string>() };
  if (!drivers.includes(name)) {
    throw new Error(`plain processes have no log driver ${name}: use Docker`);
  }
  for (const option of options.keys()) {
    if (option === "max-size" || option === "max-file") continue;
    throw new Error(`plain processes have no log option ${option}: use Docker`);
  }
  const size = options.get("max-size");
  const files = Number(options.get("max-file") ?? 1);
  if (!Number.isSafeInteger(files) || files < 1) {
    throw new Error(`invalid value for max-file: ${options.get("max-file")}`);
  }
  return size === undefined ? logBytesDefault : sizeOf(size) * files;
}

/** What a task has written, with the moment of each line, and within its bounds. */
export class TaskLog {
  readonly #streams: readonly StampedLog[];

  constructor(folder: string) {
    this.#streams = [new StampedLog(folder, "stdout"), new StampedLog(folder, "stderr")];
  }

  /** Notes what has come; where it is more than `bytesMost`, what is older goes. */
  look(bytesMost: number): void {
    for (const stream of this.#streams) stream.look();
    const bytes = this.#streams.reduce((sum, stream) => sum + stream.bytes, 0);
    if (bytes > bytesMost) this.#largest().drop(bytesMost / 2);
  }

  /** Lines of both streams in the order of their moments. No more is in memory than a piece. */
  async *read(isRunning: () => boolean, options: LogOptions): AsyncGenerator<LogLine> {
    const { follow, tail, since, until = 0, signal } = options;
    const readers = this.#streams.map((stream) => new Reader(stream));
    let skip = tail === null ? 0 : -tail;
    if (tail !== null) for (const reader of readers) skip += reader.begin(tail);
    for (;;) {
      const isOver = !follow || !isRunning();
      for (const line of merged(readers, isOver)) {
        if (skip > 0) skip -= 1;
        else if (line.at >= since && (until === 0 || line.at <= until)) yield line;
      }
      if (isOver || signal?.aborted === true) return;
      if (until > 0 && Date.now() * 1_000 > until) return;
      await delay(lookEveryMs);
    }
  }

  #largest(): StampedLog {
    return this.#streams.reduce((most, each) => (each.bytes > most.bytes ? each : most));
  }
}

/** Somebody's place in a stream. */
class Reader {
  readonly #log: StampedLog;
  #offset = 0;

  constructor(log: StampedLog) {
    this.#log = log;
  }

  /** At the last `count` lines. Says how many there are. */
  begin(count: number): number {
    this.#log.look();
    const { from, lines } = this.#log.lastLines(count);
    this.#offset = from;
    return lines;
  }

  *newer(isOver: boolean): Generator<StampedLine> {
    this.#log.look();
    for (const line of this.#log.linesFrom(this.#offset, isOver)) {
      this.#offset = line.end;
      yield line;
    }
  }
}

/** The earlier line first; of two with the same moment, that of the first stream. */
function* merged(readers: readonly Reader[], isOver: boolean): Generator<LogLine> {
  const sources = readers.map((reader) => {
    const lines = reader.newer(isOver);
    return { lines, next: lines.next() };
  });
  try {
    for (;;) {
      const [first, ...others] = sources.filter(({ next }) => next.done !== true);
      if (first === undefined) return;
      const source = others.reduce((a, b) => (atOf(b) < atOf(a) ? b : a), first);
      const { stream, at, text } = source.next.value as StampedLine;
      yield { stream, at, text };
      source.next = source.lines.next();
    }
  } finally {
    for (const { lines } of sources) lines.return(undefined);
  }
}

function atOf({ next }: { readonly next: IteratorResult<StampedLine> }): number {
  return (next.value as StampedLine).at;
}

/** `10m`, as Docker's drivers read it: powers of 1024. */
function sizeOf(text: string): number {
  const found = /^(\d+(?:\.\d+)?) ?([kmgt]?)i?b?$/i.exec(text);
  const power = ["", "k", "m", "g", "t"].indexOf(found?.[2]?.toLowerCase() ?? "");
  const bytes = Math.floor(Number(found?.[1]) * 1024 ** power);
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new Error(`invalid value for max-size: ${text}`);
}
