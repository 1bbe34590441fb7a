import { limits } from "../base/limits.ts";
import type { Random } from "../base/random.ts";
import { after, type Instant, never } from "../base/time.ts";
import { forwardTimeout } from "./config.ts";

interface Forward {
  readonly clientToken: number;
  readonly deadline: Instant;
}

/**
 * The requests that this manager has handed on to the leader and still owes an answer. When the
 * leader is another, or none, nobody is left to give one.
 */
export class Forwards {
  readonly #forwards = new Map<number, Forward>();
  /**
   * The last token given. It starts at random, so that an answer to an earlier life of this node is
   * not taken for one to this.
   */
  #lastToken: number;

  constructor(random: Random) {
    this.#lastToken = random.u32() * 0x10_0000;
  }

  /** The token to hand on with the request, or null when too many are waiting already. */
  open(clientToken: number, now: Instant): number | null {
    if (this.#forwards.size >= limits.forwardedRequests) return null;
    this.#lastToken += 1;
    this.#forwards.set(this.#lastToken, { clientToken, deadline: after(now, forwardTimeout) });
    return this.#lastToken;
  }

  /** The client's own token, or null when the answer comes too late or twice. */
  close(token: number): number | null {
    const forward = this.#forwards.get(token);
    this.#forwards.delete(token);
    return forward?.clientToken ?? null;
  }

  /** Deadlines ascend with the tokens, so the first is the next. */
  get deadline(): Instant {
    if (this.#forwards.size === 0) return never;
    for (const forward of this.#forwards.values()) return forward.deadline;
    return never;
  }

  /** The client tokens that have waited for too long; they are closed. */
  expire(now: Instant): readonly number[] {
    if (this.#forwards.size === 0) return [];
    const expired: number[] = [];
    for (const [token, forward] of this.#forwards) {
      if (forward.deadline > now) break;
      expired.push(forward.clientToken);
      this.#forwards.delete(token);
    }
    return expired;
  }
}
