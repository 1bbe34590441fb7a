import type { Standing } from "../model/standing.ts";
import type { Task } from "../model/task.ts";
import type { RaftWrite } from "../raft/contract.ts";
import type { Entry, HardState, Snapshot } from "../raft/message.ts";

/** One write, made of what the node's parts had to say in one step. */
export interface StorageWrite {
  /** Counted up from 1 since the node started. */
  readonly number: number;
  /** True when the node takes part in Raft no more, or under a new name: what it kept goes. */
  readonly wipesRaft: boolean;
  /** In the order in which Raft gave them, after a wipe. */
  readonly raft: readonly RaftWrite[];
  /** What the agent must know of its tasks after a crash; a null task is forgotten. */
  readonly tasks: ReadonlyMap<string, Task | null>;
  /** The node's new place in the cluster; null: unchanged. */
  readonly standing: Standing | null;
}

/** What a node finds on its disk when it starts. */
export interface Durable {
  /** Null on a disk that never held a manager's log. */
  readonly hardState: HardState | null;
  readonly snapshot: Snapshot | null;
  /** Contiguous, from just after the snapshot. */
  readonly entries: readonly Entry[];
  readonly tasks: ReadonlyMap<string, Task>;
  /** Null until a leader has told the node its place. */
  readonly standing: Standing | null;
}

/** What is found on an empty disk. */
export const nothingDurable: Durable = {
  hardState: null,
  snapshot: null,
  entries: [],
  tasks: new Map(),
  standing: null,
};
