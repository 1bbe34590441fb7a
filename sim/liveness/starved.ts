import type { Network } from "../../core/model/network.ts";
import type { Node } from "../../core/model/node.ts";
import type { Service } from "../../core/model/service.ts";
import type { Task } from "../../core/model/task.ts";
import type { TaskSpec } from "../../core/model/task-spec.ts";
import { isTerminal, isWanted, TaskState } from "../../core/model/task-state.ts";
import type { StoreView } from "../../core/store/view.ts";
import { usableAddresses } from "../checkers/addresses.ts";
import { hostPortsOf } from "../checkers/claims.ts";
import { takesRoom } from "../checkers/placement.ts";
import { isUnwelcome } from "./neighbourhood.ts";
import { tasksPerNode } from "./wanted.ts";

/** Tasks that rightly wait, since others have what there is only so much of. */

/** True for a task that waits for an address of a network that has none left. */
export function waitsForAddress(view: StoreView, { desiredState, spec, status }: Task): boolean {
  if (!isWanted(desiredState) || status.state !== TaskState.NEW) return false;
  if (!status.err.startsWith("no available IPv4 addresses")) return false;
  return spec.networks.some(({ target }) => {
    const network = view.networks.get(target);
    return network !== undefined && isUsedUp(view, network);
  });
}

function isUsedUp({ tasks }: StoreView, network: Network): boolean {
  let held = 0;
  for (const { status, networks } of tasks.values()) {
    if (!isTerminal(status.state) && networks.some(({ id }) => id === network.id)) held += 1;
  }
  return held >= usableAddresses(network);
}

/**
 * True for a task that waits since each of its places is barred to it, or, where some are, has as
 * many tasks of its service as any may have.
 */
export function isShutOut(
  view: StoreView,
  service: Service,
  task: Task,
  placesOf: (task: TaskSpec) => readonly Node[],
): boolean {
  if (task.nodeId !== null || !isWanted(task.desiredState)) return false;
  const places = placesOf(task.spec);
  const open = places.filter((node) => !isBarred(view, task, node));
  return open.length < places.length && open.every((node) => isFull(view, service, node));
}

/** True when others keep the task from the node: by who they are, or by a port that they have. */
export function isBarred(view: StoreView, task: Task, node: Node): boolean {
  return isUnwelcome(view, task, node) || isPortTaken(view, task, node);
}

/** By another service: how many of its own a node may have is counted elsewhere. */
function isPortTaken(view: StoreView, task: Task, { id }: Node): boolean {
  const wanted = hostPortsOf(task);
  if (wanted.length === 0) return false;
  const others = [...view.tasksOnNode(id).values()].filter(
    (other) => other.serviceId !== task.serviceId && takesRoom(other),
  );
  return others.some((other) => hostPortsOf(other).some((port) => wanted.includes(port)));
}

/** True when the node has as many tasks of the service as any may have. */
function isFull(view: StoreView, { id, spec }: Service, node: Node): boolean {
  const most = tasksPerNode(spec);
  if (most === Infinity) return false;
  const own = [...view.tasksOnNode(node.id).values()].filter(({ serviceId }) => serviceId === id);
  return own.filter(takesRoom).length >= most;
}
