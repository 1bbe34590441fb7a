import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seconds } from "../../../core/base/time.ts";
import type { Cluster, ClusterSpec } from "../../../core/model/cluster.ts";
import { RealCluster } from "../../support/real-cluster.ts";
import { swarmctlHere } from "../../support/swarmctl-here.ts";

// Goal: what swarmctl changes is changed beside others, and waited for no longer than it can come.
// Method: one swarmd; the program in this process, its output as text.

const cluster = new RealCluster();
beforeAll(() => cluster.start(1, 0));
afterAll(() => cluster.stop());

function swarmctl(...words: string[]): Promise<string> {
  return swarmctlHere({ SWARM_SOCKET: `unix://${cluster.first.socket}` }, words);
}

test("what several change at once is all changed", async () => {
  const id = (await swarmctl("node", "ls", "--quiet")).trim();
  const labels = ["a=1", "b=2", "c=3", "d=4"];
  await Promise.all(labels.map((label) => swarmctl("node", "update", id, "--label-add", label)));
  const [node] = await cluster.first.client.query({ kind: "list-nodes" });
  expect([...(node?.spec.labels ?? [])].sort().join(" ")).toBe("a,1 b,2 c,3 d,4");
  await swarmctl(
    "node",
    "update",
    id,
    ...["a", "b", "c", "d"].flatMap((key) => ["--label-rm", key]),
  );
});

test("--wait ends where a task has ended that no other may follow", async () => {
  const once = ["--image", "any", "--command", "false", "--restart-max-attempts", "1"];
  const created = swarmctl(
    "service",
    "create",
    "--name",
    "once",
    "--wait",
    ...once,
    "--restart-delay",
    "0",
  );
  await expect(created).rejects.toThrow(
    /^once\.1 has ended, .* by its restart policy: .*exit.*\. Correct the spec with/,
  );
});

test("each setting of the cluster can be changed", async () => {
  const { client } = cluster.first;
  const [before] = await client.query({ kind: "get-cluster" });
  const { spec } = before as Cluster;
  await swarmctl("cluster", "update", ...otherSettings);
  const [after] = await client.query({ kind: "get-cluster" });
  const changed = after as Cluster;
  const kept = Object.keys(spec).filter((name) => {
    const setting = name as keyof ClusterSpec;
    return isDeepStrictEqual(changed.spec[setting], spec[setting]);
  });
  expect(kept).toEqual(["autoLockManagers"]);
  expect(changed.spec.drain).toEqual({ order: "stop-first", patience: seconds(30) });
  await client.command({ kind: "update-cluster", version: changed.meta.version, spec });
});

/** All but the lock, of which there is a test. */
const otherSettings = [
  ...["--certexpiry", "100h", "--heartbeatperiod", "3s", "--heartbeatgrace", "5"],
  ...["--engine-timeout", "50s", "--taskhistory", "7", "--node-down-period", "2h"],
  ...["--snapshot-interval", "5000", "--log-entries-for-slow-followers", "300"],
  ...["--strategy", "binpack", "--drain-order", "stop-first", "--drain-patience", "30s"],
  ...["--rebalance", "10", "--label", "a=b", "--log-driver", "local", "--preemption"],
  ...["--external-ca", "protocol=cfssl,url=https://127.0.0.1:1"],
];

test("a node that is drained is waited for until it runs nothing", async () => {
  const sleeping = ["--image", "any", "--command", "sleep", "--args", "1000", "--mode", "global"];
  await swarmctl("service", "create", "--name", "agent", "--wait", ...sleeping);
  expect(await swarmctl("node", "drain", "m1", "--wait")).toMatch(
    /^m1\n(m1: 1 task left\n)?m1: 0 tasks left\nm1: empty\n$/,
  );
  expect(await swarmctl("service", "ps", "agent")).toMatch(/ Shutdown +Shutdown /);
});
