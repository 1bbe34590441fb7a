import type { Timestamp } from "../base/time.ts";

/** What the store keeps about each object. Written only by the store, as it applies an entry. */
export interface Meta {
  /**
   * Index of the Raft entry that last changed the object; 0 before the first. An update names the
   * version it read, and is refused with "update out of sequence" when another came first.
   */
  readonly version: number;
  readonly createdAt: Timestamp;
  readonly updatedAt: Timestamp;
}

/** The meta of an object that was never stored. */
export const unstored: Meta = {
  version: 0,
  createdAt: 0 as Timestamp,
  updatedAt: 0 as Timestamp,
};
