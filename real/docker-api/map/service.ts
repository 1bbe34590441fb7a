import { isJob, type Service } from "../../../core/model/service.ts";
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
  const isPublished = spec.endpoint.ports.length > 0;
  return {
    ID: id,
    ...dockerMeta(service),
    Spec: dockerService(spec, isComplete),
    ...(previousSpec === null ? {} : { PreviousSpec: dockerService(previousSpec) }),
    Endpoint: {
      Spec: isPublished ? dockerEndpoint(spec.endpoint) : {},
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

/** How far the service is (SwarmKit `ListServiceStatuses`). `tasks` are all of its own. */
export function statusOfService({ spec, job }: Service, tasks: Iterable<Task>): object {
  const current = [...tasks].filter((task) => job === null || task.jobIteration === job.iteration);
  const inState = (state: TaskState) => current.filter(({ status }) => status.state === state);
  const wanted = current.filter(
    ({ desiredState, status }) =>
      isWanted(desiredState) && (job === null || !isTerminal(status.state)),
  );
  const { mode } = spec;
  return {
    RunningTasks: inState(TaskState.RUNNING).length,
    DesiredTasks: mode.kind === "replicated" ? mode.replicas : wanted.length,
    CompletedTasks: isJob(spec) ? inState(TaskState.COMPLETE).length : 0,
  };
}

function dockerUpdateStatus({ state, startedAt, completedAt, message }: UpdateStatus): object {
  return {
    State: state,
    StartedAt: momentText(startedAt),
    ...(completedAt === null ? {} : { CompletedAt: momentText(completedAt) }),
    Message: message,
  };
}
