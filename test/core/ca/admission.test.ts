import { expect, test } from "vitest";
import type { Timestamp } from "../../../core/base/time.ts";
import { type Gate, refusal, type Traffic } from "../../../core/ca/admission.ts";
import type { Certificate } from "../../../core/model/certificate.ts";
import { ca, certificate, day, member, root, today } from "../../support/certificates.ts";

const traffics: readonly Traffic[] = [
  "raft",
  "forward",
  "agent",
  "dispatcher",
  "ca-request",
  "ca-answer",
];
const gate: Gate = {
  self: "m1",
  calendar: today,
  trusted: [root("r1").digest],
  founders: ["m1", "m2", "m3"],
  ca: ca(),
  stored: member("x"),
  isLeading: true,
};
const out = (traits: Partial<Certificate>): Partial<Certificate> => ({
  notAfter: (today - day) as Timestamp,
  ...traits,
});

/** What passes of node `x` with such a certificate; null: it shows none. */
function passes(traits: Partial<Certificate> | null, at: Partial<Gate> = {}): Traffic[] {
  const shown = traits === null ? null : certificate("x", traits);
  const peer = { id: "x", certificate: shown };
  return traffics.filter((traffic) => refusal(traffic, peer, { ...gate, ...at }) === null);
}

const managers = { role: "manager" } as const;
const none: Traffic[] = [];

test.each<[string, Partial<Certificate> | null, Partial<Gate>, readonly Traffic[]]>([
  ["a manager sends everything", managers, {}, traffics],
  ["a worker sends as an agent, and asks the CA", {}, {}, ["agent", "ca-request"]],
  ["nobody without a certificate does but ask the CA", null, {}, ["ca-request"]],
  ["another cluster's nodes send nothing", { ...managers, issuer: "other" }, {}, none],
  ["nor do those of another organization", { ...managers, organization: "acme" }, {}, none],
  ["a certificate is not good for another node", { ...managers, nodeId: "y" }, {}, none],
  [
    "a new root passes once the old one has vouched for it",
    { ...managers, issuer: "new", crossSignedBy: root("r1").digest },
    {},
    traffics,
  ],
  [
    "a removed node sends nothing",
    managers,
    { ca: ca({ removed: [{ id: "x", until: today }] }), stored: undefined },
    none,
  ],
  ["a leader takes no agent that it does not know", {}, { stored: undefined }, ["ca-request"]],
  [
    "a follower may not have heard yet of a node",
    {},
    { stored: undefined, isLeading: false },
    ["agent", "ca-request"],
  ],
  [
    "an expired manager elects, and asks and answers for certificates",
    out(managers),
    {},
    ["raft", "ca-request", "ca-answer"],
  ],
  ["an expired worker asks for a new one", out({}), {}, ["ca-request"]],
  [
    "but not with one that it has replaced",
    out({ ...managers, serial: 1 }),
    { stored: member("x", "manager", 2) },
    none,
  ],
  [
    "a founder takes part in Raft before there is a CA",
    null,
    { trusted: [], ca: null, founders: ["m1", "x"] },
    ["raft", "ca-request", "ca-answer"],
  ],
  [
    "and until it has first shown a certificate",
    null,
    { ca: ca({ founding: ["x"] }) },
    ["raft", "ca-request", "ca-answer"],
  ],
  ["and not after that", null, { founders: ["m1", "x"] }, ["ca-request"]],
])("%s", (_name, shown, at, expected) => {
  expect(passes(shown, at)).toEqual(expected);
});

test("what a node sends to itself has not left the machine", () => {
  expect(refusal("raft", { id: "m1", certificate: null }, gate)).toBeNull();
});

test("refusals say what was wrong in SwarmKit's words", () => {
  const worker = { id: "x", certificate: certificate("x") };
  expect(refusal("raft", worker, gate)).toBe(
    "Permission denied: unauthorized peer role: swarm-worker",
  );
});
