import { seconds } from "../../core/base/time.ts";
import { type ClusterSpec, defaultClusterSpec } from "../../core/model/cluster.ts";

/** Nodes of a new cluster report so often, and are down after so many reports missed. */
export const newCluster: ClusterSpec = {
  ...defaultClusterSpec,
  heartbeatPeriod: seconds(1),
  heartbeatGrace: 4,
};
