import { expect, test } from "vitest";
import type { StoryLine } from "../../../sim/result.ts";
import {
  failSync,
  fillDisk,
  freeDisk,
  freeze,
  kill,
  restart,
  resume,
  skewClock,
} from "../../../sim/scenario/dsl.ts";
import type { Topology } from "../../../sim/scenario/topology-words.ts";
import type { Host } from "../../../sim/world/host.ts";
import { runUntil, worldOf } from "../../support/world.ts";

// Goal: what happens to a single machine is what would happen to a real one.

const topology: Topology = { managers: 3, workers: 2 };

test("a disk that is full or fails once when it is opened ends the daemon", () => {
  for (const [fault, reason] of [
    [fillDisk("m1"), "no space left on device"],
    [failSync("m1"), "fsync: input/output error"],
  ] as const) {
    const story: StoryLine[] = [];
    const world = worldOf(topology, "1", story);
    runUntil(world, 40);
    const m1 = world.hosts[0] as Host;
    world.faults.act(kill("m1"));
    world.faults.act(fault);
    world.faults.act(restart("m1"));
    expect(m1.state).toBe("down");
    expect(story.at(-1)?.text).toBe(`the daemon of m1 ends: ${reason}`);
    world.faults.act(freeDisk("m1"));
    runUntil(world, 43);
    expect(m1.state).toBe("up");
  }
});

test("the clocks of a frozen machine stand still, its calendar until it is set", () => {
  const world = worldOf(topology);
  const { clock } = world.hosts[0] as Host;
  const read = () => [clock.now(), clock.calendar()] as const;
  runUntil(world, 30);
  const before = read();
  const frozenAt = world.kernel.now;
  world.faults.act(freeze("m1"));
  runUntil(world, 90);
  expect(read()).toEqual(before);
  const lasted = world.kernel.now - frozenAt;
  world.faults.act(resume("m1"));
  expect(read()).toEqual(before);
  expect(clock.faults.ahead).toBe(-lasted);
  runUntil(world, 100);
  expect(clock.now()).toBeGreaterThan(before[0] + 9e6);
  world.faults.act(skewClock("m1", "0s"));
  expect(clock.calendar() - clock.now()).toBe(before[1] - before[0] + lasted);
});
