import { expect, test } from "vitest";
import { hours, minutes, ms } from "../../../core/base/time.ts";
import { rotateUnlockKey, updateCluster } from "../../../core/control/cluster.ts";
import { answer } from "../../../core/control/control.ts";
import type { Decided } from "../../../core/control/decided.ts";
import { type ClusterSpec, defaultClusterSpec } from "../../../core/model/cluster.ts";
import type { ManagerLock } from "../../../core/model/manager-lock.ts";
import type { Rejection } from "../../../core/model/rejection.ts";
import { settings } from "../../support/model.ts";
import { askedManager } from "../../support/raft.ts";
import { secrets, storeOf } from "../../support/store.ts";

const spec = defaultClusterSpec;
const store = () => storeOf(settings());

test.each<[string, Partial<ClusterSpec>]>([
  ["heartbeat time period cannot be a negative duration", { heartbeatPeriod: -1 as never }],
  ["heartbeat time period must be longer than nothing", { heartbeatPeriod: ms(0) }],
  ["heartbeat time period must be at most 10m", { heartbeatPeriod: minutes(11) }],
  ["minimum certificate expiry time is: 1h0m0s", { nodeCertExpiry: minutes(59) }],
  ["snapshot interval must be a whole number of entries, at least 1", { snapshotInterval: 0 }],
  ["drain patience cannot be negative", { drain: { ...spec.drain, patience: -1 as never } }],
])("settings are refused with %j", (message, change) => {
  expect(updateCluster(store(), 1, { ...spec, ...change }, secrets())).toEqual({
    code: "InvalidArgument",
    message,
  });
});

test("settings change whole, for whoever has read the newest", () => {
  const change = { ...spec, nodeCertExpiry: hours(1), taskHistoryRetentionLimit: -1 };
  expect(updateCluster(store(), 1, change, secrets())).toMatchObject({
    id: "cluster",
    changes: [{ kind: "update", object: { spec: change } }],
  });
  expect(updateCluster(store(), 7, change, secrets())).toMatchObject({
    message: "update out of sequence",
  });
  expect(updateCluster(storeOf(), 1, change, secrets())).toMatchObject({ code: "Unavailable" });
});

function lockAfter(decided: Decided | Rejection): ManagerLock {
  if ("code" in decided) throw new Error(decided.message);
  const [change] = decided.changes;
  if (change?.kind !== "update" || change.object.kind !== "cluster") throw new Error("no cluster");
  return change.object.lock;
}

const keyFormat = /^SWMKEY-1-[A-Za-z0-9+/]{43}$/;

test("a key is made when managers are to be locked, kept, and in the end forgotten", () => {
  const isLocked = { ...spec, autoLockManagers: true };
  const first = lockAfter(updateCluster(store(), 1, isLocked, secrets()));
  expect(first.key).toMatch(keyFormat);
  const after = () => storeOf({ ...settings({ autoLockManagers: true }), lock: first });
  const other = { ...isLocked, heartbeatGrace: 4 };
  expect(lockAfter(updateCluster(after(), 1, other, secrets(2)))).toEqual(first);
  const off = lockAfter(updateCluster(after(), 1, spec, secrets()));
  expect(off).toEqual({ key: null, version: first.version + 1 });
});

test("another key takes the place of the first, where there is one", () => {
  const first = { key: `SWMKEY-1-${"A".repeat(43)}`, version: 3 };
  const next = lockAfter(rotateUnlockKey(storeOf({ ...settings(), lock: first }), secrets()));
  expect(next.version).toBe(4);
  expect(next.key).toMatch(keyFormat);
  expect(next.key).not.toBe(first.key);
  expect(rotateUnlockKey(store(), secrets())).toEqual({
    code: "FailedPrecondition",
    message: "cannot rotate because autolock is not turned on",
  });
});

test("the unlock key is told to whoever asks for it, and not with the settings", () => {
  const key = `SWMKEY-1-${"B".repeat(43)}`;
  const cluster = storeOf({ ...settings(), lock: { key, version: 1 } });
  const shown = (kind: "get-cluster" | "get-unlock-key") =>
    JSON.stringify(answer(cluster, { kind }, askedManager()));
  expect(shown("get-cluster")).not.toContain(key);
  expect(shown("get-unlock-key")).toContain(key);
});
