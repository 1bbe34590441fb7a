import { expect, test } from "vitest";
import {
  activate,
  create,
  drain,
  remove,
  removeTask,
  rollback,
  scale,
  service,
} from "../../../sim/scenario/dsl.ts";
import { leaderOf } from "../../../sim/world/selectors.ts";
import type { World } from "../../../sim/world/world.ts";
import { runUntil, worldOf } from "../../support/world.ts";

// Goal: what a user wants is done once, however often it has to be asked for.

const replicas = (world: World) => {
  const mode = world.history.view.named("service", "web")?.spec.mode;
  return mode?.kind === "replicated" ? mode.replicas : undefined;
};

function running(): World {
  const world = worldOf({ managers: 3, workers: 2 });
  runUntil(world, 40);
  world.operator.want(create(service("web", { image: "web:1", replicas: 2 })));
  runUntil(world, 45);
  return world;
}

test("an Operator does one thing after another, in the order in which they were wanted", () => {
  const world = running();
  expect(world.operator.isIdle).toBe(true);
  for (const to of [5, 3, 4]) world.operator.want(scale("web", to));
  expect(world.operator.open).toBe(3);
  runUntil(world, 60);
  expect([world.operator.isIdle, world.operator.open, replicas(world)]).toEqual([true, 0, 4]);
});

test("an Operator asks again until a leader answers, and what is wanted takes effect once", () => {
  const world = running();
  const leader = leaderOf(world.managers);
  leader?.crash();
  world.operator.want(create(service("api", { image: "api:1" })));
  world.operator.want(scale("web", 5));
  runUntil(world, 50);
  expect(world.operator.isIdle).toBe(false);
  runUntil(world, 150);
  expect(world.operator.isIdle).toBe(true);
  expect([...world.history.view.services.values()].map((each) => each.spec.name).sort()).toEqual([
    "api",
    "web",
  ]);
  expect(replicas(world)).toBe(5);
});

test("an Operator is not answered while no majority of managers is up, and is later", () => {
  const world = running();
  const [first, second] = world.managers;
  first?.crash();
  second?.crash();
  world.operator.want(scale("web", 4));
  runUntil(world, 120);
  expect([world.operator.isIdle, replicas(world)]).toEqual([false, 2]);
  first?.start();
  runUntil(world, 240);
  expect([world.operator.isIdle, replicas(world)]).toEqual([true, 4]);
});

test("an Operator reads again when someone else was faster", () => {
  const world = running();
  for (let round = 0; round < 3; round += 1) {
    world.operator.want(drain("w1"));
    world.operator.want(activate("w1"));
  }
  world.hosts.find(({ name }) => name === "w1")?.crash();
  runUntil(world, 90);
  expect(world.operator.isIdle).toBe(true);
  expect(world.history.view.nodes.get("w1")?.spec.availability).toBe("active");
});

test("an Operator has nothing to change of what is not there", () => {
  const world = running();
  world.operator.want(remove("none"));
  world.operator.want(drain("none"));
  world.operator.want(remove("web"));
  world.operator.want(scale("web", 9));
  runUntil(world, 60);
  expect(world.operator.isIdle).toBe(true);
  expect(world.history.view.services.size).toBe(0);
});

test("an Operator takes a service back to what it was, and gives up where there is nothing", () => {
  const world = running();
  world.operator.want(scale("web", 5));
  world.operator.want(rollback("web"));
  runUntil(world, 60);
  expect([world.operator.isIdle, replicas(world)]).toEqual([true, 2]);
  world.operator.want(create(service("api", { image: "api:1" })));
  world.operator.want(rollback("api"));
  runUntil(world, 70);
  expect(world.operator.isIdle).toBe(true);
});

test("an Operator removes the task that it finds in a place, and none where there is none", () => {
  const world = running();
  const ids = () => [...world.history.view.tasks.keys()];
  runUntil(world, 60);
  const before = ids();
  const second = [...world.history.view.tasks.values()].find(({ slot }) => slot === 2);
  world.operator.want(removeTask("web", 2));
  world.operator.want(removeTask("web", 9));
  runUntil(world, 120);
  expect(world.operator.isIdle).toBe(true);
  expect(before).toContain(second?.id);
  expect(ids()).not.toContain(second?.id);
  expect(ids()).toHaveLength(2);
});
