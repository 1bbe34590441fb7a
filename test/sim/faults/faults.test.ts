import { describe, expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import { Run } from "../../../sim/run.ts";
import type { Action, ScenarioPlan } from "../../../sim/scenario/dsl.ts";
import { World } from "../../../sim/world/world.ts";
import { runUntil, worldOf } from "../../support/world.ts";

// Goal: every fault goes through one door, is told with its nodes named, and does what it says.

const topology = { managers: 3, workers: 2 } as const;

describe("Faults", () => {
  test("tells each action with nodes for selectors, one for each node", () => {
    const told: Action[] = [];
    const acted = (action: Action) => void told.push(action);
    const world = new World(
      { topology, seed: "1", planted: noBug, clients: 0, users: 1 },
      { acted },
    );
    world.powerOn();
    world.faults.act({ do: "crash", nodes: "workers" });
    world.faults.act({ do: "partition", from: ["m1"], to: "rest", oneWay: false });
    expect(told).toEqual([
      { do: "crash", nodes: "w1" },
      { do: "crash", nodes: "w2" },
      { do: "partition", from: ["m1"], to: ["m2", "m3", "w1", "w2"], oneWay: false },
    ]);
  });

  test("mends the partition of just these sides", () => {
    const { faults, network } = worldOf(topology);
    const [from, to, oneWay] = [["m1"], ["m2"], false];
    faults.act({ do: "partition", from, to, oneWay });
    faults.act({ do: "partition", from, to: ["m2", "m3"], oneWay: true });
    faults.act({ do: "mend", from, to, oneWay });
    expect([network.isCut(0, 1), network.isCut(1, 0), network.isCut(0, 2)]).toEqual([
      ...[true, false, true],
    ]);
    faults.act({ do: "mend", from, to: "rest", oneWay: true });
    expect(network.isCut(0, 2)).toBe(true);
  });

  test("makes disks slow and containers fail", () => {
    const world = worldOf(topology);
    world.faults.act({ do: "disk", nodes: "m1", conditions: { latencyMean: "1s" } });
    world.faults.act({ do: "containers", conditions: { pullFailures: 50, crashEvery: "1m" } });
    expect(world.hosts[0]?.disk.conditions).toMatchObject({ min: 100, mean: 1_000_000 });
    expect(world.containers).toMatchObject({ pullFailuresPerMillion: 500_000, crashMean: 6e7 });
    runUntil(world, 20);
  });
});

test("a named core recovers, and who is cut off from it stays so", () => {
  const plan: ScenarioPlan = {
    ...{ name: "cut off for good", story: "", topology, services: [], expect: [] },
    steps: [
      { at: "30s", action: { do: "partition", from: ["m1", "w1"], to: "rest", oneWay: false } },
      { at: "30s", action: { do: "crash", nodes: "m2" } },
    ],
    core: ["m2", "m3", "w2"],
  };
  let world: World | null = null;
  const watch = (watched: World) => {
    world = watched;
    return {};
  };
  const result = new Run(plan, "1", { observer: { watch } }, noBug).toEnd();
  expect(result.verdict).toBe("pass");
  const { network, hosts } = world as unknown as World;
  expect(hosts.map(({ state }) => state)).toEqual(["up", "up", "up", "up", "up"]);
  expect([network.isCut(0, 1), network.isCut(1, 2), network.isCut(4, 2)]).toEqual([
    ...[true, false, false],
  ]);
});
