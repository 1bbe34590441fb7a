import { type Duration, minutes, ms, seconds } from "../base/time.ts";
import type { ContainerSpec, FilePlace } from "./container-spec.ts";
import { noEndpoint } from "./endpoint.ts";
import { noResources } from "./resources.ts";
import type { ServiceSpec } from "./service.ts";
import type { Placement, RestartPolicy } from "./task-spec.ts";
import type { UpdateConfig } from "./update-config.ts";

/** SwarmKit's defaults (`api/defaults/service.go`); no back-off. */
export const defaultRestart: RestartPolicy = {
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

/** Docker's. */
export const defaultStopGracePeriod: Duration = seconds(10);

/** A container of an image and nothing else. */
function containerSpec(image: string): ContainerSpec {
  return {
    image,
    registryAuth: "",
    labels: new Map(),
    command: [],
    args: [],
    env: [],
    dir: "",
    user: "",
    groups: [],
    hostname: "",
    hosts: [],
    dns: { nameservers: [], search: [], options: [] },
    tty: false,
    openStdin: false,
    readOnly: false,
    init: null,
    capabilityAdd: [],
    capabilityDrop: [],
    sysctls: new Map(),
    ulimits: [],
    mounts: [],
    secrets: [],
    configs: [],
    health: null,
    stopSignal: "",
    stopGracePeriod: defaultStopGracePeriod,
  };
}

/** A file as Docker places it where nothing else is said. */
export function filePlace(target: string): FilePlace {
  return { target, uid: "0", gid: "0", mode: 0o444 };
}

/** The spec of a replicated service with every default in place, for one image. */
export function serviceSpec(name: string, image: string, replicas: number): ServiceSpec {
  return {
    name,
    labels: new Map(),
    mode: { kind: "replicated", replicas },
    task: {
      container: containerSpec(image),
      reservations: noResources,
      limits: { pids: 0, ...noResources },
      genericReservations: new Map(),
      restart: defaultRestart,
      placement: anywhere,
      priority: 0,
      networks: [],
      logDriver: null,
      forceUpdate: 0,
    },
    update: defaultUpdate,
    rollback: defaultUpdate,
    endpoint: noEndpoint,
    dependsOn: [],
  };
}
