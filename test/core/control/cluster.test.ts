import { expect, test } from "vitest";
import { hours, minutes, ms } from "../../../core/base/time.ts";
import { updateCluster } from "../../../core/control/cluster.ts";
import { type ClusterSpec, defaultClusterSpec } from "../../../core/model/cluster.ts";
import { meta } from "../../support/model.ts";
import { storeOf } from "../../support/store.ts";

const spec = defaultClusterSpec;
const store = () => storeOf({ kind: "cluster", id: "cluster", meta: meta(1), spec, ca: null });

test.each<[string, Partial<ClusterSpec>]>([
  ["heartbeat time period cannot be a negative duration", { heartbeatPeriod: -1 as never }],
  ["heartbeat time period must be longer than nothing", { heartbeatPeriod: ms(0) }],
  ["heartbeat time period must be at most 10m", { heartbeatPeriod: minutes(11) }],
  ["minimum certificate expiry time is: 1h0m0s", { nodeCertExpiry: minutes(59) }],
  ["snapshot interval must be a whole number of entries, at least 1", { snapshotInterval: 0 }],
  ["drain patience cannot be negative", { drain: { ...spec.drain, patience: -1 as never } }],
])("settings are refused with %j", (message, change) => {
  expect(updateCluster(store(), 1, { ...spec, ...change })).toEqual({
    code: "InvalidArgument",
    message,
  });
});

test("settings change whole, for whoever has read the newest", () => {
  const change = { ...spec, nodeCertExpiry: hours(1), taskHistoryRetentionLimit: -1 };
  expect(updateCluster(store(), 1, change)).toMatchObject({
    id: "cluster",
    changes: [{ kind: "update", object: { spec: change } }],
  });
  expect(updateCluster(store(), 7, change)).toMatchObject({ message: "update out of sequence" });
  expect(updateCluster(storeOf(), 1, change)).toMatchObject({ code: "Unavailable" });
});
