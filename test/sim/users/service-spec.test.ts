import { expect, test } from "vitest";
import { minutes, ms, seconds } from "../../../core/base/time.ts";
import { serviceSpec } from "../../../core/model/service-defaults.ts";
import { changed, specOf } from "../../../sim/users/service-spec.ts";

test("specOf() gives a plan of nothing but an image every default", () => {
  expect(specOf({ name: "web", image: "web:1" })).toEqual(serviceSpec("web", "web:1", 1));
});

test("specOf() puts every word where it belongs", () => {
  const spec = specOf({
    name: "web",
    image: "web:1",
    mode: "replicated-job",
    replicas: 8,
    maxConcurrent: 2,
    cpus: 0.5,
    memory: "64MiB",
    generic: { gpu: 1 },
    constraints: ["node.role==worker"],
    spreadOver: ["engine.labels.zone"],
    maxReplicasPerNode: 3,
    affinity: ["db"],
    antiAffinity: ["cache"],
    strategy: "binpack",
    priority: 7,
    ports: [{ target: 80 }, { target: 53, published: 5353, protocol: "udp", mode: "host" }],
    restart: { maxDelay: "1m" },
    update: { failureAction: "rollback", maxFailureRatio: 0.25, monitor: "9s" },
    rollback: { parallelism: 0, progressDeadline: "0s" },
    health: { retries: 5, startPeriod: "2s" },
    dependsOn: ["db"],
    forceUpdate: 4,
    stopGracePeriod: "3s",
  });
  expect(spec.mode).toEqual({ kind: "replicated-job", maxConcurrent: 2, totalCompletions: 8 });
  expect(spec.task).toMatchObject({
    reservations: { nanoCpus: 500_000_000, memoryBytes: 64 * 1024 * 1024 },
    genericReservations: new Map([["gpu", 1]]),
    placement: {
      constraints: ["node.role==worker"],
      preferences: ["engine.labels.zone"],
      maxReplicas: 3,
      affinity: ["db"],
      antiAffinity: ["cache"],
      strategy: "binpack",
    },
    priority: 7,
    restart: { condition: "any", delay: seconds(5), maxDelay: minutes(1) },
    forceUpdate: 4,
  });
  const { health, stopGracePeriod } = spec.task.container;
  expect(health).toMatchObject({ retries: 5, startPeriod: seconds(2), interval: seconds(30) });
  expect(stopGracePeriod).toBe(seconds(3));
  expect(spec.update).toMatchObject({ failureAction: "rollback", maxFailureRatioPpm: 250_000 });
  expect(spec.rollback).toMatchObject({ parallelism: 0, progressDeadline: ms(0) });
  expect(spec.dependsOn).toEqual(["db"]);
  expect(spec.endpoint.ports).toMatchObject([
    { protocol: "tcp", targetPort: 80, publishedPort: 0, publishMode: "ingress" },
    { protocol: "udp", targetPort: 53, publishedPort: 5353, publishMode: "host" },
  ]);
});

test("a job runs all of its completions at once unless it says otherwise", () => {
  const { mode } = specOf({ name: "sum", image: "sum:1", mode: "replicated-job", replicas: 5 });
  expect(mode).toEqual({ kind: "replicated-job", maxConcurrent: 5, totalCompletions: 5 });
});

test("changed() leaves alone what the change does not name", () => {
  const before = specOf({ name: "web", image: "web:1", mode: "global", health: {}, cpus: 1 });
  expect(changed(before, {})).toEqual(before);
  const after = changed(before, { image: "web:2", update: { delay: "1s" } });
  expect(after.task.container).toEqual({ ...before.task.container, image: "web:2" });
  expect(after.update).toEqual({ ...before.update, delay: seconds(1) });
  expect({ ...after, task: before.task, update: before.update }).toEqual(before);
});
