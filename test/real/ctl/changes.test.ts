import { afterAll, beforeAll, expect, test } from "vitest";
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
