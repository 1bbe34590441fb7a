import { gathered } from "../base/gather.ts";
import { sortedBy } from "../base/order.ts";
import type { Planted } from "../base/planted.ts";
import type { Probe } from "../base/probe.ts";
import { after, boot, type Instant, ms } from "../base/time.ts";
import type { StoreEvent } from "../store/event.ts";
import type { StoreView } from "../store/view.ts";
import { completeSet, incrementalSet } from "./assignments.ts";
import type { Assignments, ToAgent } from "./message.ts";
import { noReachNews, Reachable, type ReachChanges } from "./reachable.ts";
import type { Session } from "./session.ts";
import type { Standings } from "./standing.ts";
import { Unacknowledged } from "./unacknowledged.ts";

interface OutgoingConfig {
  readonly planted: Planted;
  readonly probe?: Probe | null;
}

/**
 * So far apart agents are told of what has changed, so that much of it goes in one message. Ours:
 * SwarmKit waits 100 ms (`batchingWaitTime`), also with the first change, which is felt: a task
 * that is replaced, or one of an update, is told of several times.
 */
const tellEvery = ms(10);

const nobody: readonly ToAgent[] = [];

/**
 * What agents are still to be told, by session: assignments, that reports are recorded, and their
 * nodes' places in the cluster. A set of assignments that is lost is sent again.
 */
export class Outgoing {
  readonly #view: StoreView;
  readonly #config: OutgoingConfig;
  readonly #standings: Standings;
  readonly #reachable: Reachable;
  readonly #unacknowledged = new Unacknowledged();
  readonly #dirty = new Set<Session>();
  /** Sessions of nodes that were removed, which are to be told. */
  readonly #ended: Session[] = [];
  /** Nothing is told before. */
  #tellAt = boot;

  constructor(view: StoreView, config: OutgoingConfig, standings: Standings) {
    this.#view = view;
    this.#config = config;
    this.#standings = standings;
    this.#reachable = new Reachable(view, config.planted);
  }

  /** When `flush` or `resend` has something to say though nothing has happened. */
  get deadline(): Instant {
    const newsAt = this.#hasNews ? this.#tellAt : Math.max(this.#reachable.deadline, this.#tellAt);
    return Math.min(this.#unacknowledged.deadline, newsAt) as Instant;
  }

  get #hasNews(): boolean {
    return this.#dirty.size > 0 || this.#ended.length > 0;
  }

  /** Learns what the store has changed. */
  applied(event: StoreEvent, now: Instant): void {
    this.#reachable.applied(event, now);
  }

  /** There is something new in the session. */
  add(session: Session): void {
    this.#dirty.add(session);
  }

  /** The session is over, and nothing more is said in it. */
  forget(session: Session): void {
    this.#dirty.delete(session);
    this.#unacknowledged.forget(session);
  }

  /** The session's node was removed from the cluster: it is told that the session is over. */
  removed(session: Session): void {
    this.#ended.push(session);
  }

  /** The node has taken the set of this number. */
  received(session: Session, sequence: number, now: Instant): void {
    this.#unacknowledged.received(session, sequence, now);
  }

  /** All that is to be told now, of `sessions` those that it concerns. */
  flush(sessions: ReadonlyMap<string, Session>, now: Instant): readonly ToAgent[] {
    if (now < this.#tellAt) return nobody;
    const changes = this.#reachable.takeChanges(now);
    if (changes !== null) {
      const hearers = this.#reachable.concerned([...sessions.values()], changes);
      for (const session of hearers) this.#dirty.add(session);
    }
    if (!this.#hasNews) return nobody;
    this.#tellAt = after(now, tellEvery);
    const ended = this.#ended.splice(0).map(({ id, nodeId }): ToAgent => {
      return { to: nodeId, message: { kind: "session-invalid", session: id } };
    });
    const dirty = sortedBy(this.#dirty, ({ nodeId }) => nodeId);
    this.#dirty.clear();
    return [...ended, ...gathered(dirty, (session) => this.#tell(session, changes, now))];
  }

  /** What the session is to be told is not to wait any longer. */
  catchUp(session: Session, now: Instant): readonly ToAgent[] {
    return this.#dirty.delete(session) ? this.#tell(session, null, now) : nobody;
  }

  /** Complete sets for those who have acknowledged nothing for too long. */
  resend(now: Instant): readonly ToAgent[] {
    const due = this.#unacknowledged.due(now);
    if (due.length === 0) return nobody;
    this.#config.probe?.reachable("assignments-sent-again");
    return due.map((session) => this.sendAll(session, now));
  }

  /** A complete set of assignments. */
  sendAll(session: Session, now: Instant): ToAgent {
    const reach = this.#reachable.all(session);
    return this.#send(session, completeSet(this.#view, session, reach, this.#config.planted), now);
  }

  #tell(session: Session, changes: ReachChanges | null, now: Instant): ToAgent[] {
    const messages: ToAgent[] = [];
    const { id, nodeId } = session;
    if (session.hasNewStanding) {
      const sessionNode = this.#standings.sessionNode(session);
      messages.push({ to: nodeId, message: { kind: "standing", session: id, ...sessionNode } });
      session.hasNewStanding = false;
    }
    if (session.recorded.length > 0) {
      const reports = session.recorded.splice(0);
      messages.push({ to: nodeId, message: { kind: "status-recorded", reports } });
    }
    const news = this.#reachable.news(session, changes);
    if (session.changed.size === 0 && news === noReachNews) return messages;
    if (this.#config.probe?.buggify("complete-set") === true) {
      messages.push(this.sendAll(session, now));
      return messages;
    }
    const set = incrementalSet(this.#view, session, news, this.#config.planted);
    messages.push(this.#send(session, set, now));
    return messages;
  }

  #send(session: Session, message: Assignments, now: Instant): ToAgent {
    session.changed.clear();
    session.sequence = message.resultsIn;
    this.#unacknowledged.sent(session, message, now);
    return { to: session.nodeId, message };
  }
}
