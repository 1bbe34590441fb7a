import { expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import type { Timestamp } from "../../../core/base/time.ts";
import type { Receiver } from "../../../core/ca/admission.ts";
import { demoted } from "../../../core/membership/plan-roles.ts";
import { KnownPeers } from "../../../core/node/known-peers.ts";
import { ca, certificate, cluster, day, member, root, today } from "../../support/certificates.ts";

// Goal: who was let in once is looked at anew as soon as anything has changed that matters.

const shown = certificate("x", { role: "manager" });
const peer = { id: "x", certificate: shown };
const receiver: Receiver = {
  self: "m1",
  calendar: today,
  trusted: [root("r1").digest],
  founders: [],
  cluster: cluster(ca()),
  stored: member("x", "manager"),
  planted: noBug,
};

test.each<[string, Partial<Receiver>, string]>([
  ["it was demoted", { stored: demoted(member("x", "manager")) }, "before it was demoted"],
  [
    "it was removed",
    { cluster: { ...cluster(ca()), removedNodes: [{ id: "x", until: today }] } },
    "was removed from swarm",
  ],
  ["its root is trusted no more", { trusted: [root("r2").digest] }, "unknown authority"],
  ["its certificate is over", { calendar: (today + 99 * day) as Timestamp }, "has expired"],
])("KnownPeers.refusal() refuses whom it has let in before: %s", (_what, since, reason) => {
  const known = new KnownPeers();
  expect(known.refusal("forward", peer, receiver)).toBeNull();
  expect(known.refusal("forward", peer, receiver)).toBeNull();
  expect(known.refusal("forward", peer, { ...receiver, ...since })?.reason).toContain(reason);
});

test("KnownPeers.refusal() looks at each kind of message, and at another certificate", () => {
  const known = new KnownPeers();
  const worker = { id: "x", certificate: certificate("x") };
  expect(known.refusal("agent", worker, receiver)).toBeNull();
  expect(known.refusal("raft", worker, receiver)?.reason).toContain("unauthorized peer role");
  expect(known.refusal("raft", peer, receiver)).toBeNull();
  expect(known.refusal("raft", worker, receiver)?.reason).toContain("unauthorized peer role");
});
