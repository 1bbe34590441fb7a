import type { LocalActions } from "../api/local-server.ts";
import { dockerExternalCa } from "../docker-api/map/swarm.ts";
import type { LockGate } from "./lock-gate.ts";
import type { NodeMembership } from "./node-membership.ts";
import type { DaemonOptions } from "./options.ts";

const leavesByForce =
  "this node is a manager: with --force it hands back its vote, where the others can do without " +
  "it, and leaves. The last manager takes the cluster with it";

/** Docker's client founds a cluster with that option, where there is none to go on with. */
const nothingToForce =
  "this node is in no cluster that it could go on with: found one without --force-new-cluster";

/** What `swarmctl` may ask of the node on its own socket. */
export function localActions(
  { listenRemoteApi }: DaemonOptions,
  gate: LockGate,
  membership: () => NodeMembership,
): LocalActions {
  return {
    async unlock({ unlockKey }) {
      const problem = gate.unlock(unlockKey);
      if (problem !== null) throw new Error(problem);
      return {};
    },
    async init({ listen, advertise, availability, autolock, forceNewCluster, externalCas }) {
      if (forceNewCluster && membership().node === null) throw new Error(nothingToForce);
      const place = placeOf(listen || listenRemoteApi, advertise, availability);
      const Spec = { CAConfig: { ExternalCAs: externalCas.map(dockerExternalCa) } };
      const asked = { AutoLockManagers: autolock, ForceNewCluster: forceNewCluster, Spec };
      return { nodeId: await membership().init({ ...place, ...asked }) };
    },
    async join({ listen, advertise, availability, remote, token }) {
      const place = placeOf(listen || listenRemoteApi, advertise, availability);
      await membership().join({ ...place, RemoteAddrs: [remote], JoinToken: token });
      return {};
    },
    async leave({ force }) {
      if (!force && membership().node?.isManager === true) throw new Error(leavesByForce);
      if (!force && gate.isLocked) throw new Error("this manager is locked: name --force too");
      await membership().leave(force);
      return {};
    },
    async info() {
      const info = membership().node?.info ?? null;
      if (info === null) throw new Error("the node is not up");
      return info;
    },
    async backup() {
      const { node } = membership();
      if (node === null) throw new Error("this node is in no cluster");
      return node.backup();
    },
  };
}

/** As Docker's API says it. */
function placeOf(ListenAddr: string, AdvertiseAddr: string, Availability: string) {
  return { ListenAddr, AdvertiseAddr, Availability };
}
