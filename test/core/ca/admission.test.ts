import { expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import type { Timestamp } from "../../../core/base/time.ts";
import {
  isTwin,
  knowsManagers,
  type Receiver,
  refusal,
  speaksAsManager,
  starting,
  type Traffic,
  type Welcome,
  welcome,
} from "../../../core/ca/admission.ts";
import type { Certificate } from "../../../core/model/certificate.ts";
import { noCertificate } from "../../../core/model/node.ts";
import type { NodeConfig } from "../../../core/node/config.ts";
import { Shell } from "../../../core/node/shell.ts";
import type { Ports } from "../../../core/ports/ports.ts";
import { ca, certificate, cluster, day, member, root, today } from "../../support/certificates.ts";

const traffics: readonly Traffic[] = [
  "raft",
  "forward",
  "agent",
  "dispatcher",
  "hint",
  "addresses",
  "ca-request",
  "ca-answer",
];
const receiver: Receiver = {
  self: "m1",
  calendar: today,
  trusted: [root("r1").digest],
  founders: ["m1", "m2", "m3"],
  cluster: cluster(ca()),
  stored: member("x"),
  planted: noBug,
};
const out = (traits: Partial<Certificate>): Partial<Certificate> => ({
  notAfter: (today - day) as Timestamp,
  ...traits,
});

/** What passes of node `x` with such a certificate; null: it shows none. */
function passes(traits: Partial<Certificate> | null, at: Partial<Receiver> = {}): Traffic[] {
  const shown = traits === null ? null : certificate("x", traits);
  const peer = { id: "x", certificate: shown };
  return traffics.filter((traffic) => refusal(traffic, peer, { ...receiver, ...at }) === null);
}

const managers = { role: "manager" } as const;
const none: Traffic[] = [];
const workers: Traffic[] = ["agent", "hint", "ca-request"];
const founders: Traffic[] = ["raft", "hint", "ca-request", "ca-answer"];
const expiredManagers: Traffic[] = ["raft", "hint", "addresses", "ca-request", "ca-answer"];
/** A node that was a manager until its second certificate had been issued. */
const demoted = member("x", "worker", 2);
const lastAsManager = { ...(demoted.certificate ?? noCertificate), lastAsManager: 2 };

test.each<[string, Partial<Certificate> | null, Partial<Receiver>, readonly Traffic[]]>([
  ["a manager sends everything", managers, {}, traffics],
  ["a worker sends as an agent, and asks the CA", {}, {}, workers],
  ["nobody without a certificate does but ask the CA", null, {}, ["ca-request"]],
  ["another cluster's nodes send nothing", { ...managers, issuer: "other" }, {}, none],
  ["nor do those of another organization", { ...managers, organization: "acme" }, {}, none],
  ["a certificate is not good for another node", { ...managers, nodeId: "y" }, {}, none],
  [
    "a new root passes once the old one has vouched for it",
    { ...managers, issuer: "new", vouchers: [root("r1").digest] },
    {},
    traffics,
  ],
  [
    "a removed node sends nothing",
    managers,
    { cluster: { ...cluster(ca()), removedNodes: [{ id: "x", until: today }] } },
    none,
  ],
  ["a manager may not have heard yet of a node", {}, { stored: undefined }, workers],
  [
    "a demoted node is a worker, though it still has a manager's certificate",
    { ...managers, serial: 2 },
    { stored: { ...demoted, certificate: lastAsManager } },
    workers,
  ],
  [
    "and is a manager by one that it got when it was promoted again",
    { ...managers, serial: 3 },
    { stored: { ...demoted, certificate: lastAsManager } },
    traffics,
  ],
  [
    "an expired manager elects, and asks and answers for certificates",
    out(managers),
    {},
    expiredManagers,
  ],
  ["an expired worker asks for a new one", out({}), {}, ["hint", "ca-request"]],
  [
    "but not with one that it has replaced",
    out({ ...managers, serial: 1 }),
    { stored: member("x", "manager", 2) },
    none,
  ],
  [
    "a founder takes part in Raft before there is a CA",
    null,
    { trusted: [], cluster: null, founders: ["m1", "x"] },
    founders,
  ],
  [
    "and until it has first shown a certificate",
    null,
    { cluster: cluster(ca({ founding: ["x"] })) },
    founders,
  ],
  ["and not after that", null, { founders: ["m1", "x"] }, ["ca-request"]],
])("%s", (_name, shown, at, expected) => {
  expect(passes(shown, at)).toEqual(expected);
});

test("before the node has started a manager's certificate says where managers are", () => {
  const peer = (traits: Partial<Certificate>) => ({
    id: "x",
    certificate: certificate("x", traits),
  });
  expect(knowsManagers(peer(managers), null)).toBe(true);
  expect(knowsManagers(peer({}), null)).toBe(false);
  expect(knowsManagers({ id: "x", certificate: null }, null)).toBe(false);
  expect(knowsManagers(peer({}), receiver)).toBe(false);
});

test("what a node sends to itself has not left the machine", () => {
  expect(refusal("raft", { id: "m1", certificate: null }, receiver)).toBeNull();
});

test("refusals say what was wrong in SwarmKit's words", () => {
  const worker = { id: "x", certificate: certificate("x") };
  expect(refusal("raft", worker, receiver)?.reason).toBe(
    "Permission denied: unauthorized peer role: swarm-worker",
  );
});

const ends: [string, Partial<Certificate>, Partial<Receiver>, boolean][] = [
  ["a manager's", managers, {}, true],
  ["a worker's", {}, {}, false],
  ["an expired manager's", out(managers), {}, false],
  [
    "a demoted manager's",
    { ...managers, serial: 2 },
    { stored: { ...demoted, certificate: lastAsManager } },
    false,
  ],
];

test("a founder's bare word ends it only as long as there is no root", () => {
  const peer = { id: "x", certificate: null };
  const founding = { ...receiver, cluster: null, founders: ["m1", "x"] };
  expect(refusal("hint", peer, founding)).toBeNull();
  expect(speaksAsManager(peer, founding)).toBe(false);
  expect(speaksAsManager(peer, { ...founding, trusted: [] })).toBe(true);
  expect(speaksAsManager({ ...peer, id: "y" }, { ...founding, trusted: [] })).toBe(false);
});

test.each(ends)("%s word ends a node's part in the cluster: %j", (_name, traits, at, expected) => {
  const peer = { id: "x", certificate: certificate("x", traits) };
  expect(speaksAsManager(peer, { ...receiver, ...at })).toBe(expected);
});

test.each<[string, Partial<Certificate> | null, Partial<Receiver>, Welcome["kind"]]>([
  ["a member comes in", {}, {}, "member"],
  ["who has no certificate may ask for one", null, {}, "guest"],
  ["so may anybody where there is no root yet", {}, { trusted: [] }, "guest"],
  ["another cluster's node may not", { issuer: "other" }, {}, "refused"],
  ["nor who has another node's certificate", { nodeId: "y" }, {}, "refused"],
  ["an expired node may ask for the next one", out({}), {}, "guest"],
  [
    "but not with one that it has replaced: that is somebody else",
    out({ serial: 1 }),
    { stored: member("x", "worker", 2) },
    "refused",
  ],
  [
    "a removed node may hear that it is",
    {},
    { cluster: { ...cluster(ca()), removedNodes: [{ id: "x", until: today }] } },
    "guest",
  ],
  [
    "also when it knows none but a root of before",
    { issuer: "former" },
    { cluster: { ...cluster(ca()), removedNodes: [{ id: "x", until: today }] } },
    "guest",
  ],
])("%s on a connection", (_name, traits, at, expected) => {
  const shown = traits === null ? null : certificate("x", traits);
  expect(welcome({ id: "x", certificate: shown }, { ...receiver, ...at }).kind).toBe(expected);
});

test("before a node has started everybody is a guest, who is told to try again", () => {
  expect(starting).toMatchObject({ kind: "guest", reason: "the node is starting: try again" });
  const shell = new Shell({} as NodeConfig, {} as Ports);
  expect(shell.welcome({ id: "x", certificate: null })).toBe(starting);
  expect(shell.refusalOf({ id: "x", certificate: null })).toBe(starting.reason);
});

test.each([
  ["another process with the same certificate", "b", 2, true],
  ["another process with an older one", "b", 1, true],
  ["another process with a newer one", "b", 3, false],
  ["the same process", "a", 2, false],
  ["a version that does not say", "", 2, false],
] as const)("%s is a twin: %s, certificate %i: %s", (_what, instance, serial, isSecond) => {
  const speaker = (own: string, number: number) => {
    return { id: "x", instance: own, certificate: certificate("x", { serial: number }) };
  };
  expect(isTwin(speaker(instance, serial), speaker("a", 2))).toBe(isSecond);
  expect(isTwin(speaker("b", 2), speaker("", 2))).toBe(false);
});
