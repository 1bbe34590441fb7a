import { expect, test } from "vitest";
import { after } from "../../../core/base/time.ts";
import { answer } from "../../../core/control/answer.ts";
import { type OwnRoot, rotateJoinToken, rotateRoot } from "../../../core/control/ca.ts";
import type { Decided } from "../../../core/control/decided.ts";
import type { ClusterCa } from "../../../core/model/certificate.ts";
import type { Cluster } from "../../../core/model/cluster.ts";
import { noCertificate } from "../../../core/model/node.ts";
import type { Rejection } from "../../../core/model/rejection.ts";
import type { Store } from "../../../core/store/store.ts";
import { ca, cluster, day, member, root, rotation } from "../../support/certificates.ts";
import { moment } from "../../support/model.ts";
import { askedManager } from "../../support/raft.ts";
import { secrets, storeOf } from "../../support/store.ts";

const authority = ca();
const store = storeOf(cluster(authority));

function changed(decided: Decided | Rejection): ClusterCa | null {
  if ("code" in decided) throw new Error(decided.message);
  const [change] = decided.changes;
  return change?.kind === "update" ? (change.object as Cluster).ca : null;
}

test("one token is replaced and the other stays", () => {
  const tokens = changed(rotateJoinToken(store, "worker", secrets(9)))?.joinTokens;
  expect(tokens?.manager).toBe(authority.joinTokens.manager);
  expect(tokens?.worker).not.toBe(authority.joinTokens.worker);
  expect(tokens?.worker).toContain(root("r1").digest);
});

test("a rotation begins anew with each command, and the old root stays until it is over", () => {
  const begun = changed(rotateRoot(store, null));
  expect(begun?.rotation).toEqual({ root: null, crossSigned: null, markedAt: null });
  expect(begun?.root).toEqual(root("r1"));
});

test("a rotation in the place of another doubts what was issued and was not shown yet", () => {
  const rotating = cluster(ca({ rotation: rotation() }));
  const [shown, away] = [member("w1", "worker", 4, "r3"), member("w2", "worker", 4, "r3")];
  const certificate = { ...noCertificate, ...away.certificate, issued: 5 };
  const nodes = [shown, { ...away, certificate }];
  const doubted = (store: Store) => {
    const decided = rotateRoot(store, own) as Decided;
    return decided.changes.slice(1).map((change) => change.kind !== "remove" && change.object);
  };
  expect(doubted(storeOf(rotating, ...nodes))).toMatchObject([
    { id: "w2", certificate: { issued: 5, proven: { serial: 4, issuer: "" } } },
  ]);
  expect(doubted(storeOf(cluster(authority), ...nodes))).toEqual([]);
});

const own: OwnRoot = {
  ...root("own"),
  certificates: 1,
  notAfter: after(moment(0), (400 * day) as never),
};

test("a root of the user's own is taken without its description", () => {
  expect(changed(rotateRoot(store, own))?.rotation?.root).toEqual(root("own"));
});

test.each<[string, Partial<OwnRoot>]>([
  ["the desired CA certificate cannot contain multiple certificates", { certificates: 2 }],
  [
    "the desired CA certificate expires too soon: it must be good for a year at least",
    { notAfter: moment(300 * 24 * 3600) },
  ],
  [
    "the desired CA certificate and key are those that the cluster uses: choose others",
    { key: root("r1").key },
  ],
])("a root is refused with %j", (message, traits) => {
  expect(rotateRoot(store, { ...own, ...traits })).toEqual({ code: "InvalidArgument", message });
});

test("before the cluster has a CA there is nothing to rotate", () => {
  const early = storeOf(cluster(null));
  expect(rotateRoot(early, null)).toMatchObject({ code: "Unavailable" });
  expect(rotateJoinToken(early, "worker", secrets())).toMatchObject({ code: "Unavailable" });
});

test("clients are not told the keys of the roots", () => {
  const rotating = cluster(
    ca({ rotation: { root: root("r2"), crossSigned: null, markedAt: null } }),
  );
  const [shown] = answer(storeOf(rotating), { kind: "get-cluster" }, askedManager());
  expect(JSON.stringify(shown)).toContain(root("r2").certificate);
  expect(JSON.stringify(shown)).not.toContain("key of");
});
