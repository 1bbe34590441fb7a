import type { ClockFrame, LoadFrame, NodeFrame, RaftFrame } from "../../core/observe/frame.ts";
import type { FollowerProgress } from "../../core/raft/progress.ts";
import type { Host } from "../world/host.ts";

/** One machine's own state, as far as a frame shows it. */
export type HostFrame = Pick<NodeFrame, "machine" | "refusal" | "raft" | "clock">;

/** Of a machine that has never been on. */
export const neverOn: HostFrame = { machine: "down", refusal: null, raft: null, clock: null };

/** Of a machine that nothing is stored of. */
export const noLoad: LoadFrame = {
  ...{ tasks: 0, nanoCpus: 0, memoryBytes: 0, nanoCpusTotal: 0, memoryBytesTotal: 0 },
};

/** What the machine is like now: `last` itself when that has not changed. */
export function hostFrame(host: Host, last: HostFrame | undefined): HostFrame {
  const { state: machine, refusal } = host;
  const raft = raftFrame(host, last?.raft ?? null);
  const clock = clockFrame(host, last?.clock ?? null);
  const isSame = last?.machine === machine && last.raft === raft && last.clock === clock;
  return isSame ? last : { machine, refusal, raft, clock };
}

function clockFrame({ clock: { faults } }: Host, last: ClockFrame | null): ClockFrame {
  const isSame = last?.ahead === faults.ahead && last.driftPpm === faults.driftPpm;
  return isSame ? last : faults;
}

function raftFrame({ node }: Host, last: RaftFrame | null): RaftFrame | null {
  const member = node?.member ?? null;
  if (member === null) return null;
  const { raft, isManaging } = member;
  const progress = raft.progress();
  const status = raft.status();
  const isSame =
    last !== null &&
    last.isManaging === isManaging &&
    hasSameFields(last.status, status) &&
    last.progress.length === progress.length &&
    progress.every((each, at) => hasSameFields(last.progress[at] as FollowerProgress, each));
  return isSame ? last : { status, isManaging, progress };
}

/** Field by field; lists and records in them by identity, for Raft never changes one. */
function hasSameFields<T extends object>(one: T, other: T): boolean {
  for (const field in other) if (one[field] !== other[field]) return false;
  return true;
}
