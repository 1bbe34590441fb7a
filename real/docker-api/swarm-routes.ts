import type { Cluster as ClusterObject } from "../../core/model/cluster.ts";
import { nodes } from "../ctl/find.ts";
import { ownRoot } from "../signer/own-root.ts";
import type { Cluster } from "./cluster.ts";
import { bodyOf, isOn, settingsOf, versionOf } from "./lookup.ts";
import { type SwarmUpdate, shownSwarm, swarmUpdateOf } from "./map/swarm.ts";
import { ApiError, type ApiRequest, type Route } from "./routes.ts";

/** `/swarm`: the cluster that the node is in for as long as it lives. */
export function swarmRoutes(cluster: Cluster): Route[] {
  return [
    { method: "GET", path: "/swarm", handle: () => inspect(cluster) },
    { method: "POST", path: "/swarm/init", handle: isInSwarm },
    { method: "POST", path: "/swarm/join", handle: isInSwarm },
    { method: "POST", path: "/swarm/leave", handle: (request) => leave(cluster, request) },
    { method: "POST", path: "/swarm/update", handle: (request) => update(cluster, request) },
    { method: "GET", path: "/swarm/unlockkey", handle: () => unlockKey(cluster) },
    {
      method: "POST",
      path: "/swarm/unlock",
      handle: isNotLocked,
    },
  ];
}

async function inspect(cluster: Cluster) {
  const { object, ca } = await settingsOf(cluster);
  const { worker: Worker, manager: Manager } = ca.joinTokens;
  const swarm = shownSwarm(object, ca, cluster.node.raft);
  return { status: 200, body: { ...swarm, JoinTokens: { Worker, Manager } } };
}

/** A node of ours is never without a cluster: its command line says which. */
async function isInSwarm(): Promise<never> {
  const how = 'Use "docker swarm leave" to leave this swarm and join another one.';
  throw new ApiError(503, `This node is already part of a swarm. ${how}`);
}

/** One that is serves `lockedRoutes`. */
async function isNotLocked(): Promise<never> {
  throw new ApiError(409, "swarm is not locked");
}

/** The words for managers are Docker's (moby `daemon/cluster/swarm.go`). */
async function leave(cluster: Cluster, request: ApiRequest): Promise<never> {
  if (cluster.node.isManager() && !isOn(request, "force")) {
    throw new ApiError(503, await leavingProblem(cluster));
  }
  throw new ApiError(
    501,
    "a node is in its cluster for as long as swarmd runs: stop swarmd and remove its state " +
      'directory, and then, on a manager, use "docker node demote" and "docker node rm"',
  );
}

async function leavingProblem(cluster: Cluster): Promise<string> {
  const statuses = (await nodes(cluster)).flatMap(({ managerStatus }) => managerStatus ?? []);
  const reachable = statuses.filter(({ reachability }) => reachability !== "unreachable").length;
  const rule =
    "You are attempting to leave the swarm on a node that is participating as a manager. ";
  if (statuses.length === 1) {
    return (
      `${rule}Removing the last manager erases all current state of the swarm. ` +
      "Use `--force` to ignore this message."
    );
  }
  const losesQuorum = reachable - 1 < Math.floor(statuses.length / 2) + 1;
  const left =
    `Removing this node leaves ${reachable - 1} managers out of ${statuses.length}. ` +
    "Without a Raft quorum your swarm will be inaccessible. ";
  return (
    `${rule}${losesQuorum ? left : ""}The only way to restore a swarm that has lost consensus ` +
    "is to reinitialize it with `--force-new-cluster`. Use `--force` to suppress this message."
  );
}

/** What is asked for is done one after the other: settings, tokens, unlock key, root. */
async function update(cluster: Cluster, request: ApiRequest) {
  const version = versionOf("swarm", request);
  const { object } = await settingsOf(cluster);
  const asked = swarmUpdateOf(await bodyOf(request), object.spec, cluster.node.raft);
  const root = rootOf(asked);
  await cluster.command({ kind: "update-cluster", version, spec: asked.spec });
  for (const role of ["worker", "manager"] as const) {
    const name = role === "worker" ? "rotateWorkerToken" : "rotateManagerToken";
    if (isOn(request, name)) await cluster.command({ kind: "rotate-join-token", role });
  }
  if (isOn(request, "rotateManagerUnlockKey")) {
    await cluster.command({ kind: "rotate-unlock-key" });
  }
  if (asked.rotation !== null) await cluster.command({ kind: "rotate-root", root });
  return { status: 200 };
}

function rootOf({ rotation }: SwarmUpdate) {
  if (rotation === null || rotation.root === null) return null;
  try {
    return ownRoot(rotation.root.certificate, rotation.root.key);
  } catch (error) {
    throw new ApiError(400, `CAConfig.SigningCACert: ${(error as Error).message}`);
  }
}

async function unlockKey(cluster: Cluster) {
  const [found] = (await cluster.query({ kind: "get-unlock-key" })) as readonly ClusterObject[];
  return { status: 200, body: { UnlockKey: found?.lock.key ?? "" } };
}
