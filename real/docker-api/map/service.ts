import { isPredefined } from "../../../core/model/network.ts";
import {
  isJob,
  type Service,
  type ServiceMode,
  type ServiceSpec,
} from "../../../core/model/service.ts";
import type { Task } from "../../../core/model/task.ts";
import { isTerminal, isWanted, TaskState } from "../../../core/model/task-state.ts";
import type { UpdateStatus } from "../../../core/model/update-config.ts";
import { dockerEndpoint, dockerPorts } from "./endpoint.ts";
import { dockerMeta } from "./meta.ts";
import { lean, momentText } from "./schema.ts";
import { dockerService } from "./service-spec.ts";

/** A service as Docker shows it. `isComplete`: see `dockerService`. */
export function shownService(service: Service, isComplete: boolean): object {
  const { id, spec, previousSpec, ports, updateStatus, job } = service;
  return {
    ID: id,
    ...dockerMeta(service),
    Spec: dockerService(spec, isComplete),
    ...(previousSpec === null ? {} : { PreviousSpec: dockerService(previousSpec) }),
    Endpoint: {
      Spec: endpointInUse(spec),
      ...lean({ Ports: dockerPorts(ports) }),
    },
    ...(updateStatus === null ? {} : { UpdateStatus: dockerUpdateStatus(updateStatus) }),
    ...(job === null
      ? {}
      : {
          JobStatus: {
            JobIteration: { Index: job.iteration },
            LastExecution: momentText(job.lastExecution),
          },
        }),
  };
}

/** A name leads to the tasks themselves, also where `vip` was asked for. */
function endpointInUse({ endpoint, task }: ServiceSpec): object {
  if (endpoint.ports.length > 0) return dockerEndpoint(endpoint);
  const isAttached = task.networks.some(({ target }) => !isPredefined(target));
  return isAttached ? { Mode: "dnsrr" } : {};
}

/** How far the service is (SwarmKit `ListServiceStatuses`). `tasks` are all of its own. */
export function statusOfService({ spec, job }: Service, tasks: Iterable<Task>): object {
  let [running, wanted, completed] = [0, 0, 0];
  for (const { desiredState, status, jobIteration } of tasks) {
    if (job !== null && jobIteration !== job.iteration) continue;
    if (status.state === TaskState.RUNNING) running += 1;
    if (status.state === TaskState.COMPLETE) completed += 1;
    if (isWanted(desiredState) && (job === null || !isTerminal(status.state))) wanted += 1;
  }
  return {
    RunningTasks: running,
    DesiredTasks: desiredTasks(spec.mode) ?? wanted,
    CompletedTasks: isJob(spec) ? completed : 0,
  };
}

/** As the mode says it; null: it does not. */
function desiredTasks(mode: ServiceMode): number | null {
  if (mode.kind === "replicated") return mode.replicas;
  return mode.kind === "replicated-job" ? mode.maxConcurrent : null;
}

function dockerUpdateStatus({ state, startedAt, completedAt, message }: UpdateStatus): object {
  return {
    State: state,
    StartedAt: momentText(startedAt),
    ...(completedAt === null ? {} : { CompletedAt: momentText(completedAt) }),
    Message: message,
  };
}
