import type { RaftWrite } from "../raft/contract.ts";
import type { Payload } from "../raft/message.ts";
import type { WalWrite } from "../wal/record.ts";
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

/** A snapshot that a node made of its own log, and where the log is cut off for it. */
export type OwnSnapshot = Pick<RaftWrite, "snapshot" | "compactTo">;

/** What of a write is safe with it, and what may follow: see `core/ports/storage.ts`. */
interface DividedWrite {
  readonly atOnce: StorageWrite;
  /** Null: nothing. */
  readonly later: OwnSnapshot | null;
}

/** A snapshot that the log goes on from is safe with its write: it is not the node's own. */
export function divided(write: StorageWrite): DividedWrite {
  const own = write.raft.filter(({ snapshot }) => snapshot !== null).pop();
  if (own === undefined || bringsSnapshot(write)) return { atOnce: write, later: null };
  const raft = write.raft.map((part) => ({ ...part, snapshot: null, compactTo: 0 }));
  const { snapshot, compactTo } = own;
  return { atOnce: { ...write, raft }, later: { snapshot, compactTo } };
}

/** True: the log goes on from the write's snapshot, so nothing later is safe before that is. */
export function bringsSnapshot({ wipesRaft, raft }: StorageWrite): boolean {
  return raft.some(
    ({ snapshot, compactTo }) => snapshot !== null && (wipesRaft || compactTo === 0),
  );
}
