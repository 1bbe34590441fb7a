import { expect, test } from "vitest";
import type { Timestamp } from "../../../core/base/time.ts";
import { NodeLogs } from "../../../real/logs/node-logs.ts";

// Goal: a manager finds its way to the log of every node.
// Method: the ways that it tries, without any connection.

test("a worker that a manager does not know is asked by way of the leader's node", async () => {
  const asked: string[] = [];
  const logs = new NodeLogs({
    nodeId: "follower",
    engine: { logs: () => expect.unreachable("it is of another node") },
    channelTo: (node) => {
      asked.push(node);
      return null;
    },
    leader: () => "leader/9",
  });
  const range = { follow: false, tail: null, since: 0 as Timestamp, until: 0 as Timestamp };
  const lines = logs.read({ nodeId: "worker", taskId: "task", range }, AbortSignal.timeout(1_000));
  await expect(lines.next()).rejects.toThrow("node worker is not available");
  expect(asked).toEqual(["worker", "leader"]);
});
