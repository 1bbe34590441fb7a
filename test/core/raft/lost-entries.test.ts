import { expect, test } from "vitest";
import { Cluster, type Host } from "./cluster.ts";

// Goal: a member that has lost what it acknowledged is told apart from one that is merely behind.

test("a member whose disk was put back finds out at the first heartbeat of the same leader", () => {
  const cluster = new Cluster({ voters: ["a", "b", "c"] });
  cluster.step("a", { kind: "campaign" });
  cluster.settle();
  const beat = () => {
    cluster.tick("a", 2);
    cluster.settle();
  };
  const { disk, events } = cluster.hosts.get("b") as Host;
  const before = [...disk.entries];
  for (const number of [1, 2]) cluster.propose("a", number);
  cluster.settle();
  cluster.crash("b");
  cluster.restart("b");
  beat();
  const lost = () => events.filter(({ kind }) => kind === "lost-entries");
  expect(lost()).toEqual([]);
  cluster.crash("b");
  disk.entries = before;
  cluster.restart("b");
  beat();
  expect(lost().at(0)).toEqual({ kind: "lost-entries", acknowledged: 3, held: 1 });
});
