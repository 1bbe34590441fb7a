import { limits } from "../base/limits.ts";
import type { Random } from "../base/random.ts";
import { after, type Duration, type Instant, never, seconds } from "../base/time.ts";
import type { Command } from "../control/command.ts";
import { forwardTimeout } from "./config.ts";

/** What a slow link to the leader carries, while it sends the same on to the others, in bytes. */
const bytesPerSecond = 32_768;

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
  /** That of the last token. */
  #lastDeadline = never;

  constructor(random: Random) {
    this.#lastToken = random.u32() * 0x10_0000;
  }

  /**
   * The token to hand on with the request, or null when too many are waiting already. A large one
   * is waited for longer, and so is what is behind it.
   */
  open(clientToken: number, command: Command, now: Instant): number | null {
    if (this.#forwards.size >= limits.forwardedRequests) return null;
    const before = this.#forwards.size > 0 ? this.#lastDeadline : now;
    const deadline = Math.max(before, after(now, patienceWith(command))) as Instant;
    this.#lastDeadline = deadline;
    this.#lastToken += 1;
    this.#forwards.set(this.#lastToken, { clientToken, deadline });
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

/** Secrets and configs are what is large. */
function patienceWith(command: Command): Duration {
  const bytes = "spec" in command && "data" in command.spec ? command.spec.data.length : 0;
  return (forwardTimeout + seconds(Math.floor(bytes / bytesPerSecond))) as Duration;
}
