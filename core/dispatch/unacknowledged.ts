import { sortedBy } from "../base/order.ts";
import { after, type Duration, type Instant, never, seconds } from "../base/time.ts";
import { resendFirst, type Session } from "./session.ts";

/** Whoever has acknowledged nothing is sent a complete set after this at the latest. */
const resendMost = seconds(60);

/**
 * The sessions that have yet to acknowledge their newest set of assignments. Time runs from the
 * last acknowledgement, not from the newest set: a node that has missed one can take none that is
 * incremental, however many follow. Each time it is sent again after twice as long, and once all
 * is acknowledged after half as long: on a slow link large sets would pile up.
 */
export class Unacknowledged {
  readonly #sessions = new Set<Session>();
  #dueAt: Instant = never;

  /** No set is to be sent again before this moment. */
  get deadline(): Instant {
    return this.#dueAt;
  }

  sent(session: Session, now: Instant): void {
    if (this.#sessions.has(session)) return;
    session.silentSince = now;
    this.#sessions.add(session);
    this.#dueAt = Math.min(this.#dueAt, after(now, session.resendAfter)) as Instant;
  }

  /** The node has taken the set of this number. */
  received(session: Session, sequence: number, now: Instant): void {
    if (sequence <= session.acknowledged) return;
    session.acknowledged = sequence;
    this.#sessions.delete(session);
    if (sequence < session.sequence) this.sent(session, now);
    else session.resendAfter = Math.max(resendFirst, session.resendAfter / 2) as Duration;
  }

  forget(session: Session): void {
    this.#sessions.delete(session);
  }

  /** Those that are to be sent everything, by node. Their time begins anew as it is sent. */
  due(now: Instant): readonly Session[] {
    if (now < this.#dueAt) return none;
    this.#dueAt = never;
    const due: Session[] = [];
    for (const session of this.#sessions) {
      const dueAt = after(session.silentSince, session.resendAfter);
      if (dueAt <= now) due.push(session);
      else this.#dueAt = Math.min(this.#dueAt, dueAt) as Instant;
    }
    for (const session of due) {
      this.#sessions.delete(session);
      session.resendAfter = Math.min(2 * session.resendAfter, resendMost) as Duration;
    }
    return sortedBy(due, ({ nodeId }) => nodeId);
  }
}

const none: readonly Session[] = [];
