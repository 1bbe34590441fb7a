import type { Secrets } from "../base/secrets.ts";
import type { Timestamp } from "../base/time.ts";
import { lockFor } from "../control/cluster.ts";
import { creationOf, type Transaction } from "../model/change.ts";
import type { Cluster, ClusterSpec } from "../model/cluster.ts";
import { unlocked } from "../model/manager-lock.ts";
import { unstored } from "../model/meta.ts";
import { defaultOverlaySettings, type OverlaySettings } from "../model/overlay.ts";
import { transaction } from "../plan/plan.ts";

/** What the first leader of a new cluster knows of it. */
export interface Founding {
  /** The settings with which it begins. */
  readonly cluster: ClusterSpec;
  /** Docker's unless the host says otherwise. */
  readonly overlays?: OverlaySettings | undefined;
  readonly incarnation: number;
  /** The feature level that this node speaks: a cluster that it founds begins with it. */
  readonly level: number;
  /** Raft's names of the voters with whom the log begins. */
  readonly founders: readonly string[];
  readonly secrets: Secrets;
}

/** The cluster's first change. */
export function newCluster({ cluster: spec, secrets, ...founding }: Founding): Transaction {
  const { incarnation, level, founders, overlays = defaultOverlaySettings } = founding;
  const object: Cluster = {
    kind: "cluster",
    id: "cluster",
    meta: unstored,
    spec,
    overlays,
    incarnation,
    level,
    founders,
    removedNodes: [],
    slowBeatsUntil: 0 as Timestamp,
    ca: null,
    lock: lockFor(spec, unlocked, secrets),
  };
  return transaction("control", [creationOf(object)]);
}
