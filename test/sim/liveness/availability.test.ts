import { expect, test } from "vitest";
import { create, drain, remove, service } from "../../../sim/scenario/dsl.ts";
import type { World } from "../../../sim/world/world.ts";
import { runUntil, worldOf } from "../../support/world.ts";

// Goal: what is counted is what really runs, whatever the cluster believes.

function running(): World {
  const world = worldOf({ managers: 3, workers: 3 });
  runUntil(world, 40);
  const restart = { delay: "0s" } as const;
  world.operator.want(create(service("web", { image: "web:1", replicas: 6, restart })));
  runUntil(world, 60);
  return world;
}

function crash(world: World, name: string): void {
  world.hosts.find((host) => host.name === name)?.crash();
}

test("Availability counts nothing before all wanted tasks first ran", () => {
  const world = worldOf({ managers: 1, workers: 1 });
  runUntil(world, 30);
  world.operator.want(create(service("web", { image: "web:1", replicas: 3 })));
  runUntil(world, 30.1);
  expect(world.availability.wasFull("web")).toBe(false);
  expect(world.availability.report().web).toMatchObject({
    wanted: 3,
    lowestRunning: null,
    starts: 0,
    secondsBelow: 0,
  });
  runUntil(world, 60);
  expect(world.availability.wasFull("web")).toBe(true);
  expect(world.availability.running("web")).toBe(3);
});

test("Availability counts slots of which a container runs, down to the lowest", () => {
  const world = running();
  expect(world.availability.report().web).toEqual({
    wanted: 6,
    running: 6,
    lowestRunning: 6,
    starts: 0,
    secondsBelow: 0,
  });
  crash(world, "w1");
  expect(world.availability.running("web")).toBe(5);
  crash(world, "w2");
  runUntil(world, 65);
  expect(world.availability.report().web).toMatchObject({ running: 4, lowestRunning: 4 });
  runUntil(world, 120);
  expect(world.availability.report().web).toMatchObject({ running: 6, lowestRunning: 4 });
});

test("Availability adds up the time with fewer tasks than wanted", () => {
  const world = running();
  runUntil(world, 70);
  const crashedAt = world.kernel.now;
  crash(world, "w1");
  runUntil(world, 75);
  const after = world.availability.report().web?.secondsBelow ?? 0;
  expect(after).toBeCloseTo((world.kernel.now - crashedAt) / 1_000_000, 3);
  expect(after).toBeGreaterThan(4.5);
  runUntil(world, 150);
  const end = world.availability.report().web?.secondsBelow ?? 0;
  expect(end).toBeGreaterThan(after);
  runUntil(world, 200);
  expect(world.availability.report().web?.secondsBelow).toBe(end);
});

test("Availability counts a slot once, though it runs twice behind a partition", () => {
  const world = running();
  const cut = world.hosts.filter(({ name }) => name === "w1");
  world.faults.act({
    do: "partition",
    from: cut.map(({ name }) => name),
    to: world.hosts.map(({ name }) => name),
    oneWay: false,
  });
  runUntil(world, 120);
  const containers = world.hosts.flatMap(({ executor }) => executor.existing());
  expect(containers.filter(({ state }) => state === "running").length).toBeGreaterThan(6);
  expect(world.availability.running("web")).toBe(6);
});

test("Availability wants nothing of a service that is removed", () => {
  const world = running();
  world.operator.want(remove("web"));
  runUntil(world, 90);
  expect(world.availability.report().web).toMatchObject({ wanted: 0, running: 0 });
  expect(world.availability.running("web")).toBe(0);
  expect(world.availability.running("none")).toBe(0);
});

test("Availability of a global service follows the nodes that take tasks", () => {
  const world = worldOf({ managers: 1, workers: 2 });
  runUntil(world, 40);
  const restart = { delay: "0s" } as const;
  world.operator.want(create(service("web", { image: "web:1", mode: "global", restart })));
  runUntil(world, 60);
  expect(world.availability.report().web).toMatchObject({ wanted: 3, running: 3 });
  world.operator.want(drain("w1"));
  runUntil(world, 70);
  expect(world.availability.report().web).toMatchObject({ wanted: 2, running: 2 });
  crash(world, "w2");
  runUntil(world, 72);
  expect(world.availability.report().web).toMatchObject({ wanted: 2, running: 1 });
  runUntil(world, 100);
  expect(world.availability.report().web).toMatchObject({ wanted: 1, running: 1 });
});

test("Availability counts anew from a moment that a scenario names", () => {
  const world = running();
  crash(world, "w1");
  runUntil(world, 120);
  world.availability.countAnew();
  const steady = { running: 6, lowestRunning: 6, starts: 0, secondsBelow: 0 };
  expect(world.availability.report().web).toMatchObject(steady);
  crash(world, "w2");
  expect(world.availability.report().web?.lowestRunning).toBeLessThan(6);
});
