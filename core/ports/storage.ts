import type { StorageWrite } from "../node/durable.ts";

/**
 * A node's stable storage. Writes are carried out whole and in the order given. A crash may lose
 * the newest of those not yet acknowledged, never one that was.
 */
export interface Storage {
  /** Begins a write. Once it would survive a crash, the shell receives `written`. */
  write(write: StorageWrite): void;
}
