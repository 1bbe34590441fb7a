import type { Probe } from "../base/probe.ts";
import type { DispatcherMessage } from "../dispatch/message.ts";

/** Sees to it that a node is given tasks of its own only. */
export function checkAssignments(probe: Probe, node: string, message: DispatcherMessage): void {
  if (message.kind !== "assignments") return;
  for (const { nodeId } of message.tasks) probe.always(nodeId === node, "tasks-are-of-this-node");
}
