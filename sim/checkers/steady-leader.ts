import type { Raft } from "../../core/raft/raft.ts";

/** A leader that is not seen at work, or gets nothing committed, for this long has had a break. */
const longestBreak = 10_000_000;

/**
 * Since when one leader has worked without a break, seen step by step. One that waits for a quorum
 * does not: what it should have decided may be on its way all the while.
 */
export class SteadyLeader {
  #host: object | null = null;
  #since = 0;
  #seenAt = 0;
  /** Committed when it was seen last. */
  #commit = 0;
  /** Since when nothing of what is on its way has been committed; null: nothing is, or some was. */
  #waitsSince: number | null = null;

  /** Since when the leader that has just stepped has. */
  sinceStep(host: object, raft: Pick<Raft, "commit" | "lastIndex">, now: number): number {
    const { commit, lastIndex } = raft;
    const isOther = this.#host !== host;
    const waits = !isOther && commit === this.#commit && commit < lastIndex;
    this.#waitsSince = waits ? (this.#waitsSince ?? now) : null;
    const isAway = now - this.#seenAt > longestBreak;
    if (isOther || isAway || now - (this.#waitsSince ?? now) > longestBreak) {
      this.#host = host;
      this.#since = now;
    }
    this.#seenAt = now;
    this.#commit = commit;
    return this.#since;
  }
}
