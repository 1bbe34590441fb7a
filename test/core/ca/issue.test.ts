import { expect, test } from "vitest";
import type { Duration, Timestamp } from "../../../core/base/time.ts";
import { hours } from "../../../core/base/time.ts";
import { type Applicant, claimsOf, nextCertificate } from "../../../core/ca/issue.ts";
import { admit } from "../../../core/membership/admit.ts";
import { demoted } from "../../../core/membership/plan-roles.ts";
import type { Cluster } from "../../../core/model/cluster.ts";
import { type Node, noCertificate } from "../../../core/model/node.ts";
import {
  ca,
  certificate,
  cluster,
  day,
  member,
  root,
  rotation,
  today,
} from "../../support/certificates.ts";
import { description, node } from "../../support/model.ts";
import { raftView } from "../../support/raft.ts";
import { context, storeOf } from "../../support/store.ts";

const authority = ca();
const { worker, manager } = authority.joinTokens;
const expired = certificate("w1", { notAfter: (today - 100 * day) as Timestamp });

function ask(traits: Partial<Applicant>, nodes: Node[] = [], of: Cluster = cluster(authority)) {
  const applicant: Applicant = {
    id: "w1",
    token: null,
    shown: null,
    description: description("w1"),
    availability: "active",
    ...traits,
  };
  const next = nextFor(applicant, nodes, of);
  return "code" in next ? next.message : `${next.role} ${next.certificate?.issued}`;
}

function nextFor(applicant: Applicant, nodes: Node[], of: Cluster) {
  const store = context(storeOf(of, ...nodes));
  return nextCertificate(store, authority, applicant, today, (plan, newcomer) =>
    admit(plan, raftView({ voters: ["m1", "m2/14"] }).membership, newcomer),
  );
}

const waiting = { ...node("w1"), certificate: { ...noCertificate, issued: 1 } };
const badToken = "A valid join token is necessary to join this cluster";

test.each<[string, Partial<Applicant>, Node[], string]>([
  ["the workers' token makes a worker", { token: worker }, [], "worker 1"],
  ["the managers' token makes a manager", { token: manager }, [], "manager 1"],
  ["a wrong token makes nothing", { token: `${worker}0` }, [], badToken],
  ["nor does no token", {}, [], badToken],
  ["who lost the answer may ask again", { token: worker }, [waiting], "worker 2"],
  ["also a manager that was demoted meanwhile", { token: manager }, [demoted(waiting)], "worker 2"],
  [
    "but not for another role",
    { token: manager },
    [waiting],
    "node w1 has joined already: remove it first, or join under a new id",
  ],
  [
    "a token does not make one node speak as another that has joined",
    { token: worker },
    [member("w1")],
    "node w1 has joined already: remove it first, or join under a new id",
  ],
  ["a member renews by its certificate", { shown: certificate("w1") }, [member("w1")], "worker 2"],
  ["a member renews by an expired one", { shown: expired }, [member("w1")], "worker 2"],
  [
    "the new certificate is for the role that is stored",
    { shown: certificate("w1") },
    [member("w1", "manager")],
    "manager 2",
  ],
  [
    "a node that was removed renews nothing",
    { shown: certificate("w1") },
    [],
    "node w1 not found when attempting to renew certificate",
  ],
])("%s", (_name, applicant, nodes, expected) => {
  expect(ask(applicant, nodes)).toBe(expected);
});

test("who was removed does not come back under its name while its certificate is good", () => {
  const after = { ...cluster(authority), removedNodes: [{ id: "w1", until: today }] };
  expect(ask({ token: worker }, [], after)).toBe(
    "node w1 was removed from the swarm: it may join again under a new id",
  );
});

test("a node that is older than what the cluster speaks gets no certificate, old or new", () => {
  const older = { ...description("w1"), level: 1 };
  const refused = "node w1 is too old for this swarm (level 1): start a newer version";
  expect(ask({ token: worker, description: older }, [])).toBe(refused);
  expect(ask({ shown: certificate("w1"), description: older }, [member("w1")])).toBe(refused);
  const young = { ...cluster(authority), level: 1 };
  expect(ask({ token: worker, description: older }, [], young)).toBe("worker 1");
});

test("a node that says too much of itself gets no certificate, old or new", () => {
  const long = { ...description("w1"), hostname: "w".repeat(70_000) };
  const refused = expect.stringContaining("node w1 says too much of itself (");
  expect(ask({ token: worker, description: long }, [])).toEqual(refused);
  expect(ask({ shown: certificate("w1"), description: long }, [member("w1")])).toEqual(refused);
});

test.each(["m2/14", "", "w\u001b[2J", "w".repeat(65)])("a node can't be called %j", (id) => {
  const refused = "a node's id has 1 to 64 characters, all of which can be seen, and no '/'";
  expect(ask({ id, token: worker })).toEqual(expect.stringContaining(refused));
});

test("a node begins with the availability it is told, and a known one keeps its own", () => {
  const applicant: Applicant = {
    ...{ id: "w1", token: worker, shown: null, description: description("w1") },
    availability: "drain",
  };
  const first = nextFor(applicant, [], cluster(authority));
  expect(first).toMatchObject({ spec: { availability: "drain" } });
  const again = nextFor(applicant, [waiting], cluster(authority));
  expect(again).toMatchObject({ spec: { availability: "active" } });
});

/** A worker for which so many were issued, the last for longer than a day. */
function issued(serial: number): Node {
  const goodUntil = (today + 2 * day) as Timestamp;
  return { ...node("w1"), certificate: { ...noCertificate, issued: serial, goodUntil } };
}

test("certificates begin an hour early and are good for the time that is set", () => {
  const claims = claimsOf(issued(3), authority, today, day);
  expect(claims.notBefore).toBe(today - hours(1));
  expect(claims.notAfter).toBe(today + day);
  expect(claims).toMatchObject({ serial: 3, role: "worker", vouchers: [] });
});

test("a certificate is for the role that the node has, whatever it is to become", () => {
  const leaving = node("m1", { role: "manager" });
  const spec = { ...leaving.spec, desiredRole: "worker" } as const;
  expect(claimsOf({ ...leaving, spec }, authority, today, day).role).toBe("manager");
});

test("no certificate is good for longer than the store knows", () => {
  expect(claimsOf(issued(1), authority, today, (9 * day) as Duration).notAfter).toBe(
    today + 2 * day,
  );
});

test("during a rotation the new root signs, and the old one vouches for it", () => {
  const rotating = ca({ rotation: rotation() });
  const claims = claimsOf(member("w1"), rotating, today, day);
  expect(claims.issuer).toBe(root("r2").digest);
  expect(claims.vouchers).toEqual([root("r1").digest]);
  const formerRoots = [{ digest: root("r0").digest, crossSigned: "r0 vouches for r1" }];
  const both = [root("r1").digest, root("r0").digest];
  expect(claimsOf(member("w1"), { ...rotating, formerRoots }, today, day).vouchers).toEqual(both);
  const early = ca({ rotation: rotation({ crossSigned: null }) });
  expect(claimsOf(member("w1"), early, today, day).issuer).toBe(root("r1").digest);
});
