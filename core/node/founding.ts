import { found, gathered } from "../base/gather.ts";
import type { ClusterCa } from "../model/certificate.ts";
import type { StoreEntry, StoreObject } from "../model/change.ts";
import type { Durable } from "./durable.ts";
import { storeEntry, storeSnapshot } from "./payload.ts";

/**
 * The founders that have not yet shown a certificate, for all that this disk knows. A manager that
 * starts has an empty store until its log is committed anew; it must not believe meanwhile whoever
 * calls himself a founder and shows nothing.
 */
export function foundingIn(durable: Durable, founders: readonly string[]): readonly string[] {
  return authorityIn(durable)?.founding ?? founders;
}

/**
 * The token with which a founder that starts without a certificate gets one, and by whose root it
 * knows those of the others; null when it needs none. Nobody is proven before the root is
 * committed, so it is the cluster's.
 */
export function founderToken(
  durable: Durable,
  founders: readonly string[],
  id: string,
): string | null {
  const ca = authorityIn(durable);
  if (ca === null || ca.founding.length === founders.length) return null;
  return ca.founding.includes(id) ? ca.joinTokens.manager : null;
}

/** The newest word on the disk, committed or not; null: none. */
function authorityIn({ snapshot, entries }: Durable): ClusterCa | null {
  for (let at = entries.length - 1; at >= 0; at -= 1) {
    const entry = storeEntry(entries[at] as Durable["entries"][number]);
    const ca = entry === null ? null : authorityWritten(entry);
    if (ca !== null) return ca;
  }
  return snapshot === null ? null : authorityAmong(storeSnapshot(snapshot.payload).objects);
}

function authorityWritten({ transactions }: StoreEntry): ClusterCa | null {
  const changes = gathered(transactions, (transaction) => transaction.changes);
  return authorityAmong(found(changes, (each) => (each.kind === "remove" ? null : each.object)));
}

function authorityAmong(objects: readonly StoreObject[]): ClusterCa | null {
  let ca: ClusterCa | null = null;
  for (const object of objects) if (object.kind === "cluster" && object.ca !== null) ca = object.ca;
  return ca;
}
