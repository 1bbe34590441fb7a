import { type Duration, ms, seconds } from "../base/time.ts";
import type { Meta } from "./meta.ts";
import { noResources, type Resources } from "./resources.ts";

/** Tasks that the cluster keeps running. Field names follow SwarmKit's `Service`. */
export interface Service {
  readonly kind: "service";
  readonly id: string;
  readonly meta: Meta;
  readonly spec: ServiceSpec;
  /** Counts the changes of `spec.task`; a task carries the one it was made from. */
  readonly specVersion: number;
}

export interface ServiceSpec {
  /** Unique in the cluster; a DNS label of at most 63 characters. */
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly mode: ServiceMode;
  readonly task: TaskSpec;
  readonly update: UpdateConfig;
}

export type ServiceMode = { readonly kind: "replicated"; readonly replicas: number };

/** What one task of the service is: immutable once the task exists. */
export interface TaskSpec {
  readonly container: ContainerSpec;
  /** What the scheduler sets aside for the task. */
  readonly reservations: Resources;
  readonly restart: RestartPolicy;
  readonly constraints: readonly string[];
  /** Counted up to replace tasks whose spec is otherwise the same. */
  readonly forceUpdate: number;
}

export interface ContainerSpec {
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
  /** From asking a container to stop until it is killed. */
  readonly stopGracePeriod: Duration;
}

/** When a task that stopped is replaced. Field names follow SwarmKit's `RestartPolicy`. */
export interface RestartPolicy {
  readonly condition: "none" | "on-failure" | "any";
  /** How long a replacement waits between being created and being started. */
  readonly delay: Duration;
  /** Most restarts of one slot within `window`; 0 means no limit. */
  readonly maxAttempts: number;
  /** Restarts older than this are forgotten; 0 means none ever is. */
  readonly window: Duration;
}

/** How a changed spec reaches the running tasks. Field names follow SwarmKit's `UpdateConfig`. */
export interface UpdateConfig {
  /** Most slots replaced at once; 0 means all. */
  readonly parallelism: number;
  /** Pause after each slot. */
  readonly delay: Duration;
  readonly order: "stop-first" | "start-first";
}

/** SwarmKit's defaults (`api/defaults/service.go`). */
const defaultRestart: RestartPolicy = {
  condition: "any",
  delay: seconds(5),
  maxAttempts: 0,
  window: ms(0),
};

const defaultUpdate: UpdateConfig = { parallelism: 1, delay: ms(0), order: "stop-first" };

const defaultStopGracePeriod: Duration = seconds(10);

/** A spec with every default in place, for one image. */
export function serviceSpec(name: string, image: string, replicas: number): ServiceSpec {
  return {
    name,
    labels: new Map(),
    mode: { kind: "replicated", replicas },
    task: {
      container: { image, args: [], env: [], stopGracePeriod: defaultStopGracePeriod },
      reservations: noResources,
      restart: defaultRestart,
      constraints: [],
      forceUpdate: 0,
    },
    update: defaultUpdate,
  };
}
