import { found } from "../base/gather.ts";
import type { Planted } from "../base/planted.ts";
import type { Random } from "../base/random.ts";
import type { Instant, Timestamp } from "../base/time.ts";
import { signingRoot } from "../model/certificate.ts";
import { type Transaction, updateOf } from "../model/change.ts";
import { changedNode } from "../model/changed.ts";
import { authoritiesOf, hasKey } from "../model/external-ca.ts";
import { noCertificate } from "../model/node.ts";
import { transaction } from "../plan/plan.ts";
import type { StoreEvent } from "../store/event.ts";
import type { StoreView } from "../store/view.ts";
import type { ExternalAnswer, ExternalRequest } from "./external-request.ts";
import { type ExternalFailure, ExternalSigning, type SignedOutside } from "./external-signing.ts";
import { toSign, type WaitingRequest } from "./issue.ts";
import type { ToApplicant } from "./message.ts";

/** What authorities are to be asked now, and which of them have failed since the last time. */
export interface ExternalOutput {
  readonly requests: readonly ExternalRequest[];
  readonly failures: readonly ExternalFailure[];
}

const nothing: ExternalOutput = { requests: [], failures: [] };

/**
 * The leader's side of authorities outside the cluster. As with its own signer, that a certificate
 * is issued is in the store before anybody is asked to sign it. An authority may make it good for
 * longer than the cluster would: then that is in the store too before the node has it, since a
 * node that is removed must be remembered for as long.
 */
export class ExternalIssuer {
  readonly #view: StoreView;
  readonly #signing: ExternalSigning;
  /** Signed, and good for longer than the store knows. */
  readonly #lasting = new Map<string, SignedOutside>();
  /** To be signed here after all. */
  readonly #back: (readonly [string, WaitingRequest])[] = [];
  readonly #answers: ToApplicant[] = [];

  constructor(view: StoreView, random: Random, planted: Planted) {
    this.#view = view;
    this.#signing = new ExternalSigning(random, planted);
  }

  /** When an authority is to be asked again. */
  get deadline(): Instant {
    return this.#signing.deadline;
  }

  get hasWork(): boolean {
    return this.#lasting.size > 0;
  }

  /** True when the node has asked the same before, and it is under way. */
  isAskedAgain(id: string, request: string, attempt: number): boolean {
    return this.#signing.isAskedAgain(id, request, attempt);
  }

  /** False: it is to be signed here. */
  takes(id: string, waiting: WaitingRequest): boolean {
    if (!this.#isOutside(id)) return false;
    this.#signing.add(id, waiting);
    return true;
  }

  answered(answer: ExternalAnswer, calendar: Timestamp): void {
    const signed = this.#signing.answered(answer, calendar);
    if (signed === null) return;
    this.#lasting.set(signed.node, signed);
    this.#tell();
  }

  applied(events: readonly StoreEvent[]): void {
    if (this.#lasting.size > 0) this.#tell();
    const isCluster = events.some(({ kind }) => kind === "cluster");
    if (isCluster) this.#signing.hurry();
  }

  plan(): Transaction[] {
    return [...this.#lasting].flatMap(([id, { certificate }]) => {
      const node = this.#view.nodes.get(id);
      if (node === undefined) return [];
      const known = { ...(node.certificate ?? noCertificate), goodUntil: certificate.notAfter };
      const object = changedNode(node, { certificate: known });
      return [transaction("ca", [updateOf(object)])];
    });
  }

  take(now: Instant, calendar: Timestamp): ExternalOutput {
    const due = this.#signing.due(now);
    const requests = found(due, ([id, waiting]) => this.#toAsk(id, waiting, now, calendar));
    const failures = this.#signing.takeFailures();
    return requests.length + failures.length === 0 ? nothing : { requests, failures };
  }

  takeBack(): readonly (readonly [string, WaitingRequest])[] {
    return this.#back.length === 0 ? [] : this.#back.splice(0);
  }

  takeAnswers(): readonly ToApplicant[] {
    return this.#answers.length === 0 ? [] : this.#answers.splice(0);
  }

  /** As the store is now: settings may have changed since, and the node may be gone. */
  #toAsk(id: string, waiting: WaitingRequest, now: Instant, calendar: Timestamp) {
    const issue = toSign(this.#view, id, waiting, calendar);
    if (issue === null || !this.#isOutside(id)) {
      this.#signing.end(id);
      if (issue !== null) this.#back.push([id, waiting]);
      return null;
    }
    const { request, claims, by, crossSigned } = issue;
    const root = { certificate: by.certificate, digest: by.digest };
    const wanted = { request, claims, root, crossSigned };
    return this.#signing.ask(id, this.#authorities(id), wanted, now);
  }

  #isOutside(id: string): boolean {
    const ca = this.#view.cluster?.ca ?? null;
    return ca !== null && (!hasKey(signingRoot(ca)) || this.#authorities(id).length > 0);
  }

  #authorities(id: string): string[] {
    const { ca = null, spec } = this.#view.cluster ?? {};
    return ca === null || spec === undefined ? [] : authoritiesOf(id, { ca, spec });
  }

  #tell(): void {
    for (const [id, { waiting, certificate }] of this.#lasting) {
      const node = this.#view.nodes.get(id);
      const goodUntil = node?.certificate?.goodUntil ?? 0;
      if (node !== undefined && goodUntil < certificate.notAfter) continue;
      this.#lasting.delete(id);
      if (node === undefined) continue;
      const { attempt } = waiting;
      this.#answers.push({ to: id, message: { kind: "certificate", attempt, certificate } });
    }
  }
}
