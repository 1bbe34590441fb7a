import { expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import type { Timestamp } from "../../../core/base/time.ts";
import type { Gate } from "../../../core/ca/admission.ts";
import { demoted } from "../../../core/membership/plan-roles.ts";
import { Door } from "../../../core/node/door.ts";
import { ca, certificate, cluster, day, member, root, today } from "../../support/certificates.ts";

// Goal: who was let in once is looked at anew as soon as anything has changed that matters.

const shown = certificate("x", { role: "manager" });
const peer = { id: "x", certificate: shown };
const gate: Gate = {
  self: "m1",
  calendar: today,
  trusted: [root("r1").digest],
  founders: [],
  cluster: cluster(ca()),
  stored: member("x", "manager"),
  planted: noBug,
};

test.each<[string, Partial<Gate>, string]>([
  ["it was demoted", { stored: demoted(member("x", "manager")) }, "before it was demoted"],
  [
    "it was removed",
    { cluster: { ...cluster(ca()), removedNodes: [{ id: "x", until: today }] } },
    "was removed from swarm",
  ],
  ["its root is trusted no more", { trusted: [root("r2").digest] }, "unknown authority"],
  ["its certificate is over", { calendar: (today + 99 * day) as Timestamp }, "has expired"],
])("Door.refusal() refuses whom it has let in before: %s", (_what, since, reason) => {
  const door = new Door();
  expect(door.refusal("forward", peer, gate)).toBeNull();
  expect(door.refusal("forward", peer, gate)).toBeNull();
  expect(door.refusal("forward", peer, { ...gate, ...since })?.reason).toContain(reason);
});

test("Door.refusal() looks at each kind of message, and at another certificate", () => {
  const door = new Door();
  const worker = { id: "x", certificate: certificate("x") };
  expect(door.refusal("agent", worker, gate)).toBeNull();
  expect(door.refusal("raft", worker, gate)?.reason).toContain("unauthorized peer role");
  expect(door.refusal("raft", peer, gate)).toBeNull();
  expect(door.refusal("raft", worker, gate)?.reason).toContain("unauthorized peer role");
});
