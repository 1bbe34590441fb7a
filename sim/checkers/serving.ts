import type { HostPort, PortConfig } from "../../core/model/endpoint.ts";
import type { AttachedNetwork } from "../../core/model/network.ts";
import type { Node } from "../../core/model/node.ts";
import type { Task } from "../../core/model/task.ts";
import { isWanted, TaskState } from "../../core/model/task-state.ts";

/* Who is to be sent connections, judged without the code of core that decides it. */

/** The networks between the nodes in which the task has an address. */
export function overlaysOf({ networks }: Task): readonly AttachedNetwork[] {
  if (networks.length === 0) return networks;
  return networks.filter(({ overlay, address }) => overlay !== null && address !== "");
}

/** It runs, and is to, on a node that is not known to be down. */
export function servesPeers(task: Task, node: Node | undefined): boolean {
  if (task.status.state !== TaskState.RUNNING || !isWanted(task.desiredState)) return false;
  return node?.status.state !== "down";
}

/** A port that is published on every node, and where the task's node answers for it. */
export interface IngressBackend {
  readonly port: PortConfig;
  readonly at: HostPort;
}

/** Every node leads to a task whose node has an address and whose status says on which port. */
export function ingressBackends(task: Task, node: Node | undefined): readonly IngressBackend[] {
  const { hostPorts = [] } = task.status;
  if (hostPorts.length === 0 || node === undefined || node.description.address === "") return none;
  if (!servesPeers(task, node) || task.desiredState !== TaskState.RUNNING) return none;
  return task.ports.flatMap((port) => {
    if (port.publishMode !== "ingress" || port.protocol === "sctp") return [];
    const { protocol, targetPort } = port;
    const at = hostPorts.find(
      (each) => each.protocol === protocol && each.targetPort === targetPort,
    );
    return at === undefined ? [] : [{ port, at }];
  });
}

const none: readonly IngressBackend[] = [];
