import { type Frame, frameAt } from "./frame.ts";

/** A place in a log that is kept in several segments. */
export interface LogPlace {
  readonly segment: number;
  /** Bytes from the start of the segment. */
  readonly offset: number;
}

/** What the records of a log were found to be. */
export type Scan =
  | {
      readonly kind: "intact";
      /** The records in their order. */
      readonly frames: readonly Frame[];
      /** Where the next record goes. What lies behind is a torn tail, to be cut off first. */
      readonly end: LogPlace;
      /** Bytes of the torn tail; 0 when there is none. */
      readonly torn: number;
      readonly nextSequence: number;
    }
  | Corruption;

/** A damaged record with undamaged ones behind it: what a crash never leaves. */
export interface Corruption {
  readonly kind: "corrupt";
  /** Where the damage begins. */
  readonly at: LogPlace;
  /** The records before it, which are sound. */
  readonly frames: readonly Frame[];
  /** The first record that cannot be read. */
  readonly sequence: number;
  /** The sound record behind the damage that was found first. */
  readonly next: LogPlace & { readonly sequence: number };
}

/**
 * Reads a log, its segments in order and without gaps between them. The first record's sequence
 * number is `first`, or anything if that is null: the oldest segments may have been dropped.
 *
 * 1. A crash leaves at most the last record incomplete, since a record is only begun when the one
 *    before it is synced. Such a tail was never acknowledged: it is cut.
 * 2. So a bad record with any valid later one behind it was damaged after it was acknowledged.
 *    Neither it nor what follows it may be used or dropped: the log is refused.
 * 3. Damage to the very last record cannot be told from a torn tail.
 *
 * Total: any bytes whatever give one of the two answers.
 */
export function scan(segments: readonly Uint8Array[], first: number | null): Scan {
  const frames: Frame[] = [];
  let nextSequence = first ?? 0;
  for (const [segment, bytes] of segments.entries()) {
    let offset = 0;
    while (offset < bytes.length) {
      const frame = frameAt(bytes, offset);
      const follows = nextSequence === 0 || frame?.sequence === nextSequence;
      if (frame === null || !follows) {
        const at = { segment, offset };
        return cutOrRefuse(segments, frames, at, nextSequence);
      }
      frames.push(frame);
      nextSequence = frame.sequence + 1;
      offset = frame.end;
    }
  }
  const last = Math.max(0, segments.length - 1);
  const end = { segment: last, offset: segments[last]?.length ?? 0 };
  return { kind: "intact", frames, end, torn: 0, nextSequence: Math.max(1, nextSequence) };
}

/** Words for whoever has to repair it. */
export function describeCorruption({ at, frames, sequence, next }: Corruption): string {
  const intact =
    frames.length === 0
      ? "no record before it is there"
      : `the ${frames.length} records before it, up to ${sequence - 1}, are intact`;
  const known = sequence === 0 ? "the first record" : `record ${sequence}`;
  return (
    `the write-ahead log is corrupt: ${known} at byte ${at.offset} of segment ${at.segment} is ` +
    `damaged, but record ${next.sequence} follows it at byte ${next.offset} of segment ` +
    `${next.segment}. What is lost was acknowledged, from ${known} on; ${intact}. Do not cut the ` +
    "log by hand: others count on it. Restore this manager from the others: remove it from the " +
    "cluster, delete its state and let it join again."
  );
}

/** `sequence` is that of the record that should be at `at`; 0 when it is not known. */
function cutOrRefuse(
  segments: readonly Uint8Array[],
  frames: readonly Frame[],
  at: LogPlace,
  sequence: number,
): Scan {
  const next = laterFrame(segments, at, sequence);
  if (next !== null) return { kind: "corrupt", at, frames, sequence, next };
  const behind = segments.slice(at.segment).reduce((sum, bytes) => sum + bytes.length, 0);
  const torn = behind - at.offset;
  return { kind: "intact", frames, end: at, torn, nextSequence: Math.max(1, sequence) };
}

/** The first valid record at or behind `at` that is later than any sound one before it. */
function laterFrame(
  segments: readonly Uint8Array[],
  at: LogPlace,
  sequence: number,
): Corruption["next"] | null {
  for (let segment = at.segment; segment < segments.length; segment += 1) {
    const bytes = segments[segment] as Uint8Array;
    for (let offset = segment === at.segment ? at.offset : 0; offset < bytes.length; offset += 1) {
      const frame = frameAt(bytes, offset);
      if (frame !== null && frame.sequence >= sequence) {
        return { segment, offset, sequence: frame.sequence };
      }
    }
  }
  return null;
}
