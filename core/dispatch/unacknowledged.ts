import { sortedBy } from "../base/order.ts";
import { after, type Instant, never, seconds } from "../base/time.ts";
import type { Session } from "./session.ts";

/** Whoever has acknowledged nothing for this long is sent a complete set. */
const resendAfter = seconds(2);

/**
 * The sessions that have yet to acknowledge their newest set of assignments. Time runs from the
 * last acknowledgement, not from the newest set: a node that has missed one can take none that is
 * incremental, however many follow.
 */
export class Unacknowledged {
  /** The one that has said nothing for the longest is in front. */
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
    this.#dueAt = Math.min(this.#dueAt, after(now, resendAfter)) as Instant;
  }

  /** The node has taken the set of this number. */
  received(session: Session, sequence: number, now: Instant): void {
    if (sequence <= session.acknowledged) return;
    session.acknowledged = sequence;
    this.#sessions.delete(session);
    if (sequence < session.sequence) this.sent(session, now);
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
      const dueAt = after(session.silentSince, resendAfter);
      if (dueAt > now) {
        this.#dueAt = dueAt;
        break;
      }
      due.push(session);
    }
    for (const session of due) this.#sessions.delete(session);
    return sortedBy(due, ({ nodeId }) => nodeId);
  }
}

const none: readonly Session[] = [];
