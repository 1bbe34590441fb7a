import { expect, test } from "vitest";
import type { ClusterCa } from "../../../core/model/certificate.ts";
import type { StoreEntry } from "../../../core/model/change.ts";
import { type Durable, nothingDurable } from "../../../core/node/durable.ts";
import { founderToken, foundingIn } from "../../../core/node/founding.ts";
import { entryPayload, snapshotPayload } from "../../../core/node/payload.ts";
import { simpleMembership } from "../../../core/raft/membership.ts";
import { ca, cluster, today } from "../../support/certificates.ts";
import { transact, update } from "../../support/store.ts";

// Goal: a manager that starts again remembers which founders need to show a certificate.

const founders = ["m1", "m2", "m3"];

function logged(...authorities: (ClusterCa | null)[]): Durable {
  const entries = authorities.map((authority, at) => {
    const change = update(cluster(authority));
    const entry: StoreEntry = { term: 1, time: today, transactions: [transact(change)] };
    return { kind: "payload", term: 1, index: at + 1, payload: entryPayload(entry) } as const;
  });
  return { ...nothingDurable, entries };
}

test("on an empty disk, and before there is a root, all founders may come without one", () => {
  expect(foundingIn(nothingDurable, founders)).toEqual(founders);
  expect(foundingIn(logged(null), founders)).toEqual(founders);
});

test("the newest word in the log counts, committed or not", () => {
  const log = logged(ca({ founding: founders }), ca({ founding: ["m3"] }));
  expect(foundingIn(log, founders)).toEqual(["m3"]);
});

test("a snapshot remembers too, and the log after it goes on", () => {
  const objects = [cluster(ca({ founding: ["m2", "m3"] }))];
  const store = { index: 1, time: today, objects, sessions: [], failures: [] };
  const membership = simpleMembership(founders);
  const snapshot = { index: 1, term: 1, membership, payload: snapshotPayload(store) };
  expect(foundingIn({ ...nothingDurable, snapshot }, founders)).toEqual(["m2", "m3"]);
  const both = { ...logged(ca({ founding: [] })), snapshot };
  expect(foundingIn(both, founders)).toEqual([]);
});

test("a founder without a certificate knows the root once another founder has shown one", () => {
  const tokenOf = (founding: string[], id: string) =>
    founderToken(logged(null, ca({ founding })), founders, id);
  expect(tokenOf(["m1", "m2", "m3"], "m1")).toBeNull();
  expect(tokenOf(["m1", "m2"], "m1")).toBe(ca().joinTokens.manager);
  expect(tokenOf(["m1", "m2"], "m3")).toBeNull();
  expect(founderToken(nothingDurable, founders, "m1")).toBeNull();
});
