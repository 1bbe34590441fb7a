import { unreachable } from "../base/assert.ts";
import type { Planted } from "../base/planted.ts";
import type { Random } from "../base/random.ts";
import {
  after,
  type Duration,
  hours,
  type Instant,
  never,
  seconds,
  type Timestamp,
  until,
} from "../base/time.ts";
import type { Certificate, Root, Security } from "../model/certificate.ts";
import { parseToken } from "../model/join-token.ts";
import type { Availability, NodeDescription } from "../model/node.ts";
import { backoff } from "./backoff.ts";
import { isSame, trustedIn } from "./held-roots.ts";
import { LockWatch } from "./lock-watch.ts";
import type { CaAnswer, CaRequest } from "./message.ts";
import { lacksRole, mustRenew, RenewalTime, renewalOf, renewalOfHeld } from "./renewal.ts";
import type { HeldIdentity, SignerAnswer, SignerRequest } from "./signer-request.ts";

/** How long a manager or the signer may take to answer. */
const patience = seconds(2);
/** The end of a certificate cuts no pause shorter than this. */
const pauseLeast = seconds(30);
/** The calendar is looked at this often, since it may jump while the monotonic clock does not. */
const lookEvery = hours(1);
/** Of the leaders that a node was sent to: anybody may name one to a node that joins. */
const leadersMost = 8;
const otherToken =
  "the token is of another root than the swarm's: ask a manager for the present one";

export interface IdentityConfig {
  readonly managers: readonly string[];
  /** Whom to ask besides while it has not joined: managers of which it heard may all be gone. */
  readonly contacts: readonly string[];
  /** Whom to ask before all others; null: any. */
  readonly askFirst: string | null;
  readonly description: NodeDescription;
  /** What it begins with in a cluster that it joins. */
  readonly availability: Availability;
  readonly random: Random;
  readonly planted: Planted;
}

/** What a step is waiting for. */
type Phase =
  | { readonly kind: "idle" }
  | { readonly kind: "root"; readonly digest: string }
  | { readonly kind: "signer" }
  | { readonly kind: "certificate"; readonly request: string };

/** What the machine asks of its node. */
export interface IdentityOutput {
  readonly toManagers: readonly { readonly to: string; readonly message: CaRequest }[];
  readonly sign: readonly SignerRequest[];
  /** Why the leader has given this node no certificate; null: it did not refuse one. */
  readonly refusal: string | null;
}

/** The output of a step in which nothing is asked. */
export const noRequests: IdentityOutput = { toManagers: [], sign: [], refusal: null };

/**
 * A node's own certificate: joins the cluster with a token, renews in time, follows the roots.
 *
 * Model: idle until a certificate is due; then one thing is waited for at a time: the root of a
 * manager, the signer, the leader's certificate. Whatever goes wrong or stays out ends in a pause,
 * after which it all begins anew with another manager. Deadlines of certificates are on the
 * calendar, pauses on the monotonic clock.
 */
export class Identity {
  certificate: Certificate | null;
  /** Its certificate is over, and the leader knows no such node any more. */
  isOut = false;
  #roots: readonly Root[];
  #token: string | null;
  /** Digests of the roots that this node trusts; before it has one, that of its token. */
  trusted: readonly string[];
  readonly #lock: LockWatch;
  /** What the leader said since the certificate was installed. */
  #told: Security | null = null;
  /** Of the newest that it ever said in this life of the node. */
  #version = -1;
  #renewal: RenewalTime;
  #phase: Phase = { kind: "idle" };
  /** Since the root was asked for last, another than the one in the token was told. */
  #isStrange = false;
  /** The signer holds a key for it. */
  #request: string | null = null;
  #managers: readonly string[];
  #manager: string;
  /** The leaders that it was sent to, the last one last: those that it was told of may be gone. */
  #leaders: readonly string[] = [];
  #attempt = 0;
  #failures = 0;
  /** When idle: the next look; else: the end of the patience. */
  #deadline: Instant;
  /** The moment of the step under way. */
  #now: Instant;
  #calendar: Timestamp;
  #sign: SignerRequest[] = [];
  #send: { to: string; message: CaRequest }[] = [];
  #refusal: string | null = null;
  readonly #config: IdentityConfig;
  readonly #random: Random;

  constructor(config: IdentityConfig, held: HeldIdentity, now: Instant, calendar: Timestamp) {
    this.#config = config;
    this.#random = config.random;
    this.#managers = config.managers;
    this.#manager = config.askFirst ?? this.#random.pick(config.managers);
    this.#now = now;
    this.#calendar = calendar;
    this.certificate = held.certificate;
    this.#roots = held.roots;
    this.#token = held.token;
    this.trusted = trustedIn(held.roots, held.token);
    this.#lock = new LockWatch(held.lock);
    const { random, planted } = config;
    const { certificate } = held;
    const renewAt =
      certificate === null ? calendar : renewalOfHeld(certificate, calendar, random, planted);
    this.#renewal = new RenewalTime(renewAt, now, calendar);
    this.#deadline = now;
  }

  get deadline(): Instant {
    return Math.min(this.#deadline, this.#lock.deadline) as Instant;
  }

  /** The leaders that it was sent to while it asked for its certificates. */
  get leaders(): readonly string[] {
    return this.#leaders;
  }

  /** A step begins at this moment, on the node's two clocks. */
  begin(now: Instant, calendar: Timestamp): void {
    this.#now = now;
    this.#calendar = calendar;
  }

  /** The node's user, or the store of a founding manager, has given it a token. */
  join(token: string): void {
    if (this.certificate !== null || token === this.#token) return;
    this.#hold([], token);
    this.#failures = 0;
    if (this.#phase.kind === "idle") this.#deadline = this.#now;
  }

  /** The cluster was started anew: what its old leader said does not bind the new one. */
  restart(managers: readonly string[]): void {
    this.#managers = managers;
    this.#version = -1;
    this.#told = null;
  }

  /** The leader has told what is true of certificates. */
  told(security: Security, managers: readonly string[] | null): void {
    if (managers !== null && managers.length > 0) this.#managers = managers;
    const isNews = security.version >= this.#version;
    this.#ask(isNews ? this.#lock.told(security.lock) : this.#lock.next());
    if (security.version <= this.#version || this.certificate === null) return;
    this.#version = security.version;
    this.#told = security;
    if (!isSame(this.#roots, security.roots)) this.#ask({ kind: "trust", roots: security.roots });
    const mayWait = this.#failures > 0 && !this.#isUrgent();
    if (this.#phase.kind === "idle" && !mayWait) this.#deadline = this.#now;
  }

  receive(from: string, answer: CaAnswer): void {
    if (answer.kind === "root") {
      if (this.#phase.kind !== "root") return;
      if (answer.root.digest !== this.#phase.digest) {
        this.#isStrange = true;
        return;
      }
      this.#ask({ kind: "trust", roots: [answer.root] });
      return this.#wait({ kind: "signer" });
    }
    if (answer.attempt !== this.#attempt || !this.#isOpen(answer)) return;
    switch (answer.kind) {
      case "certificate":
        return this.#take(answer.certificate);
      case "certificate-refused":
        this.#refusal = answer.reason;
        if (answer.isOut && this.#isOver) this.isOut = true;
        return this.#pause();
      case "ask-leader":
        return this.#redirect(from, answer.leader);
      default:
        return unreachable(answer);
    }
  }

  /** What a worker can tell an applicant that takes it for a manager. */
  guide(asked: CaRequest, leader: string | null): readonly CaAnswer[] {
    if (asked.kind === "root-request") return this.#roots.map((root) => ({ kind: "root", root }));
    return [{ kind: "ask-leader", attempt: asked.attempt, leader }];
  }

  /**
   * A certificate that comes in the pause after its patience is as good as one in time: else a
   * leader that is slow for good would never help anybody.
   */
  #isOpen({ kind }: CaAnswer): boolean {
    const isLate = this.#phase.kind === "idle" && this.#request !== null;
    return this.#phase.kind === "certificate" || (isLate && kind === "certificate");
  }

  /** True when a certificate was installed. */
  signed(answer: SignerAnswer): boolean {
    switch (answer.kind) {
      case "trusted":
        this.#hold(answer.roots, this.#token);
        if (this.#phase.kind === "signer" && this.certificate === null) this.#start();
        return false;
      case "request-made":
        this.#request = answer.request;
        if (this.#phase.kind === "signer") this.#askForCertificate(answer.request);
        return false;
      case "installed":
        this.#install(answer.certificate, answer.roots);
        return true;
      case "locked":
        this.#ask(this.#lock.changed(answer.lock));
        return false;
      case "failed":
        this.#failed(answer.request);
        return false;
      default:
        return false;
    }
  }

  #failed(request: SignerRequest["kind"]): void {
    if (request === "install") this.#request = null;
    if (request === "lock") this.#lock.failed(this.#now);
    else if (this.#phase.kind === "signer") this.#pause();
  }

  /** Looks whether a certificate is due, and gives up on what stays out. */
  output(): IdentityOutput {
    if (this.#now >= this.#lock.deadline) this.#ask(this.#lock.next());
    if (this.#now >= this.#deadline) {
      if (this.#phase.kind !== "idle") this.#giveUp();
      else if (this.#isDue()) this.#start();
      else this.#lookAgain();
    }
    if (this.#send.length + this.#sign.length === 0 && this.#refusal === null) return noRequests;
    const output = { toManagers: this.#send, sign: this.#sign, refusal: this.#refusal };
    this.#send = [];
    this.#sign = [];
    this.#refusal = null;
    return output;
  }

  #isDue(): boolean {
    if (this.certificate === null) return this.#token !== null;
    if (this.#config.planted === "K01") return false;
    return this.#hasTimeCome || (this.#told !== null && mustRenew(this.certificate, this.#told));
  }

  get #hasTimeCome(): boolean {
    return this.#renewal.hasCome(this.#now, this.#calendar);
  }

  /** Nothing is due, so nothing that has failed before is to be waited for. */
  #lookAgain(): void {
    this.#failures = 0;
    const wait = until(this.#calendar, this.#renewal.at) || lookEvery;
    this.#deadline =
      this.certificate === null ? never : after(this.#now, Math.min(wait, lookEvery) as Duration);
  }

  #start(): void {
    const digest = this.#token === null ? null : parseToken(this.#token)?.digest;
    if (this.#roots.length === 0) {
      if (digest === undefined || digest === null) return this.#pause();
      this.#isStrange = false;
      this.#send.push({ to: this.#manager, message: { kind: "root-request" } });
      this.#wait({ kind: "root", digest });
    } else if (this.#request === null) {
      this.#ask({ kind: "make-request" });
      this.#wait({ kind: "signer" });
    } else this.#askForCertificate(this.#request);
  }

  /** The token is a secret: who has a certificate, shows only that. */
  #askForCertificate(request: string): void {
    this.#attempt += 1;
    const token = this.certificate === null ? this.#token : null;
    const { description, availability } = this.#config;
    const said = { attempt: this.#attempt, request, token, description, availability };
    this.#send.push({ to: this.#manager, message: { kind: "certificate-request", ...said } });
    this.#wait({ kind: "certificate", request });
  }

  #redirect(from: string, leader: string | null): void {
    const { request } = this.#phase as Phase & { kind: "certificate" };
    if (leader === null || leader === from || from !== this.#manager) return this.#pause();
    this.#manager = leader;
    const others = this.#leaders.filter((other) => other !== leader);
    this.#leaders = [...others, leader].slice(-leadersMost);
    this.#askForCertificate(request);
  }

  /** One that is over already is of no use: the leader's calendar is wrong, or this node's. */
  #take(certificate: Certificate): void {
    if (certificate.notAfter <= this.#calendar) {
      this.#refusal = "what the leader issues has expired by this node's calendar: set the clocks";
      return this.#pause();
    }
    if (this.#isOfRootGivenUp(certificate)) return this.#pause();
    this.#ask({ kind: "install", certificate });
    this.#wait({ kind: "signer" });
  }

  /**
   * It was long on its way: what this node has is of the root by which the leader issues now. With
   * a certificate that has expired nobody tells it by which one that is.
   */
  #isOfRootGivenUp({ issuer }: Certificate): boolean {
    const present = this.#told?.issuer;
    const own = this.certificate;
    if (own === null || own.notAfter <= this.#calendar) return false;
    return present !== undefined && issuer !== present && own.issuer === present;
  }

  #install(certificate: Certificate, roots: readonly Root[]): void {
    this.certificate = certificate;
    this.isOut = false;
    this.#hold(roots, null);
    this.#request = null;
    this.#told = null;
    const at = renewalOf(certificate, this.#calendar, this.#random, this.#config.planted);
    this.#renewal = new RenewalTime(at, this.#now, this.#calendar);
    if (this.#hasTimeCome) return this.#pause();
    this.#failures = 0;
    this.#phase = { kind: "idle" };
    this.#deadline = this.#now;
  }

  #hold(roots: readonly Root[], token: string | null): void {
    this.#roots = roots;
    this.#token = token;
    this.trusted = trustedIn(roots, token);
  }

  #ask(request: SignerRequest | null): void {
    if (request !== null) this.#sign.push(request);
  }

  #wait(phase: Phase): void {
    this.#phase = phase;
    this.#deadline = after(this.#now, patience);
  }

  /** A worker tells several roots in a rotation, so only now none is the one in the token. */
  #giveUp(): void {
    if (this.#phase.kind === "root" && this.#isStrange && this.#config.planted !== "K20") {
      const { digest } = this.#phase;
      this.#refusal = `remote CA does not match fingerprint. Expected: ${digest}: ${otherToken}`;
    }
    this.#pause();
  }

  #pause(): void {
    this.#failures += 1;
    this.#manager = this.#random.pick(this.#known());
    this.#phase = { kind: "idle" };
    const wait = backoff(this.#failures, this.#isUrgent(), this.#random);
    this.#deadline = after(this.#now, Math.min(wait, this.#pauseMost()) as Duration);
  }

  #known(): readonly string[] {
    if (this.certificate !== null) return this.#managers;
    return [...new Set([...this.#managers, ...this.#config.contacts, ...this.#leaders])];
  }

  /** Half of what is left of the certificate: it must not end in the middle of a pause. */
  #pauseMost(): number {
    const left = until(this.#calendar, this.certificate?.notAfter ?? this.#calendar);
    return Math.max(pauseLeast, Math.floor(left / 2));
  }

  /** Without a certificate that is good for its role the node can't work: it waits for less. */
  #isUrgent(): boolean {
    const { certificate } = this;
    if (certificate === null || this.#isOver) return true;
    return this.#told !== null && lacksRole(certificate, this.#told);
  }

  /** By this node's own calendar. */
  get #isOver(): boolean {
    return this.certificate !== null && this.certificate.notAfter < this.#calendar;
  }
}
