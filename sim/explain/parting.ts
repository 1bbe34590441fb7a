import type { ClusterFrame, NodeFrame } from "../../core/observe/frame.ts";
import type { Recording } from "../record/recording.ts";

/** One of two runs that are compared, where they part. */
export interface Side {
  /** The first event that is another in the other run; null: the run is over by then. */
  readonly line: string | null;
  readonly nodes: readonly PartedNode[];
  /** Everything that is stored, as sixteen digits. */
  readonly store: string;
  /** How many tasks are in each state. */
  readonly tasks: Readonly<Record<string, number>>;
}

export interface PartedNode {
  readonly node: string;
  /** Such as `leader`, or `down` for a machine that is off. */
  readonly role: string;
  readonly term: number | null;
  readonly commit: number | null;
}

/** The first event, from 1, at which two runs part; null when they are one and the same. */
export function partingOf(one: Recording, other: Recording): number | null {
  const most = Math.max(one.events, other.events);
  for (let event = 1; event <= most; event += 1) {
    if (one.line(event) !== other.line(event)) return event;
  }
  return null;
}

/** One run when the event has been handled, or at its end. */
export function sideOf(run: Recording, event: number): Side {
  const last = Math.min(event, run.events);
  const frame = run.after(last);
  return {
    line: run.line(event),
    nodes: frame.nodes.map(nodeState),
    store: run.storeDigestAfter(last),
    tasks: countsOf(frame),
  };
}

function nodeState({ id: node, machine, raft }: NodeFrame): PartedNode {
  if (machine !== "up") return { node, role: machine, term: null, commit: null };
  if (raft === null) return { node, role: "worker", term: null, commit: null };
  const { role, term, commit } = raft.status;
  return { node, role, term, commit };
}

function countsOf({ tasks }: ClusterFrame): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state } of tasks) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
