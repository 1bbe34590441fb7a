import { type Duration, hours, seconds } from "../base/time.ts";
import type { Meta } from "./meta.ts";

/** The settings that all nodes share. There is exactly one, with id `cluster`. */
export interface Cluster {
  readonly kind: "cluster";
  readonly id: "cluster";
  readonly meta: Meta;
  readonly spec: ClusterSpec;
}

export interface ClusterSpec {
  /** Tasks kept for each slot, the one that runs among them; below 0: all of them. */
  readonly taskHistoryRetentionLimit: number;
  /** How often an agent reports to the dispatcher; three missed in a row make a node down. */
  readonly heartbeatPeriod: Duration;
  /** After this long down, a node's tasks are given up as orphaned. */
  readonly nodeDownPeriod: Duration;
}

/** SwarmKit's defaults. */
export const defaultClusterSpec: ClusterSpec = {
  taskHistoryRetentionLimit: 5,
  heartbeatPeriod: seconds(5),
  nodeDownPeriod: hours(24),
};
