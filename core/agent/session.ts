import { assert } from "../base/assert.ts";
import { sortedText } from "../base/order.ts";
import type { Probe } from "../base/probe.ts";
import type { Random } from "../base/random.ts";
import { after, type Duration, type Instant, ms, seconds } from "../base/time.ts";
import type { AgentMessage, DispatcherMessage, Place } from "../dispatch/message.ts";
import type { NodeDescription } from "../model/node.ts";

/**
 * How long an agent waits for the answer to `register`. SwarmKit waits 5 s; less lets an agent
 * whose leader is gone try more managers before its tasks are given up.
 */
const registerTimeout = seconds(2);
/** SwarmKit's backoff: `min(100ms + 2 * previous, 8s)`, and a random moment before that. */
const backoffFirst = ms(100);
const backoffMost = seconds(8);

export interface SessionConfig {
  /** The managers that the node has last heard of. */
  readonly managers: readonly string[];
  /** Nodes that may know better. */
  readonly contacts: readonly string[];
  readonly description: NodeDescription;
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
  /** What the leader said of this node's place, until it is taken; null: nothing new. */
  place: Place | null = null;
  #managers: readonly string[];
  #manager: string;
  #highestTerm = 0;
  #attempt = 0;
  #deadline: Instant;
  #backoff = 0 as Duration;
  #period = seconds(5);
  /** A registration or a heartbeat has not been answered yet. */
  #isWaiting = false;
  /** A hint at the leader is followed at once, but only once between two pauses. */
  #hasFollowedHint = false;
  /** Whom to ask when those managers are not managers any more. */
  readonly #contacts: readonly string[];
  readonly #description: NodeDescription;
  readonly #random: Random;
  readonly #probe: Probe | null;

  constructor(config: SessionConfig, now: Instant) {
    const { managers, contacts, description, random } = config;
    assert(managers.length > 0, "an agent knows at least one manager");
    this.#managers = managers;
    this.#manager = random.pick(managers);
    this.#contacts = contacts;
    this.#description = description;
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

  /** Tries again at once, unless a session is open. */
  retryNow(now: Instant): void {
    if (this.id !== null) return;
    this.#isWaiting = false;
    this.#deadline = now;
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

  /** The cluster was started anew: what was agreed with its old leader is over. */
  restart(managers: readonly string[], now: Instant): void {
    this.#managers = managers;
    this.#highestTerm = 0;
    this.id = null;
    this.#pause(now);
  }

  #learn({ standing, security }: Place): void {
    this.place = { standing, security };
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
    this.#hasFollowedHint = false;
    this.#backoff = Math.min(backoffFirst + 2 * this.#backoff, backoffMost) as Duration;
    this.#deadline = after(now, this.#random.below(this.#backoff) as Duration);
  }

  /** A manager other than the last one, if there is any. */
  #another(): string {
    const known = sortedText(new Set([...this.#managers, ...this.#contacts]));
    const others = known.filter((manager) => manager !== this.#manager);
    return this.#random.pick(others.length > 0 ? others : known);
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
    this.#backoff = 0 as Duration;
    this.#period = message.heartbeatPeriod;
    this.#deadline = after(now, this.#period);
    return true;
  }

  #redirect(from: string, message: DispatcherMessage & { kind: "not-leader" }, now: Instant): void {
    const isAnswer = this.id === null && this.#isWaiting && message.attempt === this.#attempt;
    const isDeposed = this.id !== null && message.attempt === null && from === this.#manager;
    if (!isAnswer && !isDeposed) return;
    const follows = message.leader !== null && message.leader !== from && !this.#hasFollowedHint;
    this.#pause(now);
    if (!follows || message.leader === null) return;
    this.#hasFollowedHint = true;
    this.#manager = message.leader;
    this.#deadline = now;
  }
}
