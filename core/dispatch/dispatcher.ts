import { unreachable } from "../base/assert.ts";
import { newId } from "../base/id.ts";
import { IdQueue } from "../base/id-queue.ts";
import { sortedById, sortedText } from "../base/order.ts";
import type { Random } from "../base/random.ts";
import { after, boot, type Duration, type Instant, never, seconds } from "../base/time.ts";
import { type Cluster, type ClusterSpec, settingsOf } from "../model/cluster.ts";
import { descriptionProblem } from "../model/description.ts";
import { keptStatus } from "../model/kept-status.ts";
import type { Node, NodeDescription, NodeState } from "../model/node.ts";
import type { Task, TaskStatus } from "../model/task.ts";
import { isTerminal, TaskState } from "../model/task-state.ts";
import type { RaftView } from "../raft/reach.ts";
import type { StoreEvent } from "../store/event.ts";
import type { StoreView } from "../store/view.ts";
import { isFresh } from "./assignments.ts";
import { Liveness, type LivenessConfig } from "./liveness.ts";
import type { AgentMessage, TaskReport, ToAgent } from "./message.ts";
import { Outgoing } from "./outgoing.ts";
import { drawPeriod, newLeaderDeadline, seekingDeadline } from "./periods.ts";
import { newSession, type Session } from "./session.ts";
import { mustHear, Standings } from "./standing.ts";

type Registration = AgentMessage & { readonly kind: "register" };

/**
 * A node that waits for a session until a quorum has answered: a leader that was stopped, or is cut
 * off from the others, may have been deposed, and a node that has just started knows of no later
 * term.
 */
interface Applicant {
  readonly registration: Registration;
  readonly since: Instant;
}

/** Of a node that beats, but whose containers are out of reach. */
const engineSilent = "the container engine does not answer";
/** A quorum that has not answered by then is asked again. */
const askAgainAfter = seconds(1);
/** Nodes that have no session are told so after this long, and then each time twice as long. */
const knockFirst = seconds(10);
const knockSlowest = seconds(300);

export interface DispatcherConfig extends LivenessConfig {
  readonly term: number;
  /** Raft's newest membership. */
  readonly raft: Pick<RaftView, "membership">;
  /** How long Raft does without a leader; as long, the last one may not have heard of this one. */
  readonly electionTimeout: Duration;
  /** Until then nodes may go by a longer heartbeat period than the present one. */
  readonly slowBeatsUntil: Instant;
  readonly random: Random;
}

/** A node's state as the dispatcher has learned it, on its way into the store. */
export interface NodeReport {
  readonly state: NodeState;
  readonly message: string;
  /** What the node said of itself, when it registered. */
  readonly description: NodeDescription | null;
}

/**
 * The leader's side of every agent: sessions, heartbeats, assignments down, reports up.
 *
 * Model: what agents say is kept in `nodeReports` and `taskReports` until the manager has put it
 * into the store; what the store says is sent to the session of the node that it concerns. All of
 * it is lost with the leadership and rebuilt from the store and from the agents' next words:
 *   1. A new leader gives each node six heartbeat periods to register, and calls it unknown. They
 *      count from when the node must have heard of the period, which may have been cut just now.
 *      Where the cluster was begun anew, those that were not heard of since have half a minute.
 *   2. An agent that registers gets the complete set of its tasks, once a quorum has answered: who
 *      was deposed and does not know it yet has nothing to say to it. Only when it has used the
 *      session does its node count as heard of: one that can't hear must not be given tasks.
 *   3. A node that is silent for too long is down, once the leader has made sure that it hears
 *      others (see `Liveness`).
 *   4. A node that is heard, but whose engine is not, is down as well: what is to run there does
 *      not begin, and what is to stop does not end.
 *   5. A node that has no session is told so now and then. It seeks its managers where they were,
 *      and by this message it learns where this one is: that of a backup may be elsewhere.
 *   6. A set or a report that is lost is sent again, so nothing depends on a message arriving.
 */
export class Dispatcher {
  readonly nodeReports = new IdQueue<NodeReport>();
  readonly taskReports = new IdQueue<TaskStatus>();
  readonly #view: StoreView;
  readonly #config: DispatcherConfig;
  readonly #standings: Standings;
  readonly #sessions = new Map<string, Session>();
  /** By node, in the order in which they came. */
  readonly #applicants = new Map<string, Applicant>();
  readonly #outgoing: Outgoing;
  readonly #liveness: Liveness;
  /** A quorum is being asked; until then no other question is put. */
  #askAgainAt: Instant = boot;
  /** It is asked because of nodes that are silent, too. */
  #isInDoubt = false;
  #knockAt: Instant;
  #knockPause: Duration = knockFirst;

  constructor(view: StoreView, config: DispatcherConfig, now: Instant) {
    this.#view = view;
    this.#config = config;
    this.#standings = new Standings(view, config.raft);
    this.#outgoing = new Outgoing(view, config, this.#standings);
    this.#liveness = new Liveness(view, config, now);
    this.#knockAt = after(now, knockFirst);
    const deadline = newLeaderDeadline(this.#spec(), config, now);
    const isAnew = (view.cluster?.incarnation ?? 0) > 0;
    for (const node of sortedById(view.nodes.values())) {
      if (node.status.state === "down") continue;
      const isSought = isAnew && node.status.state === "unknown";
      this.#liveness.expect(node.id, isSought ? seekingDeadline(deadline, now) : deadline);
      const message = 'Node moved to "unknown" state due to leadership change in cluster';
      this.#note(node.id, "unknown", message);
    }
  }

  /** When `check` must be called next. */
  get deadline(): Instant {
    const askAt = this.#applicants.size > 0 ? this.#askAgainAt : never;
    return Math.min(this.#liveness.deadline, this.#outgoing.deadline, askAt) as Instant;
  }

  get agents(): Iterable<string> {
    return this.#sessions.keys();
  }

  /** Takes one message of the agent on node `from`; returns the answers. */
  receive(from: string, message: AgentMessage, now: Instant): ToAgent[] {
    if (message.kind === "register") return this.#register(from, message, now);
    const session = this.#sessions.get(from);
    if (session === undefined || session.id !== message.session) {
      return [{ to: from, message: { kind: "session-invalid", session: message.session } }];
    }
    if (message.kind === "heartbeat") this.#renew(session, message.engineSilentFor, now);
    this.#heard(session, now);
    switch (message.kind) {
      case "heartbeat": {
        const { id, period } = session;
        const { standing, security } = this.#standings.sessionNode(session);
        const kind = "heartbeat-received";
        const answer = { kind, session: id, period, standing, security } as const;
        return [...this.#outgoing.catchUp(session, now), { to: from, message: answer }];
      }
      case "task-status":
        this.#report(session, message.reports);
        return [];
      case "assignments-received":
        this.#outgoing.received(session, message.sequence, now);
        return [];
      default:
        return unreachable(message);
    }
  }

  /** Learns what the store has changed. */
  applied(events: readonly StoreEvent[], now: Instant): void {
    for (const event of events) {
      this.#outgoing.applied(event, now);
      const { kind, id, previous, current } = event;
      if (kind === "task") this.#noticeTask(id, previous, current);
      else if (kind === "node") this.#noticeNode(id, previous, current, now);
      else if (kind === "cluster") this.#noticeCluster(previous, current);
    }
  }

  /**
   * A node that has just joined is given time to register, one whose role changes is told at once,
   * and one that is removed is not waited for any more.
   */
  #noticeNode(id: string, previous: Node | null, current: Node | null, now: Instant): void {
    const session = this.#sessions.get(id);
    if (current === null) {
      this.#end(id);
      this.#applicants.delete(id);
      this.#liveness.forget(id);
      this.nodeReports.delete(id);
      if (session !== undefined) this.#outgoing.removed(session);
    } else if (previous === null) {
      if (session === undefined) this.#liveness.joined(id, now);
    } else if (session !== undefined && mustHear(previous, current)) this.#tellNode(session);
  }

  /**
   * Managers hear of another unlock key at once: what the old one opens is to be short. Nodes are
   * reported anew at another level: more of what they have said may be stored.
   */
  #noticeCluster(previous: Cluster | null, current: Cluster | null): void {
    for (const session of this.#sessions.values()) {
      if (previous?.level !== current?.level) session.state = null;
      if (previous?.lock.key === current?.lock.key) continue;
      if (this.#view.nodes.get(session.nodeId)?.role === "manager") this.#tellNode(session);
    }
  }

  #tellNode(session: Session): void {
    session.hasNewStanding = true;
    this.#outgoing.add(session);
  }

  /** What the sessions must be told since the last call. */
  flush(now: Instant): readonly ToAgent[] {
    return this.#outgoing.flush(this.#sessions, now);
  }

  /** Looks who is overdue, and tells again what was not acknowledged. Due each tick of Raft. */
  check(now: Instant): readonly ToAgent[] {
    this.#liveness.check(now);
    const again = this.#outgoing.resend(now);
    return now < this.#knockAt ? again : [...again, ...this.#knock(now)];
  }

  #knock(now: Instant): ToAgent[] {
    this.#knockPause = Math.min(knockSlowest, 2 * this.#knockPause) as Duration;
    this.#knockAt = after(now, this.#knockPause);
    const message = { kind: "session-invalid", session: "" } as const;
    const absent = [...this.#view.nodes.keys()].filter((node) => !this.#sessions.has(node));
    return sortedText(absent).map((to) => ({ to, message }));
  }

  /**
   * True when the leader is to make sure that a quorum still follows it, as a node is overdue or
   * asks for a session: `confirmed` is to be called then.
   */
  takeDoubt(now: Instant): boolean {
    if (now < this.#askAgainAt) return false;
    this.#isInDoubt = this.#liveness.takeDoubt();
    if (!this.#isInDoubt && this.#applicants.size === 0) return false;
    this.#askAgainAt = after(now, askAgainAfter);
    return true;
  }

  /**
   * A quorum has answered what it was asked at `askedAt`: who was overdue by then, and still is, is
   * given up, and who had asked for a session has it. Of what came later that answer says nothing:
   * the leader may have stood still since.
   */
  confirmed(askedAt: Instant, now: Instant): ToAgent[] {
    this.#askAgainAt = now;
    const by = this.#config.planted === "O20" ? now : askedAt;
    if (this.#isInDoubt) for (const node of this.#liveness.overdue(by)) this.#giveUp(node);
    this.#isInDoubt = false;
    const opened: ToAgent[] = [];
    for (const [node, { registration, since }] of this.#applicants) {
      if (since > askedAt) break;
      this.#applicants.delete(node);
      opened.push(...this.#open(node, registration, now));
    }
    return opened;
  }

  #register(from: string, message: Registration, now: Instant): ToAgent[] {
    const { description, attempt } = message;
    this.#config.probe?.sometimes(this.#sessions.has(from), "session-taken-over");
    this.#end(from);
    const reason = descriptionProblem(this.#view.cluster, from, description);
    if (reason !== null) {
      return [{ to: from, message: { kind: "registration-refused", attempt, reason } }];
    }
    if (this.#config.planted === "O19") return this.#open(from, message, now);
    this.#applicants.delete(from);
    this.#applicants.set(from, { registration: message, since: now });
    return [];
  }

  #open(from: string, message: Registration, now: Instant): ToAgent[] {
    const { description, attempt, engineSilentFor } = message;
    const period = this.#period();
    const node = { nodeId: from, description, engineSilentFor };
    const session = newSession(newId(this.#config.random), node, period, now);
    this.#sessions.set(from, session);
    this.#liveness.registered(from, period, now);
    const told = { managers: this.#standings.managers, ...this.#standings.sessionNode(session) };
    const agreed = { attempt, session: session.id, heartbeatPeriod: period };
    const opened = { kind: "session", term: this.#config.term, ...agreed, ...told } as const;
    return [{ to: from, message: opened }, this.#outgoing.sendAll(session, now)];
  }

  /** A node beats only once it has heard the answer to its last beat, so it knows that period. */
  #renew(session: Session, engineSilentFor: Duration, now: Instant): void {
    const period = this.#period();
    this.#liveness.beat(session.nodeId, period, now);
    session.patience = Math.max(session.period, period) as Duration;
    session.period = period;
    session.engineSilentFor = engineSilentFor;
  }

  #heard(session: Session, now: Instant): void {
    this.#liveness.heard(session.nodeId, session.patience, now);
    const isSilent = session.engineSilentFor >= this.#spec().engineTimeout;
    const state = isSilent && this.#config.planted !== "O11" ? "down" : "ready";
    if (session.state === state) return;
    session.state = state;
    const { description } = session;
    this.#config.probe?.sometimes(isSilent, "engine-given-up");
    const message = isSilent ? engineSilent : "";
    this.nodeReports.set(session.nodeId, { state, message, description });
  }

  #note(node: string, state: NodeState, message: string): void {
    this.nodeReports.set(node, { state, message, description: null });
  }

  /** A report for a task of another node is ignored; one behind the store is recorded already. */
  #report(session: Session, reports: readonly TaskReport[]): void {
    for (const { task: id, status } of reports) {
      const task = this.#view.tasks.get(id);
      if (task !== undefined && task.nodeId !== session.nodeId) continue;
      const stored = task?.status.state ?? status.state;
      if (this.#config.planted === "O14") this.taskReports.set(id, status);
      else if (status.state <= stored || isTerminal(stored))
        this.#record(session, id, status.state);
      else if (status.state > (this.taskReports.get(id)?.state ?? stored)) {
        this.taskReports.set(id, keptStatus(status));
      }
    }
  }

  /** The session of the task's node is told, if it has one. */
  #noticeTask(id: string, previous: Task | null, current: Task | null): void {
    const session = this.#sessions.get((current ?? previous)?.nodeId ?? "");
    if (session === undefined) return;
    if (current !== null && isReported(previous, current)) {
      this.#record(session, id, current.status.state);
    }
    const fresh = isFresh(previous, current);
    if (fresh === null || (this.#config.planted === "O03" && session.acknowledged === 0)) return;
    session.changed.set(id, fresh || session.changed.get(id) === true);
    this.#outgoing.add(session);
  }

  #record(session: Session, task: string, state: number): void {
    session.recorded.push({ task, state });
    this.#outgoing.add(session);
  }

  #end(node: string): void {
    const session = this.#sessions.get(node);
    if (session === undefined) return;
    this.#sessions.delete(node);
    this.#outgoing.forget(session);
  }

  #giveUp(node: string): void {
    this.#liveness.givenUp(node);
    this.#config.probe?.reachable("silent-node-given-up");
    if (this.#config.planted === "O06") return;
    this.#end(node);
    this.#note(node, "down", "heartbeat failure");
  }

  #spec(): ClusterSpec {
    return settingsOf(this.#view.cluster);
  }

  #period(): Duration {
    return drawPeriod(this.#spec(), this.#config.random);
  }
}

/** True when the store holds a state since now that the task's node may have reported. */
function isReported(previous: Task | null, { status: { state } }: Task): boolean {
  return state > TaskState.ASSIGNED && state !== previous?.status.state;
}
