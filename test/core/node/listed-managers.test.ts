import { expect, test } from "vitest";
import type { ListedNode } from "../../../core/model/node.ts";
import { RecordedCluster } from "../../support/recorded-cluster.ts";

// Goal: whichever manager is asked, a list of nodes says which managers the leader hears.
// Method: three managers on a simulated network; one crashes, then another.

const query = { kind: "list-nodes" } as const;

/** By manager, what a list says that `asked` gives; or why it gives none. */
function listedBy(cluster: RecordedCluster, asked: string, second: number, isStale = false) {
  const consistency = isStale ? "stale" : "linearizable";
  const before = cluster.replies.length;
  cluster.request(asked, { kind: "query", query, consistency });
  cluster.until(second);
  const [reply] = cluster.replies.slice(before);
  if (reply?.kind !== "result") return reply?.kind === "try-again" ? reply.reason : reply;
  const nodes = reply.objects as readonly ListedNode[];
  return Object.fromEntries(
    nodes.map(({ id, managerStatus }) => [
      id,
      managerStatus?.leader === true ? "leader" : managerStatus?.reachability,
    ]),
  );
}

test("a manager that does not lead lists the managers as the leader hears them", () => {
  const cluster = new RecordedCluster(["m1", "m2", "m3"], [], {});
  cluster.until(40);
  const leader = cluster.leader() ?? "";
  const [asked = "", other = ""] = ["m1", "m2", "m3"].filter((id) => id !== leader);
  const all = { [leader]: "leader", [asked]: "reachable", [other]: "reachable" };
  expect(listedBy(cluster, asked, 41)).toEqual(all);
  expect(listedBy(cluster, asked, 42, true)).toEqual({ ...all, [other]: "unknown" });
  cluster.crash(other);
  cluster.until(60);
  expect(listedBy(cluster, asked, 61)).toEqual({ ...all, [other]: "unreachable" });
  expect(listedBy(cluster, leader, 62)).toEqual({ ...all, [other]: "unreachable" });
  cluster.crash(leader);
  expect(listedBy(cluster, asked, 69)).toMatch(/no quorum of managers|does not have a leader/);
  cluster.until(120);
  expect(listedBy(cluster, asked, 121)).toMatch("The swarm does not have a leader.");
});
