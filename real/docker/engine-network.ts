import type Docker from "dockerode";
import type { AttachedNetwork } from "../../core/model/network.ts";
import { dockerIpam } from "../docker-api/map/network.ts";
import { bridgeOf } from "../overlay/tunnel.ts";
import { type ContainerOwner, ownLabelsOf } from "./convert.ts";

/** What goes from node to node is to be encrypted: a bridge's packets stay on theirs. */
const encrypted = "encrypted";
/** Options of Docker's own overlays, which say nothing to a bridge. */
const ofOverlays = "com.docker.network.driver.overlay.";
/** Names of Docker's. */
const mtuOption = "com.docker.network.driver.mtu";
const bridgeOption = "com.docker.network.bridge.name";

/** The network's id, on the engine's. */
export const networkLabel = "simswarm.network.id";

/**
 * What a network is called on the engine. Of a bridge each node has its own, also where several
 * share an engine; of an overlay they share one, as its addresses are the same everywhere.
 */
export function engineNameOf(
  { id, spec, overlay }: AttachedNetwork,
  { nodeId }: ContainerOwner,
): string {
  const name = `${spec.name}.${id}`;
  return overlay === null ? `${name}.${nodeId}` : name;
}

/** What Docker is asked to create; `mtu` is that of overlays, in bytes. */
export function networkOptions(
  network: AttachedNetwork,
  owner: ContainerOwner,
  mtu: number,
): Docker.NetworkCreateOptions {
  const { id, spec, overlay } = network;
  const { labels, internal, enableIpv6 } = spec;
  const owned = ownLabelsOf(owner).map((each) => each.split("=") as [string, string]);
  const isForBridge = (name: string) => name !== encrypted && !name.startsWith(ofOverlays);
  const options = [...spec.options].filter(([name]) => isForBridge(name));
  const ofOverlay = [[mtuOption, String(mtu)], ...options, [bridgeOption, bridgeOf(id)]];
  return {
    Name: engineNameOf(network, owner),
    CheckDuplicate: true,
    Driver: "bridge",
    Internal: internal,
    EnableIPv6: enableIpv6,
    IPAM: overlay === null ? dockerIpam(spec) : overlayIpam(overlay),
    Options: Object.fromEntries(overlay === null ? options : ofOverlay),
    Labels: Object.fromEntries([...labels, ...owned, [networkLabel, id]]),
  };
}

/** The engine itself gives nobody an address: others may be in use on other nodes. */
function overlayIpam({ subnet, gateway }: { subnet: string; gateway: string }) {
  const config = { Subnet: subnet, Gateway: gateway, IPRange: `${gateway}/32` };
  return { Driver: "default", Config: [config] };
}
