import type { ManagerStatus } from "../../core/model/node.ts";
import { majorityOf } from "../../core/raft/quorum.ts";
import { ownRoot } from "../signer/own-root.ts";
import type { Cluster } from "./cluster.ts";
import { bodyOf, isOn, settingsOf, versionOf } from "./lookup.ts";
import { type SwarmUpdate, shownSwarm, swarmUpdateOf } from "./map/swarm.ts";
import { type Membership, membershipRoutes } from "./membership-routes.ts";
import { ApiError, type ApiRequest, type Route, route } from "./routes.ts";

/** `/swarm`: the cluster that the node is in. */
export function swarmRoutes(cluster: Cluster, membership: Membership): Route[] {
  const problem = async () => (cluster.node.isManager() ? leavingProblem(cluster) : null);
  return [
    ...membershipRoutes(membership, problem),
    route("GET", "/swarm", () => inspect(cluster)),
    route("POST", "/swarm/update", (request) => update(cluster, request)),
    route("GET", "/swarm/unlockkey", () => unlockKey(cluster)),
    route("POST", "/swarm/unlock", isNotLocked),
  ];
}

async function inspect(cluster: Cluster) {
  const { object, ca } = await settingsOf(cluster);
  const { worker: Worker, manager: Manager } = ca.joinTokens;
  const swarm = shownSwarm(object, ca, cluster.node.raft);
  return { status: 200, body: { ...swarm, JoinTokens: { Worker, Manager } } };
}

/** One that is serves `outsideRoutes`. */
async function isNotLocked(): Promise<never> {
  throw new ApiError(409, "swarm is not locked");
}

/**
 * Why a manager does not leave unless it is forced to, in Docker's words (moby `Leave`); null: it
 * is none any more, as of one that hears only now that it was removed.
 */
async function leavingProblem(cluster: Cluster): Promise<string | null> {
  const nodes = await cluster.query({ kind: "list-nodes" }).catch(() => null);
  if (!cluster.node.isManager()) return null;
  const statuses = nodes?.flatMap(({ managerStatus }) => managerStatus ?? []) ?? null;
  const rule =
    "You are attempting to leave the swarm on a node that is participating as a manager. ";
  if (statuses?.length === 1) {
    return (
      `${rule}Removing the last manager erases all current state of the swarm. ` +
      "Use `--force` to ignore this message."
    );
  }
  return (
    `${rule}${quorumWarning(statuses)}The only way to restore a swarm that has lost consensus ` +
    "is to reinitialize it with `--force-new-cluster`. Use `--force` to suppress this message."
  );
}

/** Null: nobody could say how the managers are. */
function quorumWarning(statuses: readonly ManagerStatus[] | null): string {
  if (statuses === null) return "Doing so may lose the consensus of your cluster. ";
  const left = statuses.filter(({ reachability }) => reachability !== "unreachable").length - 1;
  return left >= majorityOf(statuses.length)
    ? ""
    : `Removing this node leaves ${left} managers out of ${statuses.length}. ` +
        "Without a Raft quorum your swarm will be inaccessible. ";
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
  const [found] = await cluster.query({ kind: "get-unlock-key" });
  return { status: 200, body: { UnlockKey: found?.lock.key ?? "" } };
}
