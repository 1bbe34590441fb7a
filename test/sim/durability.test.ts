import { describe, expect, test } from "vitest";
import type { SnapshotMessage } from "../../core/node/snapshot-message.ts";
import { plant } from "../../sim/planted.ts";
import type { StoryLine } from "../../sim/result.ts";
import { Run } from "../../sim/run.ts";
import type { ScenarioPlan, Topology } from "../../sim/scenario/dsl.ts";
import { runUntil, worldOf } from "../support/world.ts";

// Goal: whole clusters live through torn and damaged disks, and catch up by snapshots in chunks.

const topology: Topology = {
  managers: 3,
  workers: 2,
  raft: { snapshotInterval: 5, logEntriesForSlowFollowers: 1, snapshotChunkBytes: 700 },
};

describe("a manager with a damaged disk", () => {
  test("refuses to start and says why, while the others go on", () => {
    const story: StoryLine[] = [];
    const world = worldOf(topology, "1", story);
    runUntil(world, 40);
    const [m1] = world.managers;
    if (m1 === undefined) throw new Error("there is a first manager");
    world.faults.act({ do: "corrupt-disk", nodes: m1.name });
    world.faults.act({ do: "crash", nodes: m1.name });
    world.faults.act({ do: "restart", nodes: m1.name });
    expect(m1.state).toBe("refused");
    expect(m1.refusal).toContain("Restore this manager from the others");
    expect(story.some(({ text }) => text.startsWith("m1 refuses to start"))).toBe(true);
    const before = world.history.view.index;
    for (const act of ["crash", "pause", "resume", "restart"] as const) {
      world.faults.act({ do: act, nodes: m1.name });
    }
    expect(m1.state).toBe("refused");
    runUntil(world, 120);
    expect(world.history.view.index).toBeGreaterThan(before);
  });

  test("is seen to start all the same when damage is cut off", () => {
    const steps: ScenarioPlan["steps"] = [
      { at: "40s", action: { do: "corrupt-disk", nodes: "m1" } },
      { at: "41s", action: { do: "crash", nodes: "m1" } },
      { at: "42s", action: { do: "restart", nodes: "m1" } },
    ];
    const plan = { name: "damage", story: "", topology, services: [], steps, expect: [] };
    expect(new Run(plan, "1", {}, null).toEnd().refused).toHaveProperty("m1");
    const { violations } = new Run(plan, "1", {}, plant("R33")).toEnd();
    expect(violations[0]).toMatchObject({ invariant: "recovered-is-durable", node: "m1" });
  });
});

test("a follower that was away catches up by chunks over a lossy network", () => {
  const world = worldOf(topology, "5");
  const { network, faults, history, managers, kernel } = world;
  const chunks = new Set<string>();
  const wide = network.send.bind(network);
  network.send = (from, to, message, certificate) => {
    if (message.kind === "snapshot") note(chunks, message.message);
    wide(from, to, message, certificate);
  };
  runUntil(world, 40);
  const follower = managers.find((host) => host.node?.member?.raft.role === "follower");
  if (follower === undefined) throw new Error("somebody follows");
  faults.act({ do: "crash", nodes: follower.name });
  for (let round = 0; round < 12; round += 1) {
    const availability = round % 2 === 0 ? "drain" : "active";
    faults.act({ do: "availability", nodes: "w1", availability });
    runUntil(world, 45 + 5 * round);
  }
  expect(chunks.size).toBe(0);
  Object.assign(network.conditions, { lossPerMillion: 300_000, duplicatesPerMillion: 200_000 });
  faults.act({ do: "restart", nodes: follower.name });
  runUntil(world, kernel.now / 1e6 + 60);
  Object.assign(network.conditions, { lossPerMillion: 0, duplicatesPerMillion: 0 });
  runUntil(world, kernel.now / 1e6 + 20);
  expect(chunks.size).toBeGreaterThan(2);
  expect(follower.node?.member?.store.index).toBe(history.view.index);
  expect(follower.node?.member?.store.snapshot()).toEqual(history.snapshot());
});

function note(chunks: Set<string>, message: SnapshotMessage): void {
  if (message.kind === "chunk") chunks.add(`${message.index} at ${message.chunk.offset}`);
}
