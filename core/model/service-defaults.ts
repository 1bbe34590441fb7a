import { type Duration, minutes, ms, seconds } from "../base/time.ts";
import { noEndpoint } from "./endpoint.ts";
import { noResources } from "./resources.ts";
import type { ServiceSpec } from "./service.ts";
import type { Placement, RestartPolicy } from "./task-spec.ts";
import type { UpdateConfig } from "./update-config.ts";

/** SwarmKit's defaults (`api/defaults/service.go`); no back-off. */
const defaultRestart: RestartPolicy = {
  condition: "any",
  delay: seconds(5),
  maxDelay: ms(0),
  maxAttempts: 0,
  window: ms(0),
};

/** SwarmKit's defaults, and ten minutes without progress as in Kubernetes' deployments. */
export const defaultUpdate: UpdateConfig = {
  parallelism: 1,
  delay: ms(0),
  failureAction: "pause",
  monitor: seconds(5),
  maxFailureRatioPpm: 0,
  order: "stop-first",
  progressDeadline: minutes(10),
};

const anywhere: Placement = {
  constraints: [],
  preferences: [],
  maxReplicas: 0,
  platforms: [],
  affinity: [],
  antiAffinity: [],
  strategy: null,
};

const defaultStopGracePeriod: Duration = seconds(10);

/** The spec of a replicated service with every default in place, for one image. */
export function serviceSpec(name: string, image: string, replicas: number): ServiceSpec {
  return {
    name,
    labels: new Map(),
    mode: { kind: "replicated", replicas },
    task: {
      container: {
        image,
        args: [],
        env: [],
        mounts: [],
        secrets: [],
        configs: [],
        health: null,
        stopGracePeriod: defaultStopGracePeriod,
      },
      reservations: noResources,
      genericReservations: new Map(),
      restart: defaultRestart,
      placement: anywhere,
      priority: 0,
      forceUpdate: 0,
    },
    update: defaultUpdate,
    rollback: defaultUpdate,
    endpoint: noEndpoint,
    dependsOn: [],
  };
}
