import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";

/** What a log had up to `end`, and had not at the mark before, was written by `at`. */
export interface Mark {
  /** Offset in the log. */
  readonly end: number;
  /** Microseconds of the node's calendar. */
  readonly at: number;
}

/** A mark in its file: both numbers as eight bytes, the lowest first. */
export const markBytes = 16;

export function bytesOfMarks(marks: readonly Mark[]): Buffer {
  const bytes = Buffer.alloc(marks.length * markBytes);
  marks.forEach(({ end, at }, index) => {
    bytes.writeDoubleLE(end, index * markBytes);
    bytes.writeDoubleLE(at, index * markBytes + 8);
  });
  return bytes;
}

/** Those of a file that are whole and go on from the one before: a crash may leave others. */
export function marksOf(path: string): Mark[] {
  const bytes = withFile(path, Buffer.alloc(0), (file) => readFileSync(file));
  const marks: Mark[] = [];
  for (let at = 0; at + markBytes <= bytes.length; at += markBytes) {
    const mark = markIn(bytes, at);
    const before = marks.at(-1);
    if (!Number.isSafeInteger(mark.end) || !Number.isSafeInteger(mark.at)) break;
    if (before !== undefined && (mark.end <= before.end || mark.at <= 0)) break;
    marks.push(mark);
  }
  return marks;
}

export function markCount(file: number): number {
  return Math.floor(fstatSync(file).size / markBytes);
}

export function markAt(file: number, index: number): Mark {
  return markIn(pieceOf(file, index * markBytes, (index + 1) * markBytes), 0);
}

/** The number of the first mark, except for that of the beginning, that ends behind the offset. */
export function firstBeyond(file: number, offset: number): number {
  let low = 1;
  let high = Math.max(1, markCount(file));
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (markAt(file, middle).end > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Less where the file ends before. */
export function pieceOf(file: number, from: number, end: number): Buffer {
  const bytes = Buffer.alloc(end - from);
  return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, from));
}

/** `otherwise` where there is no such file. */
export function withFile<T>(path: string, otherwise: T, use: (file: number) => T): T {
  const file = openIfThere(path);
  if (file === null) return otherwise;
  try {
    return use(file);
  } finally {
    closeSync(file);
  }
}

export function openIfThere(path: string): number | null {
  try {
    return openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function markIn(bytes: Buffer, at: number): Mark {
  return { end: bytes.readDoubleLE(at), at: bytes.readDoubleLE(at + 8) };
}
