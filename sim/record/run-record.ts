import type { TaskState } from "../../core/model/task-state.ts";
import type { StoryLine } from "../result.ts";

/**
 * What was seen of one run, for pictures of it. Times are simulated microseconds; nodes are numbers
 * into `nodes`.
 */
export interface RunRecord {
  readonly nodes: readonly RecordedNode[];
  readonly roles: readonly RoleSpan[];
  readonly outages: readonly Outage[];
  readonly partitions: readonly Partition[];
  readonly messages: RecordedMessages;
  readonly samples: Samples;
  readonly tasks: readonly RecordedTask[];
  readonly services: readonly RecordedService[];
  readonly story: readonly StoryLine[];
  /** The moment of the last event. */
  readonly end: number;
}

export interface RecordedNode {
  readonly name: string;
}

/** From one moment to another; `to` is the record's end for what had not ended. */
export interface TimeSpan {
  readonly from: number;
  to: number;
}

export type RecordedRole = "leader" | "candidate" | "pre-candidate" | "follower";

/** A manager's part in Raft, as long as role, term and leader stay the same. */
export interface RoleSpan extends TimeSpan {
  readonly node: number;
  readonly role: RecordedRole;
  readonly term: number;
  /** The name of the node that it follows; null when it knows of none. */
  readonly leader: string | null;
}

export interface Outage extends TimeSpan {
  readonly node: number;
  /** `refused`: it does not start, as its disk is damaged. */
  readonly state: "down" | "paused" | "refused";
}

/** Links that were cut at one moment and mended at one moment. */
export interface Partition extends TimeSpan {
  /** Which nodes still reached one another, the largest group first, if these were all cuts. */
  readonly groups: readonly (readonly number[])[];
  /** Where that is one group: the cut links, each by its two ends, from whom it leads to whom. */
  readonly links: readonly (readonly [from: number, to: number])[];
  /** On every cut link the way back was open. */
  readonly oneWay: boolean;
}

/** One row a message and delivery: a message that came twice has two. */
export interface RecordedMessages {
  readonly sentAt: number[];
  /** -1: it never arrived. */
  readonly arrivedAt: number[];
  readonly from: number[];
  readonly to: number[];
  /** Into `labels`. */
  readonly label: number[];
  readonly labels: MessageLabel[];
}

/** What kind of message it was, and the little of its content that a picture has room for. */
export interface MessageLabel {
  /** `raft`, `agent`, `dispatcher`, `snapshot` and so on. */
  readonly channel: string;
  readonly text: string;
}

/** What a manager's log held, one row for each change. */
export interface Samples {
  readonly at: number[];
  readonly node: number[];
  readonly commit: number[];
  readonly applied: number[];
  readonly last: number[];
}

export interface RecordedTask {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  /** The node that it was given to; null as long as there is none. */
  node: number | null;
  /** What the cluster believed: since when, the state, and what went wrong. */
  readonly states: { readonly at: number; readonly state: TaskState; readonly err: string }[];
  /** When its container really ran. */
  readonly runs: TimeSpan[];
  /** When the store forgot it; null: it still knows it. */
  removedAt: number | null;
}

/** How many tasks of a service were wanted and ran, one point for each change. */
export interface RecordedService {
  readonly name: string;
  readonly points: {
    readonly at: number;
    readonly wanted: number;
    readonly running: number;
  }[];
}
