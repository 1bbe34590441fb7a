import type { StoreObject } from "../model/change.ts";
import type { Durable } from "./durable.ts";
import { storeEntry, storeSnapshot } from "./payload.ts";

/**
 * The founders that have not yet shown a certificate, for all that this disk knows. A manager that
 * starts has an empty store until its log is committed anew; it must not believe meanwhile whoever
 * calls himself a founder and shows nothing.
 */
export function foundingIn(
  { snapshot, entries }: Durable,
  founders: readonly string[],
): readonly string[] {
  let founding = founders;
  const kept = snapshot === null ? [] : storeSnapshot(snapshot.payload).objects;
  const logged = entries.flatMap((entry) => storeEntry(entry)?.transactions ?? []);
  const written = logged.flatMap(({ changes }) =>
    changes.flatMap((change): StoreObject[] => ("object" in change ? [change.object] : [])),
  );
  for (const object of [...kept, ...written]) {
    if (object.kind === "cluster" && object.ca !== null) founding = object.ca.founding;
  }
  return founding;
}
