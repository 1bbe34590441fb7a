import { z } from "zod";
import { isEqual } from "../../../core/base/equal.ts";
import { overlaySettingsProblem } from "../../../core/control/overlay-settings.ts";
import type { ClusterSpec } from "../../../core/model/cluster.ts";
import type { Availability } from "../../../core/model/node.ts";
import { defaultOverlaySettings, type OverlaySettings } from "../../../core/model/overlay.ts";
import {
  foundingAddresses,
  joiningAddresses,
  type NodeAddresses,
  remoteAddress,
} from "../addresses.ts";
import { ApiError } from "../routes.ts";
import { count, dockerObject, flag, parsed, text, texts, wordOf } from "./schema.ts";
import { type RaftTicks, swarmUpdateOf } from "./swarm.ts";

const place = { ListenAddr: text, AdvertiseAddr: text, Availability: text };

const initRequest = dockerObject({
  ...place,
  ForceNewCluster: flag,
  AutoLockManagers: flag,
  DataPathPort: count,
  DefaultAddrPool: texts,
  SubnetSize: count,
  Spec: z.unknown().optional(),
});

const joinRequest = dockerObject({ ...place, RemoteAddrs: texts, JoinToken: text });

/** How a node comes into a cluster, as Docker's API says it. */
export interface Entering extends NodeAddresses {
  readonly availability: Availability;
}

/** How a new cluster is set. */
export interface Founding {
  readonly cluster: ClusterSpec;
  readonly overlays: OverlaySettings;
}

export interface InitRequest extends Entering, Founding {}

export interface JoinRequest extends Entering {
  /** Host and port of a manager. */
  readonly remote: string;
  readonly token: string;
}

/** True: a manager is to go on alone. Throws as `initRequestOf` does. */
export function isForced(body: unknown): boolean {
  return parsed(initRequest, body).ForceNewCluster === true;
}

/** Throws an `ApiError` where a manager that goes on alone is told more than where it is. */
export function checkForced(body: unknown, before: Founding, ticks: RaftTicks): void {
  const asked = parsed(initRequest, body);
  const { spec, rotation } = swarmUpdateOf(asked.Spec ?? {}, before.cluster, ticks);
  const isPlain =
    isEqual(spec, before.cluster) &&
    rotation === null &&
    asked.AutoLockManagers !== true &&
    isEqual(overlaysOf(asked, before.overlays), before.overlays) &&
    availabilityOf(asked.Availability) === "active";
  if (isPlain) return;
  const how = "'docker swarm update' and 'docker node update' change them";
  throw new ApiError(400, `with ForceNewCluster the settings stay as they are: ${how}`);
}

/** What `POST /swarm/init` asks for. Throws an `ApiError` that names what can't be had. */
export function initRequestOf(body: unknown, before: Founding, ticks: RaftTicks): InitRequest {
  const asked = parsed(initRequest, body);
  const { ListenAddr = "", AdvertiseAddr = "", Spec = {}, AutoLockManagers = false } = asked;
  const { spec, rotation } = swarmUpdateOf(Spec, before.cluster, ticks);
  if (rotation !== null) {
    const how = "'docker swarm ca --rotate' replaces the root of a swarm that is there";
    throw new ApiError(400, `Spec.CAConfig of a new swarm can't name a root: ${how}`);
  }
  return {
    ...foundingAddresses(ListenAddr, AdvertiseAddr),
    availability: availabilityOf(asked.Availability),
    cluster: {
      ...spec,
      externalCas: spec.externalCas.length > 0 ? spec.externalCas : before.cluster.externalCas,
      autoLockManagers:
        before.cluster.autoLockManagers || spec.autoLockManagers || AutoLockManagers,
    },
    overlays: overlaysOf(asked, before.overlays),
  };
}

/** What `POST /swarm/join` asks for. Throws as `initRequestOf` does. */
export function joinRequestOf(body: unknown): JoinRequest {
  const asked = parsed(joinRequest, body);
  const { ListenAddr = "", AdvertiseAddr = "", RemoteAddrs = [], JoinToken = "" } = asked;
  const [remote] = RemoteAddrs;
  if (remote === undefined) throw new ApiError(400, "at least 1 RemoteAddr is required to join");
  return {
    ...joiningAddresses(ListenAddr, AdvertiseAddr),
    availability: availabilityOf(asked.Availability),
    remote: remoteAddress(remote),
    token: JoinToken,
  };
}

function availabilityOf(written: string | undefined): Availability {
  const word = (written ?? "").toLowerCase();
  const refusal = `invalid Availability: ${JSON.stringify(written)}`;
  return wordOf(word, ["active", "pause", "drain"], "active", refusal);
}

/** Docker's client always names its default size: without a pool that says nothing, nor does 0. */
function overlaysOf(
  asked: {
    readonly DefaultAddrPool?: readonly string[] | undefined;
    readonly SubnetSize?: number | undefined;
    readonly DataPathPort?: number | undefined;
  },
  { defaultAddressPool, subnetSize, dataPathPort }: OverlaySettings,
): OverlaySettings {
  const pool = asked.DefaultAddrPool ?? [];
  const isDefault = pool.length === 0 && asked.SubnetSize === defaultOverlaySettings.subnetSize;
  const settings = {
    defaultAddressPool: pool.length === 0 ? defaultAddressPool : pool,
    subnetSize: isDefault ? subnetSize : asked.SubnetSize || subnetSize,
    dataPathPort: asked.DataPathPort || dataPathPort,
  };
  const problem = overlaySettingsProblem(settings);
  if (problem !== null) throw new ApiError(400, problem);
  return settings;
}
