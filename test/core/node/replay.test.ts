import { expect, test } from "vitest";
import type { Command } from "../../../core/control/command.ts";
import { spec } from "../../support/model.ts";
import { type Life, RecordedCluster, relived } from "../../support/recorded-cluster.ts";

// Goal: what reaches a node goes through one function, and the list of it replays the node's life.
// Method: a cluster with losses, crashes and snapshots behind the real shell; then each life again.

function story(): RecordedCluster {
  const cluster = new RecordedCluster(["m1", "m2", "m3"], ["w1", "w2"], { snapshotInterval: 15 });
  cluster.network.conditions.lossPerMillion = 20_000;
  cluster.network.conditions.duplicatesPerMillion = 20_000;
  cluster.until(40);
  const ask = (sequence: number, command: Command) =>
    cluster.request("m2", {
      kind: "command",
      request: { client: "cli", sequence },
      command,
    });
  const first: Command = { kind: "create-service", spec: spec("web", { replicas: 5 }) };
  ask(1, first);
  cluster.until(50);
  ask(1, first);
  cluster.until(60);
  ask(2, { kind: "create-service", spec: spec("web") });
  const leader = cluster.leader() ?? "m1";
  cluster.crash(leader);
  cluster.crash("w1");
  cluster.until(100);
  cluster.start(leader);
  cluster.start("w1");
  cluster.until(180);
  return cluster;
}

const cluster = story();

test("the story has it all: an answered command, running tasks, snapshots, two lives", () => {
  expect(cluster.replies.some(({ kind }) => kind === "outcome")).toBe(true);
  expect(cluster.running()).toBeGreaterThan(2);
  expect(cluster.lives).toHaveLength(7);
  const writes = cluster.lives
    .flatMap(({ outputs }) => outputs)
    .flatMap((output) => (output.kind === "write" ? output.write.raft : []));
  expect(writes.some(({ snapshot }) => snapshot !== null)).toBe(true);
});

test("a fresh Node that is given a Shell's recorded inputs does the same, output by output", () => {
  for (const life of cluster.lives) {
    const again = relived(life).outputs;
    expect(again.length).toBe(life.outputs.length);
    expect(again).toEqual(life.outputs);
  }
});

test("inputs are plain data: a copy of them replays the same life", () => {
  const [life] = cluster.lives.filter(({ config }) => config.id === "w2");
  if (life === undefined) throw new Error("w2 has lived");
  const copy: Life = { ...life, inputs: structuredClone(life.inputs) };
  expect(relived(copy).outputs).toEqual(life.outputs);
});

test("boot comes first and once, and time never goes back", () => {
  for (const { inputs } of cluster.lives) {
    expect(inputs.map(([input]) => input.kind).filter((kind) => kind === "boot")).toEqual(["boot"]);
    expect(inputs[0]?.[0].kind).toBe("boot");
    const times = inputs.map(([, { now }]) => now);
    expect(times).toEqual([...times].sort((left, right) => left - right));
  }
});
