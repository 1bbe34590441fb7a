import type { PortConfig } from "../../../core/model/endpoint.ts";
import type { Task } from "../../../core/model/task.ts";
import { stateName, TaskState } from "../../../core/model/task-state.ts";
import { dockerPorts } from "./endpoint.ts";
import { dockerMeta } from "./meta.ts";
import { dockerAttachment } from "./network.ts";
import { lean, momentText } from "./schema.ts";
import { dockerTask } from "./task-spec.ts";

/** A task as Docker shows it. */
export function shownTask(task: Task): object {
  const { id, serviceId, nodeId, spec, desiredState, networks, jobIteration } = task;
  return {
    ID: id,
    ...dockerMeta(task),
    Labels: {},
    Spec: { ...dockerTask(spec, false), Runtime: undefined },
    ServiceID: serviceId,
    ...lean({ Slot: shownSlot(task), NodeID: nodeId ?? "" }),
    Status: statusOf(task),
    DesiredState: stateText(desiredState),
    ...lean({
      NetworksAttachments: networks.map(dockerAttachment),
      GenericResources: assigned(task),
    }),
    ...(jobIteration === null ? {} : { JobIteration: { Index: jobIteration } }),
  };
}

/** Docker counts a job's slots from 0, and its CLI waits for those. */
function shownSlot({ slot, jobIteration }: Task): number {
  return jobIteration === null || slot === 0 ? slot : slot - 1;
}

export function stateText(state: TaskState): string {
  return stateName(state).toLowerCase();
}

function statusOf(task: Task): object {
  const { state, appliedAt, message, err } = task.status;
  return {
    Timestamp: momentText(appliedAt),
    State: stateText(state),
    Message: message,
    ...lean({ Err: err }),
    ...(state > TaskState.PREPARING ? { ContainerStatus: containerStatus(task) } : {}),
    PortStatus: lean({ Ports: dockerPorts(publishedOnHost(task).map(unnamed)) }),
  };
}

function unnamed(port: PortConfig): PortConfig {
  return { ...port, name: "" };
}

/**
 * The ports in mode `host` that are open while the task runs; where no number was asked for, with
 * that which the node chose.
 */
export function publishedOnHost({ ports, status }: Task): PortConfig[] {
  if (status.state !== TaskState.RUNNING) return [];
  return ports
    .filter(({ publishMode }) => publishMode === "host")
    .map((port) => {
      if (port.publishedPort > 0) return port;
      const given = status.hostPorts?.find(
        ({ protocol, targetPort }) => protocol === port.protocol && targetPort === port.targetPort,
      );
      return { ...port, publishedPort: given?.hostPort ?? 0 };
    });
}

/** Its engine knows the container by its name as well as by an id, which stays with the node. */
function containerStatus({ name, id, status }: Task): object {
  return { ContainerID: `${name}.${id}`, PID: 0, ExitCode: status.exitCode ?? 0 };
}

function assigned({ spec, assignedResources, status }: Task): object[] {
  if (status.state < TaskState.ASSIGNED) return [];
  return [...spec.genericReservations].flatMap(([Kind, count]): object[] => {
    const ids = assignedResources.get(Kind) ?? [];
    if (ids.length === 0) return [{ DiscreteResourceSpec: { Kind, Value: count } }];
    return ids.map((Value) => ({ NamedResourceSpec: { Kind, Value } }));
  });
}
