import { expect, test } from "vitest";
import { Cluster, numbered } from "./cluster.ts";

// Goal: the newest snapshot is the one that a member goes on from.

test("a snapshot that is older than the last changes nothing", () => {
  const cluster = new Cluster({ voters: ["a"] });
  cluster.elect("a");
  for (let at = 1; at <= 4; at += 1) cluster.propose("a", at);
  cluster.settle();
  for (const index of [4, 3]) {
    cluster.step("a", { kind: "compact", index, keepFrom: 1, payload: numbered(index) });
  }
  cluster.crash("a");
  cluster.restart("a");
  expect(cluster.raft("a").status()).toMatchObject({ applied: 4, stable: 5 });
});
