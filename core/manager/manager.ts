import { assert } from "../base/assert.ts";
import type { IdQueue } from "../base/id-queue.ts";
import { limits } from "../base/limits.ts";
import type { Planted } from "../base/planted.ts";
import type { Probe } from "../base/probe.ts";
import type { Random } from "../base/random.ts";
import { type Duration, type Instant, type Moment, never, type Timestamp } from "../base/time.ts";
import { Authority } from "../ca/authority.ts";
import type { ExternalOutput } from "../ca/external-issuer.ts";
import type { Admit } from "../ca/issue.ts";
import type { ToApplicant } from "../ca/message.ts";
import type { SignerRequest } from "../ca/signer-request.ts";
import type { ClientCommand } from "../control/command.ts";
import { Dispatcher } from "../dispatch/dispatcher.ts";
import type { AgentMessage, ToAgent } from "../dispatch/message.ts";
import { admit } from "../membership/admit.ts";
import { FeatureLevel } from "../membership/feature-level.ts";
import { planRoles } from "../membership/plan-roles.ts";
import { RoleManager } from "../membership/role-manager.ts";
import type { Certificate } from "../model/certificate.ts";
import type { SizeOf, StoreEntry, Transaction } from "../model/change.ts";
import { earlier, type PlanContext } from "../plan/plan.ts";
import type { RaftInput } from "../raft/contract.ts";
import type { RaftView } from "../raft/reach.ts";
import type { AppliedEntry } from "../store/store.ts";
import type { StoreView } from "../store/view.ts";
import { CalendarDoubt } from "./calendar-doubt.ts";
import type { ClusterClock } from "./cluster-clock.ts";
import { Commands, type Origin, type ToOrigin } from "./commands.ts";
import { type Founding, newCluster } from "./new-cluster.ts";
import { Planners } from "./planners.ts";
import { nodeTransaction, taskTransaction } from "./reports.ts";
import { Turn } from "./turn.ts";

export interface ManagerConfig extends Founding {
  readonly term: number;
  readonly raft: RaftView;
  readonly tickInterval: Duration;
  readonly electionTimeout: Duration;
  readonly random: Random;
  readonly planted: Planted;
  readonly probe?: Probe | null;
  readonly sizeOf?: SizeOf | undefined;
}

/** What the manager asks of its node. */
export interface ManagerOutput {
  readonly replies: readonly ToOrigin[];
  /** A quorum is to answer first (see `Dispatcher.takeDoubt`): `confirmed` is to be called then. */
  readonly confirm: boolean;
  /** The next entry; null when there is none, or when one is still on its way. */
  readonly propose: StoreEntry | null;
  /** A change of membership, or a transfer of the leadership; null: none. */
  readonly ask: RaftInput | null;
  /** For authorities outside the cluster. */
  readonly outside: ExternalOutput;
  readonly sign: readonly SignerRequest[];
  readonly toApplicants: readonly ToApplicant[];
}

/** The output of a manager that rests: nothing was heard, and it is not the time for anything. */
export const silence: ManagerOutput = {
  replies: [],
  confirm: false,
  propose: null,
  ask: null,
  outside: { requests: [], failures: [] },
  sign: [],
  toApplicants: [],
};

/**
 * What a leader runs, from its term's first committed entry until it steps down.
 *
 * Model: the leader is the cluster's only writer and has one entry on its way at a time. Each turn
 * reads one state of the store and gathers, in this order: what agents reported, what users asked
 * for, what the planners want. So no decision is ever made against a state that another decision
 * of the same leader is about to change. A new leader builds all of this anew from the store.
 */
export class Manager {
  readonly #view: StoreView;
  readonly #config: ManagerConfig;
  readonly #clock: ClusterClock;
  readonly #dispatcher: Dispatcher;
  readonly #planners: Planners;
  readonly #roles: RoleManager;
  readonly #level: FeatureLevel;
  readonly #doubt: CalendarDoubt;
  readonly #authority: Authority;
  readonly #commands: Commands;
  #toAgents: ToAgent[] = [];
  #isProposing = false;
  /**
   * The last entry changed nodes, so nothing was planned in it: a plan may not rely on a node that
   * goes, or comes back, in the same entry. The next one is for planning, however nodes flap.
   */
  #isPlanningDue = false;
  /** An entry that Raft would not take; nothing else is decided before it is in the log. */
  #refused: StoreEntry | null = null;
  /** Nothing follows before that; null: something was heard since, or is still to be done. */
  #restsUntil: Instant | null = null;

  constructor(view: StoreView, config: ManagerConfig, clock: ClusterClock, moment: Moment) {
    const { now, calendar } = moment;
    this.#view = view;
    this.#config = config;
    this.#clock = clock;
    clock.lead(view.time, moment, config.planted);
    const until = view.cluster?.slowBeatsUntil ?? view.time;
    const slowBeatsUntil = clock.latestInstantOf(until, now);
    this.#dispatcher = new Dispatcher(view, { ...config, slowBeatsUntil }, now);
    this.#commands = new Commands(view, config);
    this.#planners = new Planners(view, config.planted);
    this.#roles = new RoleManager(view, config, now);
    const { founders, random, secrets, raft, planted } = config;
    this.#level = new FeatureLevel(view, raft, planted);
    const admitted: Admit = (context, newcomer) => admit(context, raft.membership, newcomer);
    const authority = { founders, random, secrets, planted, admit: admitted };
    this.#authority = new Authority(view, authority, calendar);
    this.#doubt = new CalendarDoubt(view, raft, this.#authority);
    if (config.probe) noteWhatIsTakenOver(config.probe, view);
  }

  /**
   * When `output` must be called next though nothing has reached the manager. While an entry is on
   * its way nothing is planned.
   */
  wakeAt(now: Instant): Instant {
    return this.#restsUntil ?? this.#nextWake(now);
  }

  #nextWake(now: Instant): Instant {
    const authority = this.#authority;
    const wakeAt = earlier(this.#planners.nextWake, authority.wakeAt);
    const planned = this.#isProposing ? null : wakeAt;
    const plannedAt = planned === null ? never : this.#clock.instantOf(planned, now);
    const { deadline } = this.#dispatcher;
    return Math.min(plannedAt, deadline, this.#roles.deadline, authority.deadline) as Instant;
  }

  /** For what it is to be told: what follows from that comes with the next output. */
  authority(): Authority {
    this.#restsUntil = null;
    return this.#authority;
  }

  /** An agent has shown this certificate. */
  seen(certificate: Certificate): void {
    if (this.#authority.seen(certificate)) this.#restsUntil = null;
  }

  /** From a heartbeat, as a rule, nothing follows but its answer. */
  receive(from: string, message: AgentMessage, now: Instant): void {
    const dispatcher = this.#dispatcher;
    for (const answer of dispatcher.receive(from, message, now)) this.#toAgents.push(answer);
    if (message.kind !== "heartbeat" || dispatcher.nodeReports.size > 0) this.#restsUntil = null;
    else if (this.#restsUntil !== null) {
      this.#restsUntil = Math.min(this.#restsUntil, dispatcher.deadline) as Instant;
    }
  }

  request(origin: Origin, command: ClientCommand): void {
    this.#restsUntil = null;
    this.#commands.add(origin, command);
  }

  /** The entry was applied: the store now shows it. Also called for entries of earlier terms. */
  applied(applied: AppliedEntry, isOwn: boolean, now: Instant): void {
    this.#restsUntil = null;
    this.#planners.note(applied.events);
    this.#roles.applied(applied.events, now);
    this.#level.note(applied.events);
    this.#dispatcher.applied(applied.events, now);
    this.#authority.applied(applied.events);
    if (!isOwn) return;
    assert(this.#isProposing, "an own entry was proposed before it is applied");
    this.#isProposing = false;
    this.#commands.applied(applied.transactions);
  }

  /** A change of Raft's membership is applied. */
  membershipChanged(now: Instant): void {
    this.#restsUntil = null;
    this.#roles.changed(now);
  }

  /** A quorum of managers has answered since `confirm` was asked for at `askedAt`. */
  confirmed(askedAt: Instant, now: Instant): void {
    this.#restsUntil = null;
    for (const opened of this.#dispatcher.confirmed(askedAt, now)) this.#toAgents.push(opened);
  }

  /** Raft would not take the entry just now: it is proposed again with the next output. */
  refused(entry: StoreEntry): void {
    assert(this.#isProposing, "only what was proposed is refused");
    this.#config.probe?.reachable("entry-refused-and-kept");
    this.#restsUntil = null;
    this.#refused = entry;
  }

  /** The leadership is lost: whoever waits may ask the next leader. */
  stop(): readonly ToOrigin[] {
    return this.#commands.stop();
  }

  /** The nodes whose agents have sessions with this leader. */
  get agents(): Iterable<string> {
    return this.#dispatcher.agents;
  }

  /** Everything that follows from what has reached the manager since the last call. */
  output(now: Instant, calendar: Timestamp): ManagerOutput {
    for (const due of this.#dispatcher.check(now)) this.#toAgents.push(due);
    if (this.#roles.judge(this.#doubt.isGrave(now, calendar), now)) this.#restsUntil = null;
    if (this.#restsUntil !== null && now < this.#restsUntil) {
      this.#authority.begin(calendar);
      return silence;
    }
    for (const due of this.#dispatcher.flush(now)) this.#toAgents.push(due);
    const time = this.#clock.at(now);
    const hasWork = !this.#isProposing && this.#hasWork(time);
    const propose = hasWork ? this.#takeTurn(time) : this.#refused;
    this.#refused = null;
    const confirm = this.#dispatcher.takeDoubt(now);
    const ask = this.#roles.ask(now);
    this.#authority.begin(calendar);
    const outside = this.#authority.external.take(now, calendar);
    const sign = this.#authority.takeRequests(now);
    const toApplicants = this.#authority.takeAnswers();
    const replies = this.#commands.takeReplies();
    this.#restsUntil = hasWork && propose === null ? null : this.#nextWake(now);
    return { replies, confirm, propose, ask, outside, sign, toApplicants };
  }

  /** What agents are to be told since the last call: to be asked for after each `output`. */
  takeToAgents(): readonly ToAgent[] {
    const toAgents = this.#toAgents;
    if (toAgents.length > 0) this.#toAgents = [];
    return toAgents;
  }

  #takeTurn(time: Timestamp): StoreEntry | null {
    const { random, secrets, planted, probe } = this.#config;
    probe?.always(!this.#isProposing, "planned-at-newest-state");
    const changesMost = probe?.buggify("small-entry") === true ? 1 : limits.changesPerEntry;
    const turn = new Turn(changesMost, this.#config.sizeOf);
    const context: PlanContext = { view: this.#view, now: time, random, secrets, planted };
    if (this.#view.cluster === null) turn.offer(newCluster(this.#config));
    takeReports(turn, this.#dispatcher.taskReports, (id, status) =>
      taskTransaction(context, id, status),
    );
    if (this.#isPlanningDue) this.#planners.plan(context, turn);
    const isPlanned = this.#isPlanningDue && turn.transactions.length > 0;
    this.#isPlanningDue = false;
    if (!isPlanned) this.#takeAll(turn, context);
    if (turn.transactions.length === 0) return null;
    this.#isProposing = true;
    return { term: this.#config.term, time, transactions: turn.transactions };
  }

  #takeAll(turn: Turn, context: PlanContext): void {
    takeReports(turn, this.#dispatcher.nodeReports, (id, report) =>
      nodeTransaction(context, this.#config.raft, id, report),
    );
    turn.offerAll(this.#authority.plan(context));
    this.#commands.takeTurn(turn, context);
    this.#takeRoles(turn, context);
    turn.offerAll(this.#level.plan());
    this.#isPlanningDue = turn.changesPlaces;
    if (!turn.changesPlaces) this.#planners.plan(context, turn);
  }

  #hasWork(time: Timestamp): boolean {
    const { nodeReports, taskReports } = this.#dispatcher;
    return (
      nodeReports.size > 0 ||
      taskReports.size > 0 ||
      this.#commands.size > 0 ||
      this.#planners.hasWork(time) ||
      this.#roles.mustPlan ||
      this.#level.hasWork ||
      this.#authority.hasWork(time) ||
      this.#view.cluster === null
    );
  }

  #takeRoles(turn: Turn, context: PlanContext): void {
    if (!this.#roles.mustPlan) return;
    this.#roles.mustPlan = !turn.offerAll(planRoles(context, this.#config.raft));
  }
}

/** A report leaves its queue when it is in the turn, or when the store needs no change for it. */
function takeReports<Report>(
  turn: Turn,
  reports: IdQueue<Report>,
  changeFor: (id: string, report: Report) => Transaction | null,
): void {
  reports.workOff(
    () => turn.isFull,
    (id, report) => {
      const change = changeFor(id, report);
      return change === null || turn.offer(change);
    },
  );
}

function noteWhatIsTakenOver(probe: Probe, { services, nodes }: StoreView): void {
  const states = new Set([...services.values()].map(({ updateStatus }) => updateStatus?.state));
  const isDraining = [...nodes.values()].some(({ spec }) => spec.availability === "drain");
  probe.sometimes(states.has("updating"), "update-taken-over");
  probe.sometimes(states.has("rollback_started"), "rollback-taken-over");
  probe.sometimes(isDraining, "drain-taken-over");
}
