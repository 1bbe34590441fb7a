import { unreachable } from "../base/assert.ts";
import type { StoreObject } from "../model/change.ts";
import { changedCluster, changedNode, changedService, taskAt } from "../model/changed.ts";
import type { Meta } from "../model/meta.ts";

/** The same object with what the store keeps about it. */
export function withMeta(
  object: StoreObject,
  previous: StoreObject | null,
  meta: Meta,
): StoreObject {
  switch (object.kind) {
    case "task":
      return taskAt(object, meta);
    case "node": {
      const isNews =
        previous?.kind !== "node" || previous.spec.availability !== object.spec.availability;
      return changedNode(object, isNews ? { meta, availableSince: meta.updatedAt } : { meta });
    }
    case "service":
      return changedService(object, { meta });
    case "cluster":
      return changedCluster(object, { meta });
    case "secret":
    case "config":
    case "network":
    case "volume":
      return { ...object, meta };
    default:
      return unreachable(object);
  }
}
