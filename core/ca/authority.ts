import { newId } from "../base/id.ts";
import { limits } from "../base/limits.ts";
import { sortedText } from "../base/order.ts";
import type { Planted } from "../base/planted.ts";
import type { Random } from "../base/random.ts";
import type { Secrets } from "../base/secrets.ts";
import { after, boot, type Instant, never, seconds, type Timestamp } from "../base/time.ts";
import {
  type Certificate,
  type Claims,
  type ClusterCa,
  signingRoot,
} from "../model/certificate.ts";
import { creationOf, type Transaction, updateOf } from "../model/change.ts";
import { changedCluster, changedNode } from "../model/changed.ts";
import type { Cluster, ClusterSpec } from "../model/cluster.ts";
import { newTokens } from "../model/join-token.ts";
import {
  type Node,
  type NodeCertificate,
  noCertificate,
  type ProvenCertificate,
} from "../model/node.ts";
import { isRejection } from "../model/rejection.ts";
import { type PlanContext, transaction } from "../plan/plan.ts";
import type { StoreEvent } from "../store/event.ts";
import type { StoreView } from "../store/view.ts";
import { ExternalIssuer } from "./external-issuer.ts";
import { type Admit, nextCertificate, toSign, type WaitingRequest } from "./issue.ts";
import type { CaRequest, ToApplicant } from "./message.ts";
import { planRotation } from "./rotation.ts";
import type { SignerAnswer, SignerRequest } from "./signer-request.ts";

/** A signer that failed is asked again after this. */
const askAgainAfter = seconds(5);

export interface AuthorityConfig {
  /** The managers that found the cluster. */
  readonly founders: readonly string[];
  readonly random: Random;
  readonly secrets: Secrets;
  readonly admit: Admit;
  readonly planted: Planted;
}

const nothingToSign: readonly SignerRequest[] = [];

/**
 * The leader's side of certificates: makes the root, issues certificates, rotates the root.
 *
 * Model: nothing is signed before it is decided in the store. That a certificate is issued is
 * committed first, by counting it on its node, so that a leader that was deposed without knowing
 * can't certify a node that its successor has removed. All that is kept here is lost with the
 * leadership; whoever waits asks again.
 */
export class Authority {
  readonly #view: StoreView;
  readonly #config: AuthorityConfig;
  readonly #waiting = new Map<string, WaitingRequest>();
  /** Those whose certificates the entry on its way issues. */
  readonly #chosen = new Map<string, WaitingRequest>();
  /** By node; what it has shown, and the store does not know yet. */
  readonly #shown = new Map<string, ProvenCertificate>();
  /** Issued in the store, and not yet with the signer. */
  readonly #unsigned = new Map<string, WaitingRequest>();
  /** With the signer, by node and serial. */
  readonly #signing = new Map<string, WaitingRequest>();
  /** With authorities outside. */
  readonly external: ExternalIssuer;
  /** Nodes that came with a certificate that is over by its calendar, and have no other yet. */
  readonly expired = new Set<string>();
  #made: Extract<SignerAnswer, { kind: "root-made" }> | null = null;
  #crossed: Extract<SignerAnswer, { kind: "cross-signed" }> | null = null;
  #isAsked = false;
  #askAt = boot;
  #answers: ToApplicant[] = [];
  /** The store may want something of the CA. */
  #isDirty = true;
  #wakeAt: Timestamp | null = null;
  /** Of this machine, when it was last told. */
  #calendar: Timestamp;

  constructor(view: StoreView, config: AuthorityConfig, calendar: Timestamp) {
    this.#view = view;
    this.#calendar = calendar;
    this.#config = config;
    this.external = new ExternalIssuer(view, config.random, config.planted);
  }

  /** When the rotation goes on though nothing has happened; null: not by itself. */
  get wakeAt(): Timestamp | null {
    return this.#wakeAt;
  }

  /** When the signer, or an authority outside, is to be asked again. */
  get deadline(): Instant {
    const askAt = this.#wants() !== null && !this.#isAsked ? this.#askAt : never;
    return Math.min(askAt, this.external.deadline) as Instant;
  }

  /** The machine's calendar shows this now: by it the next certificates are dated. */
  begin(calendar: Timestamp): void {
    this.#calendar = calendar;
  }

  /** A node asks for a certificate. One that has shown its own does not give way to a token. */
  request(
    from: string,
    message: CaRequest & { kind: "certificate-request" },
    shown: Certificate | null,
  ): void {
    if (shown !== null && shown.notAfter < this.#calendar) this.expired.add(from);
    const earlier = this.#waiting.get(from);
    if (earlier === undefined && this.#waiting.size >= limits.certificateRequests) return;
    if (shown === null && (earlier?.applicant.shown ?? null) !== null) return;
    const { token, description, availability, attempt, request } = message;
    if (this.external.isAskedAgain(from, request, attempt)) return;
    this.#waiting.set(from, {
      applicant: { id: from, token, shown, description, availability },
      attempt,
      request,
    });
  }

  /** A node has used this certificate. True: that is news. */
  seen(certificate: Certificate): boolean {
    const { nodeId, serial, issuer, notAfter } = certificate;
    const node = this.#view.nodes.get(nodeId);
    if (node === undefined || !isNews(certificate, node.certificate)) return false;
    this.#shown.set(nodeId, { serial, issuer, notAfter });
    this.expired.delete(nodeId);
    return true;
  }

  signed(answer: SignerAnswer, now: Instant): void {
    switch (answer.kind) {
      case "root-made":
        this.#isAsked = false;
        this.#made = answer;
        return;
      case "cross-signed":
        this.#isAsked = false;
        this.#crossed = answer;
        return;
      case "issued":
        return this.#issued(answer.certificate);
      case "not-issued":
        return this.#notIssued(answer.claims, answer.message);
      case "failed":
        this.#isAsked = false;
        this.#askAt = after(now, askAgainAfter);
        return;
      default:
    }
  }

  /** Learns what the store has changed: what is issued there may be signed. */
  applied(events: readonly StoreEvent[]): void {
    for (const { kind, id, previous, current } of events) {
      if (kind !== "cluster" && kind !== "node") continue;
      this.#isDirty = true;
      if (kind === "node") this.#nodeChanged(id, previous, current);
    }
    this.external.applied(events);
  }

  #nodeChanged(id: string, previous: Node | null, current: Node | null): void {
    const chosen = this.#chosen.get(id);
    const issued = current?.certificate?.issued ?? 0;
    if (chosen === undefined || issued <= (previous?.certificate?.issued ?? 0)) return;
    this.#chosen.delete(id);
    if (this.#waiting.get(id) === chosen) this.#waiting.delete(id);
    this.#unsigned.set(id, chosen);
  }

  hasWork(now: Timestamp): boolean {
    const isWaiting = this.#waiting.size > 0 && (this.#view.cluster?.ca ?? null) !== null;
    const isDue = this.#wakeAt !== null && this.#wakeAt <= now;
    const isNew = this.#shown.size > 0 || this.#hasNewRoot() || this.external.hasWork;
    return isWaiting || isDue || this.#isDirty || isNew;
  }

  /** What the store is to change: roots, certificates shown, certificates issued, a rotation. */
  plan(context: PlanContext): readonly Transaction[] {
    const { cluster } = context.view;
    if (cluster === null || !this.hasWork(context.now)) return [];
    const rotation = planRotation(context);
    this.#wakeAt = rotation.wakeAt;
    const own = this.#ownChange(cluster);
    const wanted = [
      ...(own === null
        ? []
        : [transaction("ca", [updateOf(changedCluster(cluster, { ca: own }))])]),
      ...this.#takeShown(),
      ...this.external.plan(),
      ...(cluster.ca === null ? [] : this.#issue(context, cluster.ca, cluster.spec)),
      ...rotation.transactions,
    ];
    this.#isDirty = wanted.length > 0;
    return wanted;
  }

  /** What the signer is to do now. */
  takeRequests(now: Instant): readonly SignerRequest[] {
    for (const [id, waiting] of this.external.takeBack()) this.#unsigned.set(id, waiting);
    const wanted = this.#wants();
    if (wanted === null && this.#unsigned.size === 0) return nothingToSign;
    const requests: SignerRequest[] = [];
    if (wanted !== null && !this.#isAsked && now >= this.#askAt) {
      this.#isAsked = true;
      requests.push(wanted);
    }
    for (const [id, waiting] of this.#unsigned) {
      const request = toSign(this.#view, id, waiting, this.#calendar);
      if (request === null || this.external.takes(id, waiting)) continue;
      this.#signing.set(`${id} ${request.claims.serial}`, waiting);
      requests.push(request);
    }
    this.#unsigned.clear();
    return requests;
  }

  takeAnswers(): readonly ToApplicant[] {
    for (const answer of this.external.takeAnswers()) this.#answers.push(answer);
    const answers = this.#answers;
    if (answers.length > 0) this.#answers = [];
    return answers;
  }

  #wants(): SignerRequest | null {
    const { cluster } = this.#view;
    if (cluster === null) return null;
    const { ca } = cluster;
    if (ca === null) return this.#made === null ? { kind: "make-root" } : null;
    if (ca.rotation === null) return null;
    const { root, crossSigned } = ca.rotation;
    if (root === null) return this.#made === null ? { kind: "make-root" } : null;
    if (crossSigned !== null || this.#crossed?.digest === root.digest) return null;
    return { kind: "cross-sign", root, by: ca.root };
  }

  #hasNewRoot(): boolean {
    return this.#made !== null || this.#crossed !== null;
  }

  /** What the CA itself becomes, or null when it stays as it is. */
  #ownChange(cluster: Cluster): ClusterCa | null {
    const made = this.#made;
    const crossed = this.#crossed;
    this.#made = null;
    this.#crossed = null;
    const { ca } = cluster;
    if (ca === null) return made === null ? null : this.#found(made);
    const { rotation } = ca;
    if (rotation?.root === null && made !== null) {
      return { ...ca, rotation: { ...rotation, root: made.root } };
    }
    if (rotation !== null && rotation.crossSigned === null && crossed !== null) {
      const isThis = rotation.root?.digest === crossed.digest;
      if (isThis) return { ...ca, rotation: { ...rotation, crossSigned: crossed.crossSigned } };
    }
    return this.#tidied(ca);
  }

  #found({ root }: { readonly root: ClusterCa["root"] }): ClusterCa {
    const { random, secrets, founders } = this.#config;
    const organization = newId(random);
    const joinTokens = newTokens(root.digest, secrets);
    const none = { formerRoots: [], rotation: null };
    return { organization, root, joinTokens, ...none, founding: founders };
  }

  #tidied(ca: ClusterCa): ClusterCa | null {
    const { nodes } = this.#view;
    const proven = (id: string) => (nodes.get(id)?.certificate?.proven ?? null) !== null;
    const founding = ca.founding.filter((id) => !proven(id));
    return founding.length === ca.founding.length ? null : { ...ca, founding };
  }

  #takeShown(): Transaction[] {
    const transactions: Transaction[] = [];
    for (const id of sortedText(this.#shown.keys())) {
      const node = this.#view.nodes.get(id);
      const proven = this.#shown.get(id) as ProvenCertificate;
      this.#shown.delete(id);
      if (node === undefined) continue;
      const certificate = node.certificate ?? noCertificate;
      if (!isNews(proven, certificate)) continue;
      const ca = this.#view.cluster?.ca ?? null;
      const isDone = ca !== null && proven.issuer === signingRoot(ca).digest;
      const mustRenew = certificate.mustRenew && !isDone;
      const issued = Math.max(certificate.issued, proven.serial);
      const goodUntil = Math.max(certificate.goodUntil, proven.notAfter) as Timestamp;
      const { lastAsManager } = certificate;
      const known = { issued, goodUntil, proven, mustRenew, lastAsManager };
      const object = changedNode(node, { certificate: known });
      transactions.push(transaction("ca", [updateOf(object)]));
    }
    return transactions;
  }

  #issue(context: PlanContext, ca: ClusterCa, { nodeCertExpiry }: ClusterSpec): Transaction[] {
    this.#chosen.clear();
    const today = Math.max(context.now, this.#calendar) as Timestamp;
    const goodUntil = after(today, nodeCertExpiry);
    const { admit } = this.#config;
    const transactions: Transaction[] = [];
    for (const id of sortedText(this.#waiting.keys())) {
      const waiting = this.#waiting.get(id) as WaitingRequest;
      const next = nextCertificate(context, ca, waiting.applicant, goodUntil, admit);
      if (isRejection(next)) {
        this.#waiting.delete(id);
        this.#refuse(id, waiting, next.message);
      } else {
        this.#chosen.set(id, waiting);
        const change = this.#view.nodes.has(id) ? updateOf(next) : creationOf(next);
        transactions.push(transaction("ca", [change]));
      }
    }
    return transactions;
  }

  #refuse(id: string, { attempt, applicant }: WaitingRequest, reason: string): void {
    const isOut = applicant.shown !== null && !this.#view.nodes.has(id);
    const message = { kind: "certificate-refused", attempt, reason, isOut } as const;
    this.#answers.push({ to: id, message });
  }

  #issued(certificate: Certificate): void {
    const waiting = this.#takeSigning(certificate);
    if (waiting === null) return;
    const { attempt } = waiting;
    const message = { kind: "certificate", attempt, certificate } as const;
    this.#answers.push({ to: certificate.nodeId, message });
  }

  #notIssued(claims: Pick<Claims, "nodeId" | "serial">, why: string): void {
    const waiting = this.#takeSigning(claims);
    if (waiting === null) return;
    this.#refuse(claims.nodeId, waiting, `the request for a certificate is not good: ${why}`);
  }

  #takeSigning({ nodeId, serial }: Pick<Claims, "nodeId" | "serial">): WaitingRequest | null {
    const key = `${nodeId} ${serial}`;
    const waiting = this.#signing.get(key) ?? null;
    this.#signing.delete(key);
    return waiting;
  }
}

/** It is newer than what the node has shown, or it is in doubt what that was. */
function isNews({ serial, issuer }: ProvenCertificate, known: NodeCertificate | null): boolean {
  const proven = known?.proven ?? null;
  if (proven === null || serial > proven.serial) return true;
  return serial === proven.serial && issuer !== proven.issuer;
}
