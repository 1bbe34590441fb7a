import { sortedBy } from "../base/order.ts";
import { after, type Duration, type Instant, never, seconds } from "../base/time.ts";
import type { Assignments } from "./message.ts";
import { resendFirst, type Session } from "./session.ts";

/** What a link brings at least, in bytes a second: one that is slower does not keep its line. */
const slowestLink = 16 * 1024;
/** What a task takes in a set, roughly, in bytes. */
const taskBytes = 1024;

/**
 * The sessions that have yet to acknowledge their newest set of assignments. Time runs from the
 * last acknowledgement, not from the newest set: a node that has missed one can take none that is
 * incremental, however many follow. On a slow link large sets would pile up: each time it is sent
 * again after twice as long, but no longer than the slowest link takes for what is under way, and
 * once all is acknowledged after half as long.
 */
export class Unacknowledged {
  readonly #sessions = new Set<Session>();
  #dueAt: Instant = never;

  /** No set is to be sent again before this moment. */
  get deadline(): Instant {
    return this.#dueAt;
  }

  sent(session: Session, set: Assignments, now: Instant): void {
    session.bytesUnderWay += bytesOf(set);
    if (!this.#sessions.has(session)) this.#wait(session, now);
  }

  /** The node has taken the set of this number. */
  received(session: Session, sequence: number, now: Instant): void {
    if (sequence <= session.acknowledged) return;
    session.acknowledged = sequence;
    this.#sessions.delete(session);
    if (sequence < session.sequence) return this.#wait(session, now);
    session.bytesUnderWay = 0;
    session.resendAfter = Math.max(resendFirst, session.resendAfter / 2) as Duration;
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
      const dueAt = after(session.silentSince, patienceWith(session));
      if (dueAt <= now) due.push(session);
      else this.#dueAt = Math.min(this.#dueAt, dueAt) as Instant;
    }
    for (const session of due) {
      this.#sessions.delete(session);
      session.resendAfter = Math.min(2 * session.resendAfter, patienceMost(session)) as Duration;
    }
    return sortedBy(due, ({ nodeId }) => nodeId);
  }

  #wait(session: Session, now: Instant): void {
    session.silentSince = now;
    this.#sessions.add(session);
    this.#dueAt = Math.min(this.#dueAt, after(now, patienceWith(session))) as Instant;
  }
}

const none: readonly Session[] = [];

function patienceWith(session: Session): Duration {
  return Math.min(session.resendAfter, patienceMost(session)) as Duration;
}

function patienceMost({ bytesUnderWay }: Session): Duration {
  return (resendFirst + seconds(Math.floor(bytesUnderWay / slowestLink))) as Duration;
}

function bytesOf({ tasks, files }: Assignments): number {
  return files.reduce((sum, { spec }) => sum + spec.data.length, tasks.length * taskBytes);
}
