import { limits } from "../base/limits.ts";
import type { Planted } from "../base/planted.ts";
import type { Random } from "../base/random.ts";
import { after, boot, type Instant, never, seconds, type Timestamp } from "../base/time.ts";
import type { Certificate } from "../model/certificate.ts";
import { backoff } from "./backoff.ts";
import type { ExternalAnswer, ExternalRequest } from "./external-request.ts";
import type { WaitingRequest } from "./issue.ts";

/** SwarmKit's (`externalRequestTimeout`). */
const timeout = seconds(5);
/** Ids begin at random within this many: answers to an earlier leadership meet none of this one. */
const idsMost = 0x1_0000_0000;

const nothing: readonly never[] = [];

/** A node whose certificate is to be signed outside. */
interface Job {
  waiting: WaitingRequest;
  /** With an authority; null: none has it at the moment. */
  asked: ExternalRequest | null;
  /** How many authorities have failed since the last pause. */
  tried: number;
  /** How many rounds through all of them have failed. */
  failures: number;
  askAt: Instant;
}

/** An authority gave no certificate that is any good. */
export interface ExternalFailure {
  readonly kind: "external-ca-failed";
  readonly node: string;
  readonly url: string;
  readonly reason: string;
}

/** What was signed outside, and for whom. */
export interface SignedOutside {
  readonly node: string;
  readonly waiting: WaitingRequest;
  readonly certificate: Certificate;
}

/**
 * Nodes that wait for authorities outside the cluster: which one is asked next, and when.
 *
 * Model: a node has one request out at a time. A failure leads to the next authority at once; when
 * all have failed there is a pause, and it begins anew with the first. Whoever asks meanwhile, as
 * nodes do every few seconds, starts nothing new: the answer goes to the newest of its tries.
 */
export class ExternalSigning {
  readonly #parent: Random;
  /** Made with the first job: who has no authorities outside draws nothing for them. */
  #random: Random | null = null;
  readonly #planted: Planted;
  readonly #jobs = new Map<string, Job>();
  readonly #failures: ExternalFailure[] = [];
  #nextId = 0;

  constructor(random: Random, planted: Planted) {
    this.#parent = random;
    this.#planted = planted;
  }

  get deadline(): Instant {
    if (this.#jobs.size === 0 || this.#isBusy) return never;
    const idle = [...this.#jobs.values()].filter(({ asked }) => asked === null);
    return Math.min(never, ...idle.map(({ askAt }) => askAt)) as Instant;
  }

  /** True when the same was asked before, and is under way. */
  isAskedAgain(id: string, request: string, attempt: number): boolean {
    const job = this.#jobs.get(id);
    if (job === undefined || job.waiting.request !== request) return false;
    job.waiting = { ...job.waiting, attempt };
    return true;
  }

  add(id: string, waiting: WaitingRequest): void {
    if (this.#random === null) this.#nextId = this.#chance.below(idsMost);
    const idle = { asked: null, tried: 0, failures: 0, askAt: boot };
    this.#jobs.set(id, { waiting, ...idle });
  }

  end(id: string): void {
    this.#jobs.delete(id);
  }

  /** Authorities or roots are others now: no pause is waited for. */
  hurry(): void {
    for (const job of this.#jobs.values()) Object.assign(job, { tried: 0, askAt: 0 });
  }

  /** Whose turn it is to ask; not all at once. */
  due(now: Instant): readonly (readonly [string, WaitingRequest])[] {
    if (this.#jobs.size === 0) return nothing;
    const idle = [...this.#jobs].filter(([, { asked, askAt }]) => asked === null && askAt <= now);
    return idle
      .slice(0, Math.max(0, limits.externalRequests - this.#open))
      .map(([id, { waiting }]) => [id, waiting]);
  }

  /** What the node's next authority is to be asked; null: there is none just now. */
  ask(
    id: string,
    urls: readonly string[],
    wanted: Omit<ExternalRequest, "id" | "url" | "timeout">,
    now: Instant,
  ): ExternalRequest | null {
    const job = this.#jobs.get(id) as Job;
    const url = urls[job.tried];
    if (url === undefined) {
      this.#pause(job, now);
      return null;
    }
    job.asked = { id: this.#nextId, url, ...wanted, timeout };
    this.#nextId += 1;
    return job.asked;
  }

  /** The certificate, if it is one, and what was asked for. */
  answered(answer: ExternalAnswer, calendar: Timestamp): SignedOutside | null {
    const found = [...this.#jobs].find(([, { asked }]) => asked?.id === answer.id);
    if (found === undefined) return null;
    const [id, job] = found;
    const asked = job.asked as ExternalRequest;
    job.asked = null;
    const reason =
      answer.kind === "failed" ? answer.reason : this.#problem(asked, answer, calendar);
    if (reason === null && answer.kind === "signed") {
      this.#jobs.delete(id);
      return { node: id, waiting: job.waiting, certificate: answer.certificate };
    }
    job.tried += 1;
    const failure = { node: id, url: asked.url, reason: reason ?? "" };
    this.#failures.push({ kind: "external-ca-failed", ...failure });
    return null;
  }

  takeFailures(): readonly ExternalFailure[] {
    return this.#failures.length === 0 ? nothing : this.#failures.splice(0);
  }

  get #chance(): Random {
    this.#random ??= this.#parent.split("external");
    return this.#random;
  }

  get #open(): number {
    return [...this.#jobs.values()].filter(({ asked }) => asked !== null).length;
  }

  get #isBusy(): boolean {
    return this.#open >= limits.externalRequests;
  }

  #pause(job: Job, now: Instant): void {
    job.tried = 0;
    job.failures += 1;
    job.askAt = after(now, backoff(job.failures, true, this.#chance));
  }

  /** Why it is not what was asked for, or null. */
  #problem(
    { claims }: ExternalRequest,
    { certificate, isForRequest }: ExternalAnswer & { kind: "signed" },
    calendar: Timestamp,
  ): string | null {
    if (this.#planted === "K14") return null;
    const { nodeId, role, organization, serial, notAfter } = certificate;
    if (!isForRequest) return "the certificate is for another key";
    if (nodeId !== claims.nodeId) return `the certificate is for the node ${nodeId}`;
    if (role !== claims.role) return `the certificate is for a ${role}`;
    if (organization !== claims.organization) return `the certificate is of ${organization}`;
    if (serial !== claims.serial) return `the certificate is number ${serial} of the node`;
    return notAfter <= calendar ? "the certificate has expired" : null;
  }
}
