import { expect, test } from "vitest";
import { limits } from "../../../core/base/limits.ts";
import { type Duration, hours, minutes, ms, seconds } from "../../../core/base/time.ts";
import { answer } from "../../../core/control/answer.ts";
import { rotateUnlockKey, updateCluster } from "../../../core/control/cluster.ts";
import type { Decided } from "../../../core/control/decided.ts";
import { type Cluster, type ClusterSpec, defaultClusterSpec } from "../../../core/model/cluster.ts";
import type { ManagerLock } from "../../../core/model/manager-lock.ts";
import type { Rejection } from "../../../core/model/rejection.ts";
import type { Store } from "../../../core/store/store.ts";
import { moment, settings } from "../../support/model.ts";
import { askedManager } from "../../support/raft.ts";
import { secrets, storeOf } from "../../support/store.ts";

const spec = defaultClusterSpec;
const store = () => storeOf(settings());
const now = moment(1_000);
const tooLong = (limits.longestSpan + 1) as Duration;

function update(
  of: Store,
  version: number,
  wanted: ClusterSpec,
  context: Parameters<typeof updateCluster>[2] = { secrets: secrets(), now },
) {
  return updateCluster(of, { kind: "update-cluster", version, spec: wanted }, context);
}

test.each<[string, Partial<ClusterSpec>]>([
  ["heartbeat time period cannot be a negative duration", { heartbeatPeriod: -1 as never }],
  ["heartbeat time period must be longer than nothing", { heartbeatPeriod: ms(0) }],
  ["heartbeat time period must be at most 10m", { heartbeatPeriod: minutes(11) }],
  ["heartbeat grace must be a whole number of heartbeats, from 2 to 1000", { heartbeatGrace: 1 }],
  [
    "heartbeat grace must be a whole number of heartbeats, from 2 to 1000",
    { heartbeatGrace: 1_001 },
  ],
  ["minimum certificate expiry time is: 1h0m0s", { nodeCertExpiry: minutes(59) }],
  ["snapshot interval must be a whole number of entries, at least 1", { snapshotInterval: 0 }],
  ["certificate expiry time must be at most 100 years (876000h)", { nodeCertExpiry: tooLong }],
  ["drain patience cannot be negative", { drain: { ...spec.drain, patience: -1 as never } }],
])("settings are refused with %j", (message, change) => {
  expect(update(store(), 1, { ...spec, ...change })).toEqual({
    code: "InvalidArgument",
    message,
  });
});

test("settings change whole, for whoever has read the newest", () => {
  const change = { ...spec, nodeCertExpiry: hours(1), taskHistoryRetentionLimit: -1 };
  expect(update(store(), 1, change)).toMatchObject({
    id: "cluster",
    changes: [{ kind: "update", object: { spec: change } }],
  });
  expect(update(store(), 7, change)).toMatchObject({
    message: "update out of sequence",
  });
  expect(update(storeOf(), 1, change)).toMatchObject({
    code: "Unavailable",
  });
});

function changed(decided: Decided | Rejection): Cluster {
  if ("code" in decided) throw new Error(decided.message);
  const [change] = decided.changes;
  if (change?.kind !== "update" || change.object.kind !== "cluster") throw new Error("no cluster");
  return change.object;
}

function lockAfter(decided: Decided | Rejection): ManagerLock {
  return changed(decided).lock;
}

const keyFormat = /^SWMKEY-1-[A-Za-z0-9+/]{43}$/;

test("a key is made when managers are to be locked, kept, and in the end forgotten", () => {
  const isLocked = { ...spec, autoLockManagers: true };
  const first = lockAfter(update(store(), 1, isLocked));
  expect(first.key).toMatch(keyFormat);
  const after = () => storeOf({ ...settings({ autoLockManagers: true }), lock: first });
  const other = { ...isLocked, heartbeatGrace: 4 };
  expect(lockAfter(update(after(), 1, other, { secrets: secrets(2), now }))).toEqual(first);
  const off = lockAfter(update(after(), 1, spec));
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

test("a heartbeat period that is cut is remembered until every node must have heard of it", () => {
  const slow = { ...spec, heartbeatPeriod: seconds(30) };
  const beating = (before: Cluster, to: number, at: number) => {
    const after = { ...spec, heartbeatPeriod: seconds(to) };
    return changed(update(storeOf(before), 1, after, { secrets: secrets(), now: moment(at) }));
  };
  const cut = beating(settings(slow), 5, 1_000);
  expect(cut.slowBeatsUntil).toBe(moment(1_180));
  expect(beating(cut, 2, 1_001).slowBeatsUntil).toBe(moment(1_180));
  expect(beating(cut, 2, 1_170).slowBeatsUntil).toBe(moment(1_200));
  expect(beating(settings(slow), 40, 1_000).slowBeatsUntil).toBe(0);
  expect(beating({ ...settings(slow), level: 6 }, 5, 1_000).slowBeatsUntil).toBe(0);
});
