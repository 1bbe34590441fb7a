import { type Duration, elapsed, type Instant } from "../base/time.ts";

/**
 * How late a node's heartbeats come, as a smoothed mean and deviation in microseconds (RFC 6298,
 * which does the same for round trips). A node under load, or behind a busy network, beats late and
 * unevenly long before it misses a beat: it is given more time.
 */
export class Punctuality {
  #lastBeatAt: Instant | null = null;
  #period = 0 as Duration;
  #late = 0;
  #deviation = 0;

  /** A heartbeat has come; the next one is asked for in `period`. */
  beat(now: Instant, period: Duration): void {
    if (this.#lastBeatAt !== null) {
      const late = Math.max(0, elapsed(this.#lastBeatAt, now) - this.#period);
      this.#deviation += Math.trunc((Math.abs(late - this.#late) - this.#deviation) / 4);
      this.#late += Math.trunc((late - this.#late) / 8);
    }
    this.#lastBeatAt = now;
    this.#period = period;
  }

  /** The node begins a session: what lies between two sessions says nothing of its beats. */
  restart(): void {
    this.#lastBeatAt = null;
  }

  /** What the node is to be given beyond its grace; never more than the grace itself. */
  allowance(grace: Duration): Duration {
    return Math.min(this.#late + 4 * this.#deviation, grace) as Duration;
  }
}

/** That of each node, as its leader has seen it. */
export class Punctualities {
  readonly #nodes = new Map<string, Punctuality>();

  /** Of one that has never beaten, too. */
  of(node: string): Punctuality {
    let punctuality = this.#nodes.get(node);
    if (punctuality === undefined) {
      punctuality = new Punctuality();
      this.#nodes.set(node, punctuality);
    }
    return punctuality;
  }

  forget(node: string): void {
    this.#nodes.delete(node);
  }
}
