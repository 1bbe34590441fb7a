import { expect, test } from "vitest";
import { leaderOf, select } from "../../../sim/world/selectors.ts";
import { random } from "../../support/store.ts";
import { runUntil, worldOf } from "../../support/world.ts";

const topology = {
  managers: 3,
  workers: [
    { name: "a", zone: "east" },
    { name: "b", zone: "west" },
    { name: "c", zone: "east" },
  ],
};

function names(world: ReturnType<typeof worldOf>, selector: string, seed = 1): string[] {
  return select(world, selector, random(seed)).map(({ name }) => name);
}

test("select() finds nodes by name, by role, by zone and all of them", () => {
  const world = worldOf(topology);
  expect(names(world, "b")).toEqual(["b"]);
  expect(names(world, "managers")).toEqual(["m1", "m2", "m3"]);
  expect(names(world, "workers")).toEqual(["a", "b", "c"]);
  expect(names(world, "zone:east")).toEqual(["a", "c"]);
  expect(names(world, "zone:north")).toEqual([]);
  expect(names(world, "all")).toEqual(["m1", "m2", "m3", "a", "b", "c"]);
  expect(names(world, "nobody")).toEqual([]);
});

test("select() finds no leader before there is one, then that one and its followers", () => {
  const world = worldOf(topology);
  expect(names(world, "leader")).toEqual([]);
  expect(names(world, "followers")).toEqual(["m1", "m2", "m3"]);
  runUntil(world, 40);
  const leader = leaderOf(world.managers)?.name ?? "";
  expect(names(world, "leader")).toEqual([leader]);
  expect(names(world, "followers")).toEqual(["m1", "m2", "m3"].filter((name) => name !== leader));
});

test("select() draws one node that is up, from the stream that it is given", () => {
  const world = worldOf(topology);
  world.hosts.find(({ name }) => name === "b")?.crash();
  world.hosts.find(({ name }) => name === "c")?.pause();
  const drawn = new Set<string>();
  for (let seed = 0; seed < 30; seed += 1) {
    for (const name of names(world, "a worker", seed)) drawn.add(name);
    expect(names(world, "a worker", seed)).toEqual(names(world, "a worker", seed));
  }
  expect([...drawn]).toEqual(["a"]);
});

test("leaderOf() is the leader of the highest term, when an older one does not know yet", () => {
  const world = worldOf({ managers: 3, workers: 0 });
  runUntil(world, 40);
  const old = leaderOf(world.managers);
  if (old === null) throw new Error("there is a leader");
  const others = world.managers.filter((host) => host !== old);
  old.pause();
  runUntil(world, 120);
  const next = leaderOf(world.managers);
  expect(others).toContain(next);
  expect(old.node?.member?.raft.role).toBe("leader");
  expect(next?.node?.member?.raft.term).toBeGreaterThan(old.node?.member?.raft.term ?? 0);
});
