import { partBytes } from "./frame-parts.ts";
import { FrameQueue } from "./frame-queue.ts";
import { type Line, reachPatienceMs } from "./line.ts";
import { encodeFrame } from "./services.ts";

/** What waits for one peer at most, in bytes: what may be large, and what is to get by. */
const bulkBytesMost = 32 * 1024 * 1024;
const urgentBytesMost = 4 * 1024 * 1024;
/** Pauses between attempts to reach a peer: doubled each time, up to the longest. */
const pauseFirstMs = 50;
const pauseLongestMs = 2_000;
/**
 * How long a peer that is reached may take to say who it is, at most: the shortest patience is
 * doubled with each call that failed, up to this. Where many connect to a busy machine at a time,
 * those that always gave up early would come again and again, and make it busier.
 */
export const patienceLongestMs = 40_000;
/** Lines of one peer; the oldest gives way. Renewals on both ends need four for a moment. */
const linesMost = 8;
/** A line that ends sooner has been of no use. */
const soonMs = 1_000;

/**
 * Opens a line to the peer, whose `opened` or `closed` tells what came of it. `patienceMs`: for
 * which it may not have said who it is.
 */
export type Dial = (patienceMs: number) => boolean;

/** A large frame that is on its way in parts. `0 <= sent < frame.length`. */
interface Cut {
  readonly frame: Uint8Array;
  /** Where its parts go: on another line it begins anew. */
  readonly line: Line;
  readonly sent: number;
}

/**
 * The way to one peer: the lines to it that are open, what waits to be sent, and when it is called
 * again. Frames go out on the newest line of the newest certificate: whoever has kept an older one
 * hears nothing while the peer itself is there. Whatever waits when a call fails is lost. What is
 * large goes in parts, and what is urgent gets by between them.
 */
export class Link {
  readonly #dial: Dial;
  readonly #lines: Line[] = [];
  readonly #urgent = new FrameQueue(urgentBytesMost);
  readonly #bulk = new FrameQueue(bulkBytesMost);
  #cut: Cut | null = null;
  #isDialing = false;
  #failures = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(dial: Dial) {
    this.#dial = dial;
  }

  /** In the order in which they are preferred. */
  get lines(): readonly Line[] {
    return this.#lines;
  }

  /** Frames that were lost, for want of room or of a line. */
  get dropped(): number {
    return this.#urgent.dropped + this.#bulk.dropped;
  }

  send(frame: Uint8Array, isBulk: boolean): void {
    const queue = isBulk || frame.length > partBytes ? this.#bulk : this.#urgent;
    queue.push(frame);
    this.pump();
  }

  /** Sends what the preferred line has room for; calls the peer when there is no line. */
  pump(): void {
    const line = this.#lines[0];
    if (line === undefined) return this.call();
    if (line.ageMs > soonMs) this.#failures = 0;
    while (line.hasRoom) {
      const next = this.#urgent.shift() ?? this.#nextOfBulk(line);
      if (next === null) return;
      line.write(next);
    }
  }

  /** Opens a line, unless that is being done or has just failed. */
  call(): void {
    if (this.#isDialing || this.#timer !== null) return;
    this.#isDialing = this.#dial(
      Math.min(patienceLongestMs, reachPatienceMs * 2 ** this.#failures),
    );
    if (!this.#isDialing) this.#lose();
  }

  /** A line is there; older ones of this node's own are given up in its favour. */
  opened(line: Line): void {
    if (line.isOurs) this.#isDialing = false;
    else this.#failures = 0;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (line.isOurs) this.hangUp();
    const before = this.#lines.findIndex((each) => serialOf(each) <= serialOf(line));
    this.#lines.splice(before < 0 ? this.#lines.length : before, 0, line);
    if (this.#lines.length > linesMost) this.#lines.at(-1)?.close("the node has newer connections");
    this.pump();
  }

  /** True when the peer has taken the call only to end it: it is then left alone for a while. */
  closed(line: Line): boolean {
    const wasThere = this.#remove(line);
    const isTurnedAway = line.isOurs && wasThere && line.ageMs <= soonMs;
    if (isTurnedAway) this.failed();
    else if (wasThere && this.#hasMore) this.pump();
    return isTurnedAway;
  }

  /** The call has failed: what waits is lost, and the next call comes after a pause. */
  failed(): void {
    this.#isDialing = false;
    if (this.#lines.length > 0) return;
    this.#lose();
    const pause = Math.min(pauseLongestMs, pauseFirstMs * 2 ** this.#failures);
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#again(), pause * (0.5 + Math.random() / 2));
    this.#timer.unref();
  }

  /** Ends the lines of this node's own: what comes next goes out on a new one. */
  hangUp(): void {
    for (const line of this.#lines.filter(({ isOurs }) => isOurs)) {
      this.#remove(line);
      line.end();
    }
  }

  stop(reason: string): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#lose();
    for (const line of [...this.#lines]) line.close(reason);
  }

  #again(): void {
    this.#timer = null;
    if (this.#hasMore) this.pump();
  }

  /** Something waits, or is on its way only in part. */
  get #hasMore(): boolean {
    return this.#cut !== null || this.#urgent.size + this.#bulk.size > 0;
  }

  #lose(): void {
    this.#urgent.lose();
    this.#bulk.lose();
    this.#cut = null;
  }

  /** A frame, or the next part of one. */
  #nextOfBulk(line: Line): Uint8Array | null {
    const frame = this.#cut?.frame ?? this.#bulk.shift();
    if (frame === null) return null;
    const size = frame.length;
    const offset = this.#cut?.line === line ? this.#cut.sent : 0;
    const isWhole = size <= partBytes || line.peer?.takesParts !== true;
    const end = isWhole ? size : Math.min(size, offset + partBytes);
    this.#cut = end === size ? null : { frame, line, sent: end };
    if (isWhole) return frame;
    return encodeFrame({ kind: "part", size, offset, data: frame.subarray(offset, end) });
  }

  #remove(line: Line): boolean {
    const at = this.#lines.indexOf(line);
    if (at >= 0) this.#lines.splice(at, 1);
    return at >= 0;
  }
}

function serialOf({ peer }: Line): number {
  return peer?.certificate?.serial ?? 0;
}
