import fc from "fast-check";
import { expect, test } from "vitest";
import { leaseTicks } from "../../../core/raft/reads.ts";
import { beat, type Cluster, three } from "./cluster.ts";

// Goal: reads that see everything committed before them (thesis 6.4), or fail.

const ready = (cluster: Cluster, id: string): unknown[] => {
  return cluster.host(id).events.filter(({ kind }) => kind.startsWith("read-"));
};

/** True when the leader answers the read in the step that asks. */
function isAnsweredAtOnce(cluster: Cluster, readContext: number): boolean {
  const outputs = cluster.step("a", { kind: "read", readContext });
  return outputs.some(({ kind }) => kind === "read-ready");
}

test("a leader's read waits for a quorum to confirm it", () => {
  const cluster = three();
  cluster.elect("a");
  cluster.step("a", { kind: "read", readContext: 7 });
  expect(ready(cluster, "a")).toEqual([]);
  cluster.settle();
  expect(ready(cluster, "a")).toEqual([
    { kind: "read-ready", readContext: 7, index: 1, heard: [] },
  ]);
});

test("a follower's read is answered by its leader, who tells whom it hears", () => {
  const cluster = three();
  cluster.elect("a");
  const heard = (readContext: number) => {
    cluster.step("b", { kind: "read", readContext });
    cluster.settle();
    return ready(cluster, "b").at(-1);
  };
  const confirmed = { kind: "read-ready", index: 1 };
  expect(heard(3)).toEqual({ ...confirmed, readContext: 3, heard: ["a", "b", "c"] });
  cluster.crash("c");
  beat(cluster, "a", 4);
  expect(heard(4)).toEqual({ ...confirmed, readContext: 4, heard: ["a", "b"] });
});

test("a read of a leader cut off fails, and so does one without a leader", () => {
  const cluster = three();
  cluster.step("b", { kind: "read", readContext: 1 });
  expect(ready(cluster, "b")).toEqual([{ kind: "read-failed", readContext: 1 }]);
  cluster.elect("a");
  cluster.step("a", { kind: "read", readContext: 2 });
  cluster.messages = [];
  for (let at = 0; at < 12; at += 1) {
    cluster.tick("a");
    cluster.messages = [];
  }
  expect(ready(cluster, "a")).toEqual([{ kind: "read-failed", readContext: 2 }]);
});

test.each(["a", "b"])("of more reads than are kept the newest fail, at the leader or not", (id) => {
  const cluster = three();
  cluster.elect("a");
  for (let at = 1; at <= 4098; at += 1) cluster.step(id, { kind: "read", readContext: at });
  const failed = (readContext: number) => ({ kind: "read-failed", readContext });
  expect(ready(cluster, id)).toEqual([failed(4097), failed(4098)]);
});

test("a lease serves reads at once, until it runs out or a transfer voids it", () => {
  const cluster = three({ config: { reads: "lease", checkQuorum: true } });
  cluster.elect("a");
  beat(cluster, "a", 9);
  const atOnce = (readContext: number) => isAnsweredAtOnce(cluster, readContext);
  expect(atOnce(1)).toBe(true);
  cluster.messages = [];
  for (let at = 0; at < 8; at += 1) {
    cluster.tick("a");
    cluster.messages = [];
  }
  expect(atOnce(2), "no quorum answered lately").toBe(false);
  beat(cluster, "a", 1);
  expect(atOnce(3)).toBe(true);
  cluster.step("a", { kind: "transfer", to: "b" });
  expect(atOnce(4), "somebody may be elected without waiting").toBe(false);
});

test("a lease is as long as the fastest clock allows, and never a tick longer", () => {
  // SwarmKit's ten ticks, of which nine are whole; less what is lost as ticks are not in phase.
  const lengths = [0, 500, 125_000, 125_001, 3_500_000].map((ppm) => leaseTicks(10, ppm));
  expect(lengths).toEqual([8, 7, 7, 6, 1]);
  const ticks = fc.integer({ min: 2, max: 100_000 });
  fc.assert(
    fc.property(ticks, fc.nat(10_000_000), (electionTicks, ppm) => {
      const lease = leaseTicks(electionTicks, ppm);
      const isSafe = (count: number) =>
        BigInt(count + 1) * BigInt(1_000_000 + ppm) <= BigInt(electionTicks - 1) * 1_000_000n;
      expect(isSafe(lease)).toBe(true);
      expect(isSafe(lease + 1)).toBe(false);
    }),
  );
});

test("without a lease to speak of every read takes a round", () => {
  for (const config of [{ checkQuorum: false }, { maxClockDriftPpm: 3_500_001 }]) {
    const cluster = three({ config: { reads: "lease", checkQuorum: true, ...config } });
    cluster.elect("a");
    beat(cluster, "a", 3);
    cluster.step("a", { kind: "read", readContext: 1 });
    expect(ready(cluster, "a")).toEqual([]);
    cluster.settle();
    expect(ready(cluster, "a")).toMatchObject([{ kind: "read-ready", readContext: 1 }]);
  }
});

test("a lease holds as soon as a round of the term is answered, and not a tick too long", () => {
  const cluster = three({ config: { reads: "lease", checkQuorum: true } });
  cluster.elect("a");
  const atOnce = (readContext: number) => isAnsweredAtOnce(cluster, readContext);
  cluster.tick("a");
  expect(atOnce(1), "the round of this tick is not answered yet").toBe(false);
  cluster.settle();
  expect(atOnce(2)).toBe(true);
  cluster.tick("a", 7);
  expect(atOnce(3)).toBe(true);
  cluster.tick("a");
  expect(atOnce(4)).toBe(false);
});
