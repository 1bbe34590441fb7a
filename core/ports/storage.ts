import type { StorageWrite } from "../node/durable.ts";

/**
 * A node's stable storage. Writes are carried out whole and in the order given. A crash may lose
 * the newest of those not yet acknowledged, never one that was.
 *
 * One thing takes its time after it was acknowledged, as it may be large: a snapshot that the node
 * made of its own log, and that the log before it is cut off. A crash before that finds the log as
 * it was, with all that was written since.
 */
export interface Storage {
  /** Begins a write. Once it would survive a crash, the shell receives `written`. */
  write(write: StorageWrite): void;
}
