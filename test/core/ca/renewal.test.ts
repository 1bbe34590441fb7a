import fc from "fast-check";
import { expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import { Random } from "../../../core/base/random.ts";
import { hours, type Timestamp } from "../../../core/base/time.ts";
import { backoff } from "../../../core/ca/backoff.ts";
import { backdate } from "../../../core/ca/issue.ts";
import { mustRenew, renewalOf, renewalOfHeld } from "../../../core/ca/renewal.ts";
import type { Security } from "../../../core/model/certificate.ts";
import { unlocked } from "../../../core/model/manager-lock.ts";
import { certificate, root, today } from "../../support/certificates.ts";

const seed = fc.integer({ min: 0, max: 0xffff_ffff });

test("a certificate is renewed between 50 and 80 percent of its life, whatever its length", () => {
  const life = fc.integer({ min: hours(1), max: hours(20 * 365 * 24) });
  fc.assert(
    fc.property(life, seed, (span, word) => {
      const notBefore = (today - backdate) as Timestamp;
      const notAfter = (today + span) as Timestamp;
      const random = new Random([word, 1, 2, 3]);
      const at = renewalOf(certificate("w1", { notBefore, notAfter }), today, random, noBug);
      expect(at - today).toBeGreaterThanOrEqual(span * 0.5);
      expect(at - today).toBeLessThanOrEqual(span * 0.8);
    }),
  );
});

test("a node whose calendar is behind the issuer's renews as soon as one whose is right", () => {
  const behind = (today - hours(2)) as Timestamp;
  const notBefore = (today - backdate) as Timestamp;
  const held = certificate("w1", { notBefore, notAfter: (today + hours(1)) as Timestamp });
  const wait = renewalOf(held, behind, new Random([1, 2, 3, 4]), noBug) - behind;
  expect(wait).toBeGreaterThanOrEqual(hours(1) * 0.5);
  expect(wait).toBeLessThanOrEqual(hours(1) * 0.8);
  expect(renewalOfHeld(held, behind, new Random([1, 2, 3, 4]), noBug)).toBe(behind);
});

const told = (traits: Partial<Security>): Security => ({
  version: 1,
  roots: [root("r1")],
  issuer: root("r1").digest,
  role: "worker",
  mustRenew: false,
  lastAsManager: 0,
  lock: unlocked,
  ...traits,
});

test.each<[string, Security, boolean]>([
  ["all is as told", told({}), false],
  ["the node is promoted", told({ role: "manager" }), true],
  ["the root is rotated, and it is not its turn", told({ issuer: root("r2").digest }), false],
  ["its turn has come", told({ issuer: root("r2").digest, mustRenew: true }), true],
  ["it has renewed, and the leader does not know yet", told({ mustRenew: true }), false],
])("before its time a certificate is renewed or not: %s", (_name, security, isDue) => {
  expect(mustRenew(certificate("w1"), security)).toBe(isDue);
});

test("a manager's certificate from before the node was demoted is renewed", () => {
  const held = certificate("m1", { role: "manager", serial: 3 });
  expect(mustRenew(held, told({ role: "manager", lastAsManager: 3 }))).toBe(true);
  expect(mustRenew(held, told({ role: "manager", lastAsManager: 2 }))).toBe(false);
});

test("pauses grow to an hour with a good certificate, and to half a minute without", () => {
  fc.assert(
    fc.property(seed, fc.integer({ min: 1, max: 60 }), (word, failures) => {
      const wait = (urgent: boolean) => backoff(failures, urgent, new Random([word, 1, 2, 3]));
      expect(wait(false)).toBeLessThanOrEqual(Math.min(5e6 * 2 ** (failures - 1), 3600e6));
      expect(wait(false)).toBeGreaterThan(2.4e6);
      expect(wait(true)).toBeLessThanOrEqual(Math.min(1e6 * 2 ** (failures - 1), 30e6));
      expect(wait(true)).toBeGreaterThan(0.4e6);
    }),
  );
});
