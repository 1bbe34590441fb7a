import type { Fault } from "./fault-words.ts";

/**
 * What an authority outside the cluster is like: sound; slow, but in time; silent; refusing; or one
 * that certifies another key, role, node, cluster or serial number than it was asked for, under
 * another root, for a time that is over, or for a year longer than the cluster would.
 */
export const moods = [
  ...(["sound", "slow", "hangs", "refuses", "other-key", "other-role", "other-node"] as const),
  ...(["other-cluster", "other-serial", "other-root", "expired", "lasting"] as const),
] as const;

export type Mood = (typeof moods)[number];

/** From now on the authority of this name is like that; `all`: every one. */
export function authority(name: string, mood: Mood): Fault {
  return { do: "authority", name, mood };
}
