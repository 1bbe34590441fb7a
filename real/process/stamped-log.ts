import { spawn } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Timestamp } from "../../core/base/time.ts";
import type { LogLine } from "../engine.ts";
import {
  bytesOfMarks,
  firstBeyond,
  type Mark,
  markAt,
  markBytes,
  markCount,
  marksOf,
  openIfThere,
  pieceOf,
  withFile,
} from "./log-marks.ts";

/** A line, and where it ends in its log. */
export type StampedLine = LogLine & { readonly end: number };

/** Bytes of the log under one mark. */
interface Piece {
  readonly begin: number;
  readonly bytes: Buffer;
  readonly mark: Mark;
}

const pieceBytes = 64 * 1024;
/** A line is cut where it gets longer. */
const longestLine = 1024 * 1024;
const lineEnd = 0x0a;
/** By this many microseconds. */
const later = { stdout: 0, stderr: 1_000 };
const noBytes = Buffer.alloc(0);
const nothing: Mark = { end: 0, at: 0 };

/**
 * One of a task's two streams: a file that its processes append to, whether or not the daemon
 * lives, and one of marks beside it, to which the daemon appends whenever the log has grown. The
 * first mark is where the log begins. What was before it has been dropped: the blocks are taken
 * away from under the file, so that offsets hold and nothing written meanwhile is lost.
 *
 * A line's moment is that of the mark which covers its end, and a microsecond more for each line
 * before it under the same mark. So no two lines of a stream have the same one, whoever asks when.
 * What came on stderr in the same tick of the disk's clock, some milliseconds, counts as later.
 */
export class StampedLog {
  readonly #stream: LogLine["stream"];
  readonly #path: string;
  readonly #marksPath: string;
  #first: Mark;
  #last: Mark;
  #count: number;
  #isDropping = false;

  constructor(folder: string, stream: LogLine["stream"]) {
    this.#stream = stream;
    this.#path = join(folder, `${stream}.log`);
    this.#marksPath = join(folder, `${stream}.times`);
    const marks = marksOf(this.#marksPath);
    this.#first = marks[0] ?? nothing;
    this.#last = marks.at(-1) ?? nothing;
    this.#count = marks.length;
    if (sizeOf(this.#marksPath) > this.#count * markBytes) {
      truncateSync(this.#marksPath, this.#count * markBytes);
    }
  }

  /** What it takes on the disk. */
  get bytes(): number {
    return this.#last.end - this.#first.end + this.#count * markBytes;
  }

  /**
   * Notes what has come since the last look, with the moment at which the last of it came. Where a
   * full disk does not take that, the next look notes it.
   */
  look(): void {
    const found = statSync(this.#path, { throwIfNoEntry: false });
    if (found === undefined) return;
    if (found.size < this.#last.end) this.#begin();
    if (found.size === this.#last.end) return;
    const mark = { end: found.size, at: Math.floor(found.mtimeMs * 1_000) + later[this.#stream] };
    const marks = this.#count === 0 ? [this.#first, mark] : [mark];
    if (!this.#append(bytesOfMarks(marks))) return;
    this.#count += marks.length;
    this.#last = mark;
  }

  /** All of it or nothing; false: nothing. */
  #append(bytes: Buffer): boolean {
    try {
      appendFileSync(this.#marksPath, bytes, { mode: 0o600 });
      return true;
    } catch {
      if (sizeOf(this.#marksPath) > this.#count * markBytes)
        truncateSync(this.#marksPath, this.#count * markBytes);
      return false;
    }
  }

  /**
   * Lets go of the older half at least, and of all before the last `most` bytes, up to the end of a
   * line; later, where the disk takes nothing.
   */
  drop(most: number): void {
    if (this.#isDropping) return;
    const half = Math.ceil((this.#first.end + this.#last.end) / 2);
    const from = this.#lineStartAfter(Math.max(half, this.#last.end - Math.floor(most)));
    const first = { end: from, at: 0 };
    const marks = [first, ...marksOf(this.#marksPath).filter(({ end }) => end > from)];
    try {
      writeFileSync(`${this.#marksPath}.new`, bytesOfMarks(marks), { mode: 0o600 });
      renameSync(`${this.#marksPath}.new`, this.#marksPath);
    } catch {
      return rmSync(`${this.#marksPath}.new`, { force: true });
    }
    this.#first = first;
    this.#count = marks.length;
    this.#punch(from);
  }

  /** Where the last `count` lines begin, and how many there are. */
  lastLines(count: number): { readonly from: number; readonly lines: number } {
    const { end } = this.#last;
    if (count === 0 || end === this.#first.end) return { from: end, lines: 0 };
    return withFile(this.#path, { from: end, lines: 0 }, (file) => {
      let lines = 0;
      // The end of the last line ends no line before it.
      for (let at = end - 1; at > this.#first.end; ) {
        const begin = Math.max(this.#first.end, at - pieceBytes);
        const piece = pieceOf(file, begin, at);
        for (let i = piece.lastIndexOf(lineEnd); i >= 0; i = lastBefore(piece, i)) {
          lines += 1;
          if (lines === count) return { from: begin + i + 1, lines };
        }
        at = begin;
      }
      return { from: this.#first.end, lines: lines + 1 };
    });
  }

  /** The lines behind an offset at which one begins; with `isOver` also one without an end. */
  *linesFrom(offset: number, isOver: boolean): Generator<StampedLine> {
    const from = offset > this.#last.end ? this.#first.end : this.#left(offset);
    let start = 0;
    let bytes: Buffer = noBytes;
    let mark = nothing;
    let at = 0;
    for (const piece of this.#pieces(from)) {
      if (piece.mark !== mark) at = piece.mark.at;
      mark = piece.mark;
      // What lies between has been dropped.
      if (piece.begin !== start + bytes.length) bytes = noBytes;
      start = piece.begin - bytes.length;
      bytes = Buffer.concat([bytes, piece.bytes]);
      for (let end = endOfLine(bytes); end > 0; end = endOfLine(bytes)) {
        if (start + end > from) yield this.#line(bytes.subarray(0, end), start, from, at);
        start += end;
        bytes = bytes.subarray(end);
        at += 1;
      }
    }
    const isNew = bytes.length > 0 && start + bytes.length > from;
    if (isOver && isNew) yield this.#line(bytes, start, from, at);
  }

  /** From the beginning of the mark that covers what comes next. */
  *#pieces(from: number): Generator<Piece> {
    const marks = openIfThere(this.#marksPath);
    const log = openIfThere(this.#path);
    try {
      if (marks !== null && log !== null) yield* this.#piecesIn(marks, log, from);
    } finally {
      if (marks !== null) closeSync(marks);
      if (log !== null) closeSync(log);
    }
  }

  *#piecesIn(marks: number, log: number, from: number): Generator<Piece> {
    const next = firstBeyond(marks, from);
    const count = markCount(marks);
    let begin = next < count ? markAt(marks, next - 1).end : from;
    for (let i = next; i < count; i += 1) {
      const mark = markAt(marks, i);
      // While whoever reads waits, more may be dropped.
      for (begin = this.#left(begin); begin < mark.end; begin = this.#left(begin)) {
        const bytes = pieceOf(log, begin, Math.min(mark.end, begin + pieceBytes));
        if (bytes.length === 0) return;
        yield { begin, bytes, mark };
        begin += bytes.length;
      }
    }
  }

  #left(offset: number): number {
    return Math.max(offset, this.#first.end);
  }

  #line(bytes: Buffer, start: number, from: number, at: number): StampedLine {
    const end = bytes.at(-1) === lineEnd ? bytes.length - 1 : bytes.length;
    const text = bytes.toString("utf8", Math.max(0, from - start), end);
    return { stream: this.#stream, at: at as Timestamp, text, end: start + bytes.length };
  }

  #begin(): void {
    rmSync(this.#marksPath, { force: true });
    this.#first = nothing;
    this.#last = nothing;
    this.#count = 0;
  }

  /** The offset itself where no line ends near. */
  #lineStartAfter(offset: number): number {
    return withFile(this.#path, offset, (file) => {
      const piece = pieceOf(file, offset, Math.min(this.#last.end, offset + pieceBytes));
      return offset + piece.indexOf(lineEnd) + 1;
    });
  }

  #punch(length: number): void {
    this.#isDropping = true;
    const args = ["--punch-hole", "--offset", "0", "--length", String(length), this.#path];
    const child = spawn("fallocate", args, { stdio: "ignore" });
    child.once("error", () => this.#punched(false));
    child.once("exit", (code) => this.#punched(code === 0));
  }

  /** Where the disk can't do that, or the program is missing, the log is begun anew. */
  #punched(isDone: boolean): void {
    if (!isDone && this.#isDropping && sizeOf(this.#path) > 0) truncateSync(this.#path);
    this.#isDropping = false;
  }
}

/** How much of it is the first line with its end; 0 where that is not there yet. */
function endOfLine(bytes: Buffer): number {
  const at = bytes.indexOf(lineEnd);
  if (at >= 0 && at < longestLine) return at + 1;
  return bytes.length >= longestLine ? longestLine : 0;
}

/** A negative place would count from the end. */
function lastBefore(bytes: Buffer, at: number): number {
  return at === 0 ? -1 : bytes.lastIndexOf(lineEnd, at - 1);
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
