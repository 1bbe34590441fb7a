import type { Payload } from "../raft/message.ts";
import type { WalWrite } from "../wal/record.ts";
import type { DiskImage } from "./disk-image.ts";
import type { StorageWrite } from "./durable.ts";

/** What a record of the log carries of a write besides what Raft wrote. */
export interface NodePayload extends Payload, Pick<StorageWrite, "tasks" | "standing"> {}

/** The write as the log has it: records are numbered by the log itself. */
export function walWrite({ wipesRaft, raft, tasks, standing }: StorageWrite): WalWrite {
  if (tasks.size === 0 && standing === null) return { wipesRaft, raft, attached: null };
  const attached: NodePayload = { size: tasks.size, tasks, standing };
  return { wipesRaft, raft, attached };
}

/** The write as it was given, except for its number. */
export function storageWrite(
  number: number,
  { wipesRaft, raft, attached }: WalWrite,
): StorageWrite {
  const { tasks = new Map(), standing = null } = (attached as NodePayload | null) ?? {};
  return { number, wipesRaft, raft, tasks, standing };
}

/** Writes that follow one another, as one that does the same. There is at least one. */
export function mergedWrite(writes: readonly StorageWrite[]): StorageWrite {
  const { number } = writes[writes.length - 1] as StorageWrite;
  const lastWipe = writes.map(({ wipesRaft }) => wipesRaft).lastIndexOf(true);
  return {
    number,
    wipesRaft: lastWipe >= 0,
    raft: writes.slice(Math.max(0, lastWipe)).flatMap(({ raft }) => raft),
    tasks: new Map(writes.flatMap(({ tasks }) => [...tasks])),
    standing: writes.reduce<StorageWrite["standing"]>((last, each) => each.standing ?? last, null),
  };
}

/** All that an image holds as one write, which needs none before it. */
export function checkpointOf(image: DiskImage): WalWrite {
  const { hardState, snapshot, entries, tasks, standing } = image.load();
  const attached: NodePayload = { size: tasks.size, tasks, standing };
  const raft = { id: 0, hardState, snapshot, entries, compactTo: 0 };
  const holdsNothing = hardState === null && snapshot === null && entries.length === 0;
  return { wipesRaft: true, raft: holdsNothing ? [] : [raft], attached };
}
