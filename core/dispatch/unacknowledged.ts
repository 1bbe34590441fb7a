import { compareText } from "../base/order.ts";
import { after, type Instant, never, seconds } from "../base/time.ts";
import type { Session } from "./session.ts";

/** A set of assignments that was not acknowledged by then is sent again, complete. */
const resendAfter = seconds(2);

/** The sessions that have yet to acknowledge their newest set of assignments. */
export class Unacknowledged {
  /** The one that was sent its set first is in front. */
  readonly #sessions = new Set<Session>();
  #dueAt: Instant = never;

  /** No set is to be sent again before this moment. */
  get deadline(): Instant {
    return this.#dueAt;
  }

  sent(session: Session): void {
    this.#sessions.delete(session);
    this.#sessions.add(session);
    this.#dueAt = Math.min(this.#dueAt, after(session.sentAt, resendAfter)) as Instant;
  }

  forget(session: Session): void {
    this.#sessions.delete(session);
  }

  /** Those whose set is to be sent again, by node. */
  due(now: Instant): readonly Session[] {
    if (now < this.#dueAt) return none;
    this.#dueAt = never;
    const due: Session[] = [];
    for (const session of this.#sessions) {
      const dueAt = after(session.sentAt, resendAfter);
      if (dueAt > now) {
        this.#dueAt = dueAt;
        break;
      }
      due.push(session);
    }
    return due.sort((left, right) => compareText(left.nodeId, right.nodeId));
  }
}

const none: readonly Session[] = [];
