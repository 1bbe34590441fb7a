import type { NodeEvent } from "../node/event.ts";

/** Where a node tells what happens inside it: to logs, metrics, checkers and views. */
export interface Trace {
  /** Called in the step in which it happened. Must not call back into the node. */
  trace(event: NodeEvent): void;
}
