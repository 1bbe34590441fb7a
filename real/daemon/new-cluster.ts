import { seconds } from "../../core/base/time.ts";
import { type ClusterSpec, defaultClusterSpec } from "../../core/model/cluster.ts";
import { defaultOverlaySettings, type OverlaySettings } from "../../core/model/overlay.ts";
import type { DaemonOptions } from "./options.ts";

/** Nodes of a new cluster report this often, and are down after this many reports missed. */
export const newCluster: ClusterSpec = {
  ...defaultClusterSpec,
  heartbeatPeriod: seconds(1),
  heartbeatGrace: 4,
};

/** How a new cluster makes overlays. */
export function newOverlays(
  options: Pick<DaemonOptions, "defaultAddrPool" | "defaultAddrPoolMaskLength" | "dataPathPort">,
): OverlaySettings {
  const { defaultAddrPool, defaultAddrPoolMaskLength: subnetSize, dataPathPort } = options;
  const { defaultAddressPool } = defaultOverlaySettings;
  return {
    defaultAddressPool: defaultAddrPool.length > 0 ? defaultAddrPool : defaultAddressPool,
    subnetSize,
    dataPathPort,
  };
}
