import { expect, test } from "vitest";
import { hours, minutes, seconds } from "../../../core/base/time.ts";
import { defaultClusterSpec } from "../../../core/model/cluster.ts";
import { serviceSpec } from "../../../core/model/service-defaults.ts";

test("serviceSpec() has SwarmKit's defaults (api/defaults/service.go)", () => {
  const { mode, task, update } = serviceSpec("web", "web:1", 3);
  expect(mode).toEqual({ kind: "replicated", replicas: 3 });
  expect(task.restart).toEqual({
    condition: "any",
    delay: seconds(5),
    maxDelay: 0,
    maxAttempts: 0,
    window: 0,
  });
  expect(update).toEqual({
    parallelism: 1,
    delay: 0,
    failureAction: "pause",
    monitor: seconds(5),
    maxFailureRatioPpm: 0,
    order: "stop-first",
    progressDeadline: minutes(10),
  });
  expect(task.container.stopGracePeriod).toBe(seconds(10));
  expect(task.placement.constraints).toEqual([]);
});

test("defaultClusterSpec has SwarmKit's history, heartbeat and time until orphaned", () => {
  expect(defaultClusterSpec).toMatchObject({
    taskHistoryRetentionLimit: 5,
    heartbeatPeriod: seconds(5),
    nodeDownPeriod: hours(24),
  });
});
