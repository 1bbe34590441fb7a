import type { RaftSettings } from "./settings.ts";

/**
 * Raft worlds in which something is fixed that is drawn else: where a bug shows too seldom without
 * it, or does other harm as well.
 */
const fixed = {
  raft: (settings: RaftSettings) => settings,
  /** Nobody is ahead of the others by chance. */
  "raft, in step": (settings: RaftSettings) => ({ ...settings, ticksInStep: true, driftPpm: 0 }),
  /** No lease that a bug in elections could break. */
  "raft, safe reads": (settings: RaftSettings) => {
    const raft: RaftSettings["raft"] = { ...settings.raft, reads: "safe" };
    return { ...settings, raft };
  },
};

export type RaftWorldKind = keyof typeof fixed;

/** What was drawn, except for what is fixed in such a world. */
export function ofKind(kind: RaftWorldKind, settings: RaftSettings): RaftSettings {
  return fixed[kind](settings);
}
