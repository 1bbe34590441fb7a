import { expect, test } from "vitest";
import { Cluster } from "./cluster.ts";

// Goal: the only voter leads without waiting, and disturbs nobody who leads or may be read from.
// Method: ticks given by hand; a timeout is ten of them at least.

const nine = 9;

test("a voter alone campaigns at its first tick, once, and two wait for a timeout", () => {
  const alone = new Cluster({ voters: ["a"], instantDisk: false });
  alone.tick("a", nine);
  expect(alone.raft("a").status()).toMatchObject({ role: "candidate", term: 1 });
  alone.flush("a");
  expect(alone.raft("a").role).toBe("leader");
  const two = new Cluster({ voters: ["a", "b"] });
  two.tick("a", nine);
  expect(two.raft("a").status()).toMatchObject({ role: "follower", term: 0 });
});

test("a voter that is to be alone does not campaign against the leader that goes", () => {
  const cluster = new Cluster({ voters: ["a", "b"] });
  cluster.elect("b");
  const change = { transition: "auto", steps: [{ kind: "remove", member: "b" }] } as const;
  cluster.step("b", { kind: "propose-config", change });
  cluster.settle(({ to }) => to === "b");
  expect(cluster.raft("a").status().membership.voters).toEqual(["a"]);
  cluster.tick("a", nine);
  expect(cluster.raft("a").role).toBe("follower");
});

test("a voter alone keeps to a lease that it may have forgotten", () => {
  const cluster = new Cluster({ voters: ["a"], config: { reads: "lease", checkQuorum: true } });
  cluster.elect("a");
  cluster.crash("a");
  cluster.restart("a");
  cluster.tick("a", nine);
  expect(cluster.raft("a").role).toBe("follower");
  cluster.tick("a");
  expect(cluster.raft("a").role).toBe("leader");
});
