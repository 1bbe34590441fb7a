import { expect, test } from "vitest";
import { limits } from "../../../core/base/limits.ts";
import { noBug } from "../../../core/base/planted.ts";
import { type Instant, never, seconds } from "../../../core/base/time.ts";
import type { ExternalAnswer, ExternalRequest } from "../../../core/ca/external-request.ts";
import { ExternalSigning } from "../../../core/ca/external-signing.ts";
import type { Claims } from "../../../core/model/certificate.ts";
import { certificate, root, today } from "../../support/certificates.ts";
import { description } from "../../support/model.ts";
import { random } from "../../support/store.ts";

// Goal: authorities are asked one after the other, with pauses, and only what was asked for counts.

const [north, south] = ["https://north/", "https://south/"];
const zero = 0 as Instant;

function waiting(id: string, attempt = 1) {
  const applicant = { id, token: null, shown: null, description: description(id) };
  return { applicant: { ...applicant, availability: "active" as const }, attempt, request: "csr" };
}

function claimsOf(id: string): Claims {
  const { text: _, ...claims } = certificate(id);
  return claims;
}

class Desk {
  readonly signing = new ExternalSigning(random(), noBug);
  urls = [north, south];

  /** Asks for whoever is due. */
  asks(now: Instant): ExternalRequest[] {
    const wanted = { request: "csr", root: root("r1"), crossSigned: [] };
    return this.signing.due(now).flatMap(([id]) => {
      const asked = this.signing.ask(id, this.urls, { ...wanted, claims: claimsOf(id) }, now);
      return asked ?? [];
    });
  }

  fail({ id }: ExternalRequest) {
    return this.signing.answered({ kind: "failed", id, reason: "down" }, today);
  }
}

function signed({ id, claims }: ExternalRequest, traits = {}, isForRequest = true): ExternalAnswer {
  const certificate = { ...claims, text: "signed", ...traits };
  return { kind: "signed", id, isForRequest, certificate };
}

test("the next authority is asked at once, and the first again after a pause that grows", () => {
  const desk = new Desk();
  desk.signing.add("w1", waiting("w1"));
  const pauses: number[] = [];
  let now = zero;
  for (let round = 0; round < 8; round += 1) {
    for (const url of [north, south]) {
      const [asked] = desk.asks(now) as [ExternalRequest];
      expect(asked.url).toBe(url);
      expect(desk.signing.deadline).toBe(never);
      desk.fail(asked);
    }
    expect(desk.asks(now)).toEqual([]);
    pauses.push(desk.signing.deadline - now);
    now = desk.signing.deadline;
  }
  expect(pauses[0]).toBeGreaterThanOrEqual(seconds(1) / 2);
  expect(pauses.at(-1)).toBeGreaterThanOrEqual(seconds(30) / 2);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(seconds(30));
  expect(desk.signing.takeFailures()).toHaveLength(16);
});

test("new settings end a pause", () => {
  const desk = new Desk();
  desk.signing.add("w1", waiting("w1"));
  for (const _ of desk.urls) desk.fail(desk.asks(zero)[0] as ExternalRequest);
  expect(desk.asks(zero)).toEqual([]);
  desk.signing.hurry();
  expect(desk.asks(zero)).toMatchObject([{ url: north }]);
});

test("a node that asks again is not asked for twice, and is answered by its newest attempt", () => {
  const desk = new Desk();
  desk.signing.add("w1", waiting("w1", 1));
  const [asked] = desk.asks(zero) as [ExternalRequest];
  expect(desk.signing.isAskedAgain("w1", "csr", 5)).toBe(true);
  expect(desk.signing.isAskedAgain("w1", "another csr", 6)).toBe(false);
  expect(desk.asks(zero)).toEqual([]);
  const done = desk.signing.answered(signed(asked), today);
  expect(done).toMatchObject({ node: "w1", waiting: { attempt: 5 } });
  expect(desk.signing.answered(signed(asked), today)).toBeNull();
});

const lies: [string, object, boolean, string][] = [
  ["another key", {}, false, "for another key"],
  ["another node", { nodeId: "w2" }, true, "for the node w2"],
  ["another role", { role: "manager" }, true, "for a manager"],
  ["another cluster", { organization: "else" }, true, "is of else"],
  ["another serial", { serial: 9 }, true, "number 9"],
  ["what is over", { notAfter: today }, true, "has expired"],
];

test.each(lies)("a certificate for %s leads to the next authority", (_, traits, isOwn, reason) => {
  const desk = new Desk();
  desk.signing.add("w1", waiting("w1"));
  const [asked] = desk.asks(zero) as [ExternalRequest];
  expect(desk.signing.answered(signed(asked, traits, isOwn), today)).toBeNull();
  const [failure] = desk.signing.takeFailures();
  expect(failure).toMatchObject({ node: "w1", url: north });
  expect(failure?.reason).toContain(reason);
  expect(desk.asks(zero)).toMatchObject([{ url: south }]);
});

test("so many are asked for at a time, and no more", () => {
  const desk = new Desk();
  const many = limits.externalRequests + 3;
  for (let node = 0; node < many; node += 1) desk.signing.add(`w${node}`, waiting(`w${node}`));
  const first = desk.asks(zero);
  expect(first).toHaveLength(limits.externalRequests);
  expect(desk.signing.deadline).toBe(never);
  for (const asked of first.slice(0, 2)) desk.signing.answered(signed(asked), today);
  expect(desk.asks(zero)).toHaveLength(2);
});

test("an answer to an earlier leadership is none to this one", () => {
  const [before, after] = [new Desk(), new Desk()];
  before.signing.add("w1", waiting("w1"));
  after.signing.add("w1", waiting("w1"));
  const [asked] = before.asks(zero) as [ExternalRequest];
  const stale = { ...signed(asked), id: asked.id + 1 };
  after.asks(zero);
  expect(after.signing.answered(stale, today)).toBeNull();
});
