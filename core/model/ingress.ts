import { found } from "../base/gather.ts";
import type { PortConfig, PublishedPort } from "./endpoint.ts";
import type { Node } from "./node.ts";
import type { Task } from "./task.ts";
import { TaskState } from "./task-state.ts";

/** A task that answers for ports which its service publishes on every node. */
export interface ServingTask {
  readonly task: string;
  /** Of the node that runs it, where other nodes reach it: an IP address. */
  readonly address: string;
  /** Never empty. */
  readonly ports: readonly ServedPort[];
}

export interface ServedPort extends PublishedPort {
  /** On the node that runs the task. */
  readonly hostPort: number;
}

/** What a published port leads to, on every node of the cluster. */
export interface Route extends PublishedPort {
  /** Sorted by task. Empty: nothing answers, and the port is free for others. */
  readonly backends: readonly Backend[];
}

/** Where one task takes connections. */
export interface Backend {
  readonly task: string;
  readonly address: string;
  readonly port: number;
}

/** Whether the port is one that every node answers on; SCTP is not carried (see `portProblem`). */
export function isIngress({ publishMode, protocol }: PortConfig): boolean {
  return publishMode === "ingress" && protocol !== "sctp";
}

/**
 * What the task does for the ports that its service publishes on every node; null: nothing. It
 * serves while it runs and is to run, on a node that is not down and has said where it is reached.
 */
export function servingTask(task: Task, node: Node | undefined): ServingTask | null {
  const { id, desiredState, status, ports } = task;
  if (status.hostPorts === undefined || node === undefined) return null;
  if (status.state !== TaskState.RUNNING || desiredState !== TaskState.RUNNING) return null;
  const { address } = node.description;
  if (node.status.state === "down" || address === "") return null;
  const served = found(ports.filter(isIngress), (port) => servedPort(port, task));
  return served.length === 0 ? null : { task: id, address, ports: served };
}

function servedPort(port: PortConfig, { status }: Task): ServedPort | null {
  const { protocol, targetPort, publishedPort } = port;
  const at = status.hostPorts?.find(
    (each) => each.protocol === protocol && each.targetPort === targetPort,
  );
  return at === undefined ? null : { protocol, publishedPort, hostPort: at.hostPort };
}
