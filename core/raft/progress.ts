import type { MemberId } from "./message.ts";

/**
 * How a leader sends to one follower (etcd/raft tracker/state.go).
 *
 * - `probe`: where the logs agree is not known; one append at a time.
 * - `replicate`: it is known; appends are sent ahead of their answers, up to the limits.
 * - `snapshot`: the entries it needs are gone; nothing is sent but heartbeats until it answers.
 */
export type ProgressState = "probe" | "replicate" | "snapshot";

/** What any link takes in a tick, but for very slow ones; with ticks of 100 ms, 5 Mbit/s. */
const bytesPerTick = 64 * 1024;
/** Ticks after which a probe is sent again at the latest. */
const patienceMost = 64;

/** One follower as the leader sees it, for status and display. */
export interface FollowerProgress {
  readonly member: MemberId;
  readonly learner: boolean;
  readonly state: ProgressState;
  readonly match: number;
  readonly next: number;
  readonly inflightMessages: number;
  readonly inflightBytes: number;
  /** Heard from since the leader last checked its quorum. */
  readonly active: boolean;
  /** Heard from within the last three heartbeats. */
  readonly reachable: boolean;
}

/** What the leader knows of one member. `0 <= match < next`. */
export class Progress {
  readonly member: MemberId;
  readonly inflight: Inflight;
  learner = false;
  state: ProgressState = "probe";
  /** Highest index known to be durable there and equal to the leader's. */
  match = 0;
  /** The next index to send. */
  next: number;
  /** No append goes out before something is heard: a probe is on its way, or the window is full. */
  paused = false;
  /** Heard from since the leader last checked its quorum. */
  active = false;
  /** The tick at which it was last heard; null: never by this leader. */
  heardAt: number | null = null;
  /** Highest commit index sent in an append. */
  sentCommit = 0;
  /** The newest round of heartbeats it has answered. */
  ackedRound = 0;
  /** In `probe`: the tick at which it was sent, and for how many ticks its answer is waited for. */
  #probedAt = 0;
  #patience = 0;
  /** In `snapshot`: the index of the snapshot sent. */
  snapshotIndex = 0;
  /** In `snapshot`: the tick at which it was sent. */
  snapshotSentAt = 0;

  constructor(member: MemberId, next: number, maxMessages: number, maxBytes: number) {
    this.member = member;
    this.next = next;
    this.inflight = new Inflight(maxMessages, maxBytes);
  }

  /** Nothing but heartbeats may go out now. */
  get blocked(): boolean {
    return this.paused || this.state === "snapshot";
  }

  /** No append is on its way. */
  get idle(): boolean {
    return this.state === "replicate" && this.inflight.messages === 0;
  }

  probe(): void {
    const agreed = this.state === "snapshot" ? this.snapshotIndex : 0;
    this.#enter("probe");
    this.next = Math.max(this.match, agreed) + 1;
    this.sentCommit = Math.min(this.sentCommit, this.next - 1);
  }

  replicate(): void {
    this.#enter("replicate");
    this.next = this.match + 1;
  }

  sendSnapshot(index: number, tick: number): void {
    this.#enter("snapshot");
    this.snapshotIndex = index;
    this.snapshotSentAt = tick;
    this.next = index + 1;
    this.sentCommit = index;
  }

  /** An append left at that tick with `count` entries of `bytes`, from `next` on. */
  sent(count: number, bytes: number, tick: number): void {
    if (this.state === "probe") {
      this.paused = true;
      this.#probedAt = tick;
      this.#patience = Math.max(this.#patience, Math.floor(bytes / bytesPerTick));
      return;
    }
    if (count > 0) {
      this.next += count;
      this.inflight.add(this.next - 1, bytes);
    }
    this.paused = this.inflight.full;
  }

  /**
   * It has answered a heartbeat, though maybe not the probe, which is then sent again: each time
   * after twice as long, and the first time when a link that is not very slow has brought it.
   */
  heard(tick: number): void {
    this.active = true;
    this.heardAt = tick;
    if (!this.paused) return;
    if (this.state === "probe") {
      if (tick - this.#probedAt < this.#patience) return;
      this.#patience = Math.min(Math.max(1, 2 * this.#patience), patienceMost);
    }
    this.paused = false;
  }

  /** The follower holds `index`. False when that is no news. */
  accepted(index: number): boolean {
    if (index <= this.match) return false;
    this.match = index;
    this.next = Math.max(this.next, index + 1);
    this.#resume();
    return true;
  }

  /** The follower refused `prevIndex`, and may agree at `hint`. False for a stale refusal. */
  refused(prevIndex: number, hint: number): boolean {
    if (this.state === "replicate") {
      if (prevIndex <= this.match) return false;
      this.probe();
      return true;
    }
    if (this.state === "snapshot" || prevIndex !== this.next - 1) return false;
    const next = Math.max(Math.min(prevIndex, hint + 1), this.match + 1);
    // It refuses what it once held: nothing to be done before it is heard from again.
    if (next === this.next) return false;
    this.next = next;
    this.sentCommit = Math.min(this.sentCommit, this.next - 1);
    this.#resume();
    return true;
  }

  /** Whether telling the follower that `commit` is committed can move it forward. */
  wantsCommit(commit: number): boolean {
    return commit > this.sentCommit && this.sentCommit < this.next - 1;
  }

  describe(ticks: number, heartbeatTicks: number): FollowerProgress {
    return {
      member: this.member,
      learner: this.learner,
      state: this.state,
      match: this.match,
      next: this.next,
      inflightMessages: this.inflight.messages,
      inflightBytes: this.inflight.bytes,
      active: this.active,
      reachable: this.isReachable(ticks, heartbeatTicks),
    };
  }

  /** Heard from within the last three heartbeats. */
  isReachable(ticks: number, heartbeatTicks: number): boolean {
    return this.heardAt !== null && ticks - this.heardAt <= 3 * heartbeatTicks;
  }

  #resume(): void {
    this.paused = false;
    this.#patience = 0;
  }

  #enter(state: ProgressState): void {
    this.state = state;
    this.#resume();
    this.snapshotIndex = 0;
    this.inflight.clear();
  }
}

/**
 * The appends on their way to one follower: a ring of (last index, bytes), oldest first. It is
 * full at `maxMessages` or once `maxBytes` are reached, whichever comes first.
 */
class Inflight {
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  readonly #lastIndexes: number[] = [];
  readonly #sizes: number[] = [];
  #start = 0;
  #count = 0;
  #bytes = 0;

  constructor(maxMessages: number, maxBytes: number) {
    this.#maxMessages = maxMessages;
    this.#maxBytes = maxBytes;
  }

  get messages(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get full(): boolean {
    return this.#count >= this.#maxMessages || this.#bytes >= this.#maxBytes;
  }

  add(lastIndex: number, bytes: number): void {
    const slot = (this.#start + this.#count) % this.#maxMessages;
    this.#lastIndexes[slot] = lastIndex;
    this.#sizes[slot] = bytes;
    this.#count += 1;
    this.#bytes += bytes;
  }

  /** Forgets the appends that end at or before `index`. */
  freeTo(index: number): void {
    while (this.#count > 0 && (this.#lastIndexes[this.#start] as number) <= index) {
      this.#bytes -= this.#sizes[this.#start] as number;
      this.#start = (this.#start + 1) % this.#maxMessages;
      this.#count -= 1;
    }
  }

  clear(): void {
    this.#start = 0;
    this.#count = 0;
    this.#bytes = 0;
  }
}
