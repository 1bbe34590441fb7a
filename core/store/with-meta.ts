import type { StoreObject } from "../model/change.ts";
import { changedNode, changedTask } from "../model/changed.ts";
import type { Meta } from "../model/meta.ts";

/** The same object with what the store keeps about it. */
export function withMeta(
  object: StoreObject,
  previous: StoreObject | null,
  meta: Meta,
): StoreObject {
  if (object.kind === "task") return changedTask(object, { meta });
  if (object.kind !== "node") return { ...object, meta };
  const isNews =
    previous?.kind !== "node" || previous.spec.availability !== object.spec.availability;
  return changedNode(object, isNews ? { meta, availableSince: meta.updatedAt } : { meta });
}
