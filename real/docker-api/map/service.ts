import { isPredefined } from "../../../core/model/network.ts";
import type { Service, ServiceSpec } from "../../../core/model/service.ts";
import type { UpdateStatus } from "../../../core/model/update-config.ts";
import type { ServiceStatus } from "../../../core/observe/service-status.ts";
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

/** Docker's `ServiceStatus`. */
export function dockerStatus({ running, desired, completed }: ServiceStatus): object {
  return { RunningTasks: running, DesiredTasks: desired, CompletedTasks: completed };
}

function dockerUpdateStatus({ state, startedAt, completedAt, message }: UpdateStatus): object {
  return {
    State: state,
    StartedAt: momentText(startedAt),
    ...(completedAt === null ? {} : { CompletedAt: momentText(completedAt) }),
    Message: message,
  };
}
