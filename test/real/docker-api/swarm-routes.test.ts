import { expect, test } from "vitest";
import type { Cluster } from "../../../real/docker-api/cluster.ts";
import type { Membership } from "../../../real/docker-api/membership-routes.ts";
import { Router } from "../../../real/docker-api/router.ts";
import { ApiError } from "../../../real/docker-api/routes.ts";
import { swarmRoutes } from "../../../real/docker-api/swarm-routes.ts";

// Goal: a node can be told to leave whatever its cluster can say of its managers.
// Method: the routes, with a cluster in which nobody answers.

const refuse = () => Promise.reject(new ApiError(503, "The swarm does not have a leader."));
const node = {
  ...{ id: "m1", address: "127.0.0.1:4242", raft: { heartbeatTicks: 1, electionTicks: 10 } },
  hasJoined: () => true,
};
const membership: Membership = { init: refuse, join: refuse, leave: () => Promise.resolve() };

async function left(isManagerStill: boolean): Promise<number> {
  let isManager = true;
  const query = () => {
    isManager = isManagerStill;
    return refuse();
  };
  const own = { ...node, isManager: () => isManager };
  const cluster: Cluster = { node: own, command: refuse, query, watch: () => () => undefined };
  const found = new Router(swarmRoutes(cluster, membership)).find("POST", "/swarm/leave");
  if (found === null) throw new Error("there is no such route");
  const request = {
    ...{ params: {}, query: new URLSearchParams(), version: "1.47", headers: {} },
    ...{ signal: new AbortController().signal, json: () => Promise.resolve({}) },
  };
  return (await found.route.handle(request)).status;
}

test("a manager without a quorum is told that it leaves by force", async () => {
  await expect(left(true)).rejects.toMatchObject({
    status: 503,
    message: expect.stringMatching(/Doing so may lose the consensus .* Use `--force`/),
  });
});

test("one that turns out to be no manager any more leaves", async () => {
  expect(await left(false)).toBe(200);
});
