import type { OverlayState } from "../model/overlay.ts";

/**
 * What carries packets between the tasks of an overlay on this node and those on others, and
 * answers for their names. It may know networks of before the node's start: what it is told of
 * replaces what it had of the same network, and the rest stays as it is.
 */
export interface OverlayPort {
  /**
   * All there is to know of one overlay from now on; it comes before the first request for a task
   * in it. Without peers (null) no task here is in it any more. Never blocks, never fails: what
   * can't be had is tried again.
   */
  carry(overlay: OverlayState): void;
}
