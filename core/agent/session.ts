import { assert } from "../base/assert.ts";
import { isEqual } from "../base/equal.ts";
import { sortedText } from "../base/order.ts";
import type { Probe } from "../base/probe.ts";
import type { Random } from "../base/random.ts";
import { after, type Duration, type Instant, ms, seconds } from "../base/time.ts";
import type { AgentMessage, DispatcherMessage, SessionNode } from "../dispatch/message.ts";
import { isTooLong } from "../model/description.ts";
import type { EngineParts, NodeDescription } from "../model/node.ts";

/**
 * How long an agent waits for the answer to `register`. SwarmKit waits 5 s; less lets an agent
 * whose leader is gone try more managers before its tasks are given up.
 */
const registerTimeout = seconds(2);
/** Hints at the leader that are followed before the next pause: it may change meanwhile. */
const hintsMost = 2;
/** Many agents hear of a new leader at once, and do not all come to it at once. */
const comeWithin = ms(500);
/** SwarmKit's backoff: `min(100ms + 2 * previous, 8s)`, and a random moment before that. */
const backoffFirst = ms(100);
const backoffMost = seconds(8);
/**
 * Nor does it pause for longer than this many periods: a new leader waits for nodes that it has not
 * heard of as many times the period as it does, and several managers that are gone may be tried
 * first. (SwarmKit's 8 s are made for its period of 5 s.)
 */
const backoffPeriods = 2;

export interface SessionConfig {
  /** The managers that the node has last heard of. */
  readonly managers: readonly string[];
  /** Nodes that may know better. */
  readonly contacts: readonly string[];
  readonly description: NodeDescription;
  /** Another whole number each time that the node starts, below 2^30. */
  readonly life: number;
  readonly random: Random;
  readonly probe?: Probe | null;
}

export interface ToManager {
  readonly to: string;
  readonly message: AgentMessage;
}

/**
 * The agent's side of a session: finds the leader, registers, and beats.
 *
 * Model: seeking until a leader of a term not below any seen before has answered `register`; open
 * until that leader ends the session, or a heartbeat is still unanswered when the next is due.
 */
export class AgentSession {
  /** Null while seeking. */
  id: string | null = null;
  /** What the leader said of this node, until it is taken; null: nothing new. */
  sessionNode: SessionNode | null = null;
  #managers: readonly string[];
  #manager: string;
  #highestTerm = 0;
  /** Begins anew in each life: what answers an earlier one knows nothing of this. */
  #attempt: number;
  #deadline: Instant;
  #backoff = 0 as Duration;
  #period = seconds(5);
  /** A registration or a heartbeat has not been answered yet. */
  #isWaiting = false;
  #hintsLeft = hintsMost;
  /** The managers that were of no help since the last session. */
  readonly #tried = new Set<string>();
  /** Those that it has begun with. */
  readonly #firstContacts: readonly string[];
  /** Whom to ask when those managers are not managers any more. */
  #contacts: readonly string[];
  #description: NodeDescription;
  readonly #random: Random;
  readonly #probe: Probe | null;

  constructor(config: SessionConfig, now: Instant) {
    const { managers, contacts, description, random } = config;
    assert(managers.length > 0, "an agent knows at least one manager");
    this.#managers = managers;
    this.#manager = random.pick(managers);
    this.#firstContacts = contacts;
    this.#contacts = contacts;
    this.#description = description;
    this.#attempt = config.life;
    this.#random = random;
    this.#probe = config.probe ?? null;
    this.#deadline = after(now, random.below(backoffFirst) as Duration);
  }

  /** When `check` must be called next. */
  get deadline(): Instant {
    return this.#deadline;
  }

  get manager(): string {
    return this.#manager;
  }

  /** So far apart it speaks to managers at most, where its machine does not stand still. */
  get longestPause(): Duration {
    return (registerTimeout + Math.max(this.#period, this.#backoffMost)) as Duration;
  }

  get #backoffMost(): Duration {
    return Math.min(backoffMost, backoffPeriods * this.#period) as Duration;
  }

  /** Beats, registers, or gives the session up, if it is time to. */
  check(now: Instant, engineSilentFor: Duration): ToManager | null {
    if (now < this.#deadline) return null;
    const givesUp = this.id !== null && this.#probe?.buggify("session-dropped") === true;
    if (this.#isWaiting || givesUp) return this.#lose(now, engineSilentFor);
    this.#isWaiting = true;
    if (this.id === null) return this.#register(now, engineSilentFor);
    this.#deadline = after(now, this.#period);
    const message = { kind: "heartbeat", session: this.id, engineSilentFor } as const;
    return { to: this.#manager, message };
  }

  /** True while `attempt` is the last registration, and none has opened a session since. */
  awaits(attempt: number): boolean {
    return this.id === null && attempt === this.#attempt;
  }

  /** These may know better, too, in place of those met before. */
  meet(nodes: readonly string[]): void {
    this.#contacts = [...new Set([...this.#firstContacts, ...nodes])];
  }

  /**
   * What the node has by now. Where that is news, the leader hears of it at once, in a session of
   * its own (SwarmKit's agent does the same). With more than a leader takes the node would be shut
   * out, and its tasks be stopped: it stays as it was.
   */
  describe(has: EngineParts, now: Instant): void {
    const { hostname, ...before } = this.#description;
    const description = { hostname, ...before, ...has };
    if (isEqual(description, this.#description) || isTooLong(description)) return;
    this.#description = description;
    this.id = null;
    this.retryNow(now);
  }

  /** Tries again at once, unless a session is open. */
  retryNow(now: Instant): void {
    if (this.id !== null) return;
    this.#isWaiting = false;
    this.#deadline = now;
  }

  /** Nobody listens at this node: a session there is over, and no answer will come. */
  unreachable(node: string, now: Instant): void {
    if (node !== this.#manager || (this.id === null && !this.#isWaiting)) return;
    this.id = null;
    this.#pause(now);
  }

  /** True when the message opened a session, to which everything must be reported anew. */
  receive(from: string, message: DispatcherMessage, now: Instant): boolean {
    switch (message.kind) {
      case "session":
        return this.#open(from, message, now);
      case "heartbeat-received":
        if (message.session !== this.id) return false;
        this.#learn(message);
        if (this.#isWaiting) this.#beatAgainAfter(message.period, now);
        return false;
      case "standing":
        if (message.session === this.id) this.#learn(message);
        return false;
      case "registration-refused":
        if (this.awaits(message.attempt)) this.#pause(now);
        return false;
      case "not-leader":
        this.#redirect(from, message, now);
        return false;
      case "session-invalid":
        if (message.session === this.id) this.#pause(now);
        return false;
      default:
        return false;
    }
  }

  /** The leader names the period anew with each answer: its patience is measured in it. */
  #beatAgainAfter(period: Duration, now: Instant): void {
    this.#isWaiting = false;
    this.#period = period;
    this.#deadline = after(now, period);
  }

  /**
   * The cluster was started anew: what was agreed with its old leader is over. Its managers are
   * those that are there, and any other may be lost.
   */
  restart(managers: readonly string[], now: Instant): void {
    this.#managers = managers;
    this.#highestTerm = 0;
    this.#tried.clear();
    this.#backoff = 0 as Duration;
    this.#hintsLeft = hintsMost;
    this.id = null;
    this.#isWaiting = false;
    this.#manager = managers.length > 0 ? this.#random.pick(managers) : this.#another();
    this.#deadline = this.#soon(now);
  }

  #learn({ standing, security }: SessionNode): void {
    this.sessionNode = { standing, security };
    if (standing !== null) this.#managers = standing.managers;
  }

  #register(now: Instant, engineSilentFor: Duration): ToManager {
    this.#attempt += 1;
    this.#deadline = after(now, registerTimeout);
    const description = this.#description;
    const about = { attempt: this.#attempt, description, engineSilentFor };
    const message = { kind: "register", ...about } as const;
    return { to: this.#manager, message };
  }

  /** An open session is first taken up again with the same manager: it may be only a loss. */
  #lose(now: Instant, engineSilentFor: Duration): ToManager | null {
    const wasOpen = this.id !== null;
    this.#pause(now);
    if (!wasOpen) return null;
    this.#isWaiting = true;
    return this.#register(now, engineSilentFor);
  }

  #pause(now: Instant): void {
    if (this.id === null) this.#manager = this.#another();
    this.id = null;
    this.#isWaiting = false;
    this.#hintsLeft = hintsMost;
    this.#backoff = Math.min(backoffFirst + 2 * this.#backoff, this.#backoffMost) as Duration;
    this.#deadline = after(now, this.#random.below(this.#backoff) as Duration);
  }

  /**
   * A manager that was not tried since the last session, or any but the last one: several may be
   * gone. (SwarmKit's `remotes` weigh those down that were of no help.) Of those who may only know
   * better one is asked after each round of the managers: in the life of a cluster many come to be
   * gone for good.
   */
  #another(): string {
    this.#tried.add(this.#manager);
    const managers = this.#untried(this.#managers);
    if (managers.length > 0) return this.#random.pick(managers);
    const contacts = this.#untried(this.#contacts);
    if (contacts.length === 0) this.#tried.clear();
    for (const manager of this.#managers) this.#tried.delete(manager);
    if (contacts.length > 0) return this.#random.pick(contacts);
    const known = sortedText(new Set([...this.#managers, ...this.#contacts]));
    const others = known.filter((manager) => manager !== this.#manager);
    return this.#random.pick(others.length > 0 ? others : known);
  }

  #untried(nodes: readonly string[]): readonly string[] {
    const untried = nodes.filter((node) => node !== this.#manager && !this.#tried.has(node));
    return sortedText(new Set(untried));
  }

  /** A leader of an older term is deposed, though it may not know: its assignments are old. */
  #open(from: string, message: DispatcherMessage & { kind: "session" }, now: Instant): boolean {
    if (this.id !== null || message.attempt !== this.#attempt) return false;
    if (message.term < this.#highestTerm) {
      this.#pause(now);
      return false;
    }
    this.#highestTerm = message.term;
    this.#manager = from;
    this.#managers = message.managers;
    this.#learn(message);
    this.id = message.session;
    this.#isWaiting = false;
    this.#tried.clear();
    this.#backoff = 0 as Duration;
    this.#period = message.heartbeatPeriod;
    this.#deadline = after(now, this.#period);
    return true;
  }

  /**
   * An answer is followed at once. Later the manager that gave it may tell, unasked, of a new
   * leader, and so may one that led until now.
   */
  #redirect(from: string, message: DispatcherMessage & { kind: "not-leader" }, now: Instant): void {
    const { attempt, leader } = message;
    const isDeposed = this.id !== null && attempt === null && from === this.#manager;
    const isSeeking = this.id === null && attempt !== null;
    if (!isDeposed && !isSeeking) return;
    const isAnswer = isSeeking && this.#isWaiting && attempt === this.#attempt;
    const isAsked = isSeeking && this.#isWaiting && leader === this.#manager;
    if (leader !== null && !isAsked && this.#hintsLeft > 0) {
      return this.#follow(leader, isAnswer ? now : this.#soon(now));
    }
    if (isDeposed || isAnswer) this.#pause(now);
  }

  /** A node that names a leader has been tried, too: the one it names may be gone for good. */
  #follow(leader: string, at: Instant): void {
    this.#tried.add(this.#manager);
    this.id = null;
    this.#isWaiting = false;
    this.#hintsLeft -= 1;
    this.#manager = leader;
    this.#deadline = at;
  }

  #soon(now: Instant): Instant {
    return after(now, this.#random.below(comeWithin) as Duration);
  }
}
