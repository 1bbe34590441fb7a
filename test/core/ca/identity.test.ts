import { describe, expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import type { Instant, Timestamp } from "../../../core/base/time.ts";
import { Identity, type IdentityConfig } from "../../../core/ca/identity.ts";
import type { CaAnswer, CaRequest } from "../../../core/ca/message.ts";
import {
  type HeldIdentity,
  noIdentity,
  type SignerAnswer,
  type SignerRequest,
} from "../../../core/ca/signer-request.ts";
import type { Certificate } from "../../../core/model/certificate.ts";
import { type ManagerLock, unlocked } from "../../../core/model/manager-lock.ts";
import { ca, certificate, day, root, today } from "../../support/certificates.ts";
import { description } from "../../support/model.ts";
import { random } from "../../support/store.ts";

const authority = ca();
const trusted = [{ certificate: root("r1").certificate, digest: root("r1").digest }];

/** A node's identity; the test is its signer, the managers and its clocks. */
class Applicant {
  readonly identity: Identity;
  sent: CaRequest[] = [];
  to: string[] = [];
  signed: SignerRequest["kind"][] = [];
  readonly locks: ManagerLock[] = [];
  readonly refusals: string[] = [];
  #now = 0;
  #calendar: number = today;

  constructor(held: HeldIdentity) {
    const config: IdentityConfig = {
      managers: ["m1", "m2", "m3"],
      contacts: ["m1"],
      askFirst: "m1",
      description: description("w1"),
      availability: "active",
      random: random(),
      planted: noBug,
    };
    this.identity = new Identity(config, held, 0 as Instant, today);
    this.step();
  }

  /** Seconds, by the monotonic clock; the calendar may go its own way. */
  pass(seconds: number, calendar = seconds): this {
    const end = this.#now + seconds * 1e6;
    this.#calendar += calendar * 1e6;
    while (this.identity.deadline <= end) {
      this.#now = Math.max(this.#now, this.identity.deadline);
      this.step();
    }
    this.#now = end;
    return this;
  }

  answer(answer: CaAnswer, from = "m1"): this {
    this.#begin();
    this.identity.receive(from, answer);
    return this.step();
  }

  /** What the signer says. */
  signs(answer: SignerAnswer): this {
    this.#begin();
    this.identity.signed(answer);
    return this.step();
  }

  /** Goes all the way from the signer's request to the installed certificate. */
  certify(shown: Certificate): this {
    this.signs({ kind: "request-made", request: "csr" });
    this.answer({ kind: "certificate", attempt: this.attempt, certificate: shown });
    return this.signs({ kind: "installed", certificate: shown, roots: trusted });
  }

  get attempt(): number {
    const last = this.sent[this.sent.length - 1];
    return last?.kind === "certificate-request" ? last.attempt : 0;
  }

  step(): this {
    this.#begin();
    const { toManagers, sign, refusal } = this.identity.output();
    if (refusal !== null) this.refusals.push(refusal);
    for (const { to, message } of toManagers) {
      this.to.push(to);
      this.sent.push(message);
    }
    this.signed.push(...sign.map(({ kind }) => kind));
    this.locks.push(...sign.flatMap((each) => (each.kind === "lock" ? [each.lock] : [])));
    return this;
  }

  #begin(): void {
    this.identity.begin(this.#now as Instant, this.#calendar as Timestamp);
  }
}

const held = (traits: Partial<Certificate> = {}): HeldIdentity => ({
  certificate: certificate("w1", { notBefore: (today - 3600e6) as Timestamp, ...traits }),
  roots: trusted,
  token: null,
  lock: unlocked,
});

describe("a node that joins", () => {
  const joining = { ...noIdentity, token: authority.joinTokens.worker };

  test("asks for the root, makes a key, shows its token, and installs what it gets", () => {
    const node = new Applicant(joining);
    expect(node.sent).toEqual([{ kind: "root-request" }]);
    node.answer({ kind: "root", root: root("r1") }).signs({ kind: "trusted", roots: trusted });
    node.certify(certificate("w1"));
    expect(node.signed).toEqual(["trust", "make-request", "install"]);
    expect(node.sent[1]).toMatchObject({ token: authority.joinTokens.worker, request: "csr" });
    expect(node.identity.certificate).toEqual(certificate("w1"));
  });

  test("shows its token to nobody whose root is another than the token names", () => {
    const node = new Applicant(joining).answer({ kind: "root", root: root("evil") }).pass(20);
    expect(node.signed).toEqual([]);
    expect(node.sent.every(({ kind }) => kind === "root-request")).toBe(true);
    expect(node.sent.length).toBeGreaterThan(2);
    const [first = ""] = node.refusals;
    expect(first).toContain(
      `does not match fingerprint. Expected: ${root("r1").digest}: the token`,
    );
    expect(node.refusals).toHaveLength(1);
  });

  test("does not mind another root that is told beside its own, as in a rotation", () => {
    const node = new Applicant(joining).answer({ kind: "root", root: root("r2") });
    node.answer({ kind: "root", root: root("r1") }).signs({ kind: "trusted", roots: trusted });
    expect(node.pass(20).refusals).toEqual([]);
  });

  test("still asks whom it was to join by, once it has heard of managers who are gone", () => {
    const applicant = new Applicant(joining);
    applicant.identity.restart(["m8", "m9"]);
    applicant.to.length = 0;
    applicant.pass(600);
    expect(new Set(applicant.to)).toEqual(new Set(["m1", "m8", "m9"]));
  });

  test("remembers the leader that it was sent to, when all that it knew of are gone", () => {
    const node = new Applicant(joining);
    node.answer({ kind: "root", root: root("r1") }).signs({ kind: "trusted", roots: trusted });
    node.signs({ kind: "request-made", request: "csr" });
    node.answer({ kind: "ask-leader", attempt: node.attempt, leader: "m9" });
    expect(node.to.at(-1)).toBe("m9");
    const before = node.to.length;
    for (let tries = 0; tries < 20; tries += 1) node.pass(60);
    expect(node.to.slice(before)).toContain("m9");
    expect(node.identity.leaders).toEqual(["m9"]);
  });

  test("without a token does nothing", () => {
    const node = new Applicant(noIdentity).pass(3600);
    expect(node.sent).toEqual([]);
    expect(node.signed).toEqual([]);
  });
});

describe("a node with a certificate", () => {
  test("renews it some time between half and four fifths of it", () => {
    const node = new Applicant(held());
    let hours = 0;
    for (; node.signed.length === 0 && hours < 1000; hours += 1) node.pass(3600);
    expect(node.signed[0]).toBe("make-request");
    expect(hours).toBeGreaterThanOrEqual(15 * 24);
    expect(hours).toBeLessThanOrEqual(24 * 24 + 1);
  });

  test("notices a calendar that has jumped within the hour", () => {
    const node = new Applicant(held()).pass(1, (100 * day) / 1e6);
    expect(node.signed).toEqual([]);
    expect(node.pass(3600, 0).signed[0]).toBe("make-request");
  });

  test("renews in time though its calendar is put back", () => {
    const node = new Applicant(held()).pass(1, (-100 * day) / 1e6);
    expect(node.pass(14 * 24 * 3600).signed).toEqual([]);
    expect(node.pass(10 * 24 * 3600).signed[0]).toBe("make-request");
  });

  test("that fails to renew tries more often as the end comes nearer", () => {
    const hour = (today + 3600e6) as Timestamp;
    const node = new Applicant(held({ notAfter: hour })).pass(3000);
    const tries = () => node.sent.length;
    node.signs({ kind: "request-made", request: "csr" }).pass(500);
    const before = tries();
    expect(node.pass(200).sent.length).toBeGreaterThan(before);
    expect(tries()).toBeGreaterThan(6);
  });

  test("that has expired renews at once, with no token, and follows the hint at the leader", () => {
    const node = new Applicant(held({ notAfter: (today - 1) as Timestamp }));
    node.signs({ kind: "request-made", request: "csr" });
    node.answer({ kind: "ask-leader", attempt: node.attempt, leader: "m3" });
    expect(node.to).toEqual(["m1", "m3"]);
    expect(node.sent[0]).toMatchObject({ kind: "certificate-request", token: null });
    expect(node.attempt).toBe(2);
  });

  test("is out when it has expired and the leader does not know the node, and not before", () => {
    const refusal = { kind: "certificate-refused", reason: "unknown", isOut: true } as const;
    const over = new Applicant(held({ notAfter: (today - 1) as Timestamp }));
    over.signs({ kind: "request-made", request: "csr" });
    over.answer({ ...refusal, attempt: over.attempt });
    expect(over.identity.isOut).toBe(true);
    const good = new Applicant(held({ notAfter: (today + 3600e6) as Timestamp }));
    while (good.signed.length === 0) good.pass(1);
    good.signs({ kind: "request-made", request: "csr" });
    good.answer({ ...refusal, attempt: good.attempt });
    expect([good.attempt, good.identity.isOut]).toEqual([1, false]);
  });

  test("takes one that comes late, and none of an earlier try", () => {
    const node = new Applicant(held({ notAfter: (today - 1) as Timestamp }));
    node.signs({ kind: "request-made", request: "csr" }).pass(2);
    const shown = certificate("w1");
    node.answer({ kind: "certificate", attempt: node.attempt - 1, certificate: shown });
    node.answer({
      kind: "certificate-refused",
      attempt: node.attempt,
      reason: "late",
      isOut: false,
    });
    expect(node.signed).toEqual(["make-request"]);
    node.answer({ kind: "certificate", attempt: node.attempt, certificate: shown });
    node.signs({ kind: "installed", certificate: shown, roots: trusted });
    expect(node.signed).toEqual(["make-request", "install"]);
    node.answer({ kind: "certificate", attempt: node.attempt, certificate: shown });
    expect(node.signed).toHaveLength(2);
  });

  test("does not install one that is over already, and says why", () => {
    const node = new Applicant(held({ notAfter: (today - 1) as Timestamp }));
    node.certify(certificate("w1", { serial: 2, notAfter: (today - 1) as Timestamp }));
    expect(node.signed).not.toContain("install");
    expect(node.refusals).toEqual([
      "what the leader issues has expired by this node's calendar: set the clocks",
    ]);
  });

  test("does not hurry without end when its calendar makes every certificate old", () => {
    const node = new Applicant(held({ notAfter: (today - 1) as Timestamp }));
    const notBefore = (today - 40 * day) as Timestamp;
    const old = certificate("w1", { serial: 2, notBefore, notAfter: (today + day) as Timestamp });
    node.certify(old);
    const asked = node.signed.length;
    expect(node.pass(0.4).signed).toHaveLength(asked);
  });

  test("locks what it keeps as the leader says, and tries again what has failed", () => {
    const node = new Applicant(held());
    const lock: ManagerLock = { key: "SWMKEY-1-x", version: 1 };
    const issuer = root("r1").digest;
    const common = { issuer, role: "worker", lastAsManager: 0, mustRenew: false } as const;
    const told = { ...common, version: 7, roots: trusted, lock };
    const locks = () => node.step().signed.filter((kind) => kind === "lock").length;
    node.identity.told(told, null);
    node.identity.told(told, null);
    expect(locks()).toBe(1);
    node.identity.signed({ kind: "failed", request: "lock", message: "the disk is full" });
    expect(locks()).toBe(1);
    node.pass(10);
    expect(locks()).toBe(2);
    node.identity.signed({ kind: "locked", lock });
    node.identity.told(told, null);
    node.identity.told({ ...told, version: 6, lock: unlocked }, null);
    expect(locks()).toBe(2);
  });

  test("that the lock has changed while the one before was carried out is not forgotten", () => {
    const node = new Applicant(held());
    const [first, second, third] = ["a", "b", "c"].map((key, version) => ({ key, version }));
    const issuer = root("r1").digest;
    const common = { issuer, role: "worker", lastAsManager: 0, mustRenew: false } as const;
    const told = { ...common, roots: trusted };
    const locks = () => node.step().locks;
    node.identity.told({ ...told, version: 1, lock: first as ManagerLock }, null);
    node.identity.told({ ...told, version: 2, lock: second as ManagerLock }, null);
    node.identity.told({ ...told, version: 3, lock: third as ManagerLock }, null);
    expect(locks()).toEqual([first]);
    node.identity.signed({ kind: "locked", lock: first as ManagerLock });
    expect(locks()).toEqual([first, third]);
    node.identity.signed({ kind: "locked", lock: third as ManagerLock });
    expect(locks()).toEqual([first, third]);
  });

  test("renews when the leader says that it is its turn, once", () => {
    const node = new Applicant(held());
    const roots = [...trusted, root("r2")];
    const common = {
      issuer: root("r2").digest,
      role: "worker",
      lastAsManager: 0,
      lock: unlocked,
    } as const;
    const turn = { ...common, version: 7, roots };
    node.identity.told({ ...turn, mustRenew: false }, null);
    node.pass(1).identity.told({ ...turn, version: 8, mustRenew: true }, null);
    node.pass(1);
    expect(node.signed).toEqual(["trust", "trust", "make-request"]);
    const issuer = root("r2").digest;
    node
      .certify(certificate("w1", { serial: 2, issuer }))
      .identity.told({ ...turn, version: 8, mustRenew: true }, null);
    expect(node.pass(1).signed.filter((kind) => kind === "make-request")).toHaveLength(1);
  });

  test("renews at once in a rotation though an earlier one ended while it had failed", () => {
    const node = new Applicant(held());
    const turn = (version: number, issuer: string) => {
      const roots = [...trusted, root(issuer)];
      const told = { version, roots, issuer: root(issuer).digest, role: "worker" } as const;
      node.identity.told({ ...told, mustRenew: true, lastAsManager: 0, lock: unlocked }, null);
    };
    turn(1, "r2");
    node.pass(1).signs({ kind: "request-made", request: "csr" });
    const refusal = { kind: "certificate-refused", reason: "none", isOut: false } as const;
    node.answer({ ...refusal, attempt: node.attempt });
    turn(2, "r1");
    const asked = node.pass(10).sent.length;
    turn(3, "r3");
    expect(node.pass(1).sent).toHaveLength(asked + 1);
  });

  test.each([
    ["a worker's, once it is to be a manager", "worker", 0],
    ["a manager's from before it was demoted, once it is a manager again", "manager", 1],
  ] as const)("asks for one again and again while it has only %s", (_what, role, lastAsManager) => {
    const node = new Applicant(held({ serial: 1, role }));
    const told = {
      version: 1,
      roots: trusted,
      issuer: root("r1").digest,
      lastAsManager,
      lock: unlocked,
    };
    node.identity.told({ ...told, role: "manager", mustRenew: false }, null);
    node.pass(1).signs({ kind: "request-made", request: "csr" }).pass(600);
    expect(node.sent.length).toBeGreaterThan(15);
  });
});
