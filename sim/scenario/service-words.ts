import type { Memory, Range, Span } from "./units.ts";

/** What a service is made of; names follow `docker service create`. */
export interface ServicePlan {
  readonly image: string;
  /** Default `replicated`. A service keeps its mode. */
  readonly mode?: "replicated" | "global" | "replicated-job" | "global-job";
  /** Of a replicated service; for a replicated job: how many completions. Default 1. */
  readonly replicas?: number;
  /** Of a replicated job: most tasks at a time. Default: all. */
  readonly maxConcurrent?: number;
  /** Each task's program ends by itself after a time from between these. Default: never. */
  readonly runsFor?: Range<Span>;
  /** Percent of those that end with an error and not with 0. Default 0. */
  readonly fails?: number;
  /** Processors set aside for each task. Default none. */
  readonly cpus?: number;
  /** Memory set aside for each task. Default none. */
  readonly memory?: Memory;
  /** Generic resources set aside for each task, by kind: `{ gpu: 1 }`. Default none. */
  readonly generic?: Readonly<Record<string, number>>;
  /** Such as `node.role==worker` or `engine.labels.zone!=b`. All must hold. */
  readonly constraints?: readonly string[];
  /** What its image is made for, such as `linux/arm64`; an empty part is any. Default: any. */
  readonly platforms?: readonly string[];
  /** Labels to spread over evenly, the outermost first: `engine.labels.zone`. */
  readonly spreadOver?: readonly string[];
  /** Most tasks on one node. Default no limit. */
  readonly maxReplicasPerNode?: number;
  /** Names of services next to whose tasks its own must run, or must not. */
  readonly affinity?: readonly string[];
  readonly antiAffinity?: readonly string[];
  /** Default: the cluster's. */
  readonly strategy?: "spread" | "binpack";
  /** Default 0. */
  readonly priority?: number;
  readonly ports?: readonly PortPlan[];
  /** Other services reach its tasks by one address, or by those of all of them. Default vip. */
  readonly endpointMode?: "vip" | "dnsrr";
  /** Names of secrets and configs: each is a file of that name in the containers. */
  readonly secrets?: readonly string[];
  readonly configs?: readonly string[];
  /** Volumes of the cluster by name, each mounted at `/NAME`. */
  readonly volumes?: readonly string[];
  /** Networks of the cluster by name, or `host`, `none` and `bridge`. */
  readonly networks?: readonly string[];
  readonly restart?: RestartPlan;
  readonly update?: UpdatePlan;
  /** How an update is undone. */
  readonly rollback?: UpdatePlan;
  /** With a health check, a task counts as running only once it is healthy. Default none. */
  readonly health?: HealthPlan;
  /** Names of services that must run in full before this one is started. */
  readonly dependsOn?: readonly string[];
  /** Another number than before replaces all tasks. Default 0. */
  readonly forceUpdate?: number;
  readonly stopGracePeriod?: Span;
  /** Besides what tells its program how to run: `NODE={{.Node.Hostname}}`. Default none. */
  readonly env?: readonly string[];
}

/** What a network is made of; names follow `docker network create`. */
export interface NetworkPlan {
  /** Default `bridge`. An overlay is between the nodes, and has an address for each task. */
  readonly driver?: "bridge" | "overlay";
  /** Of an overlay: `10.5.0.0/28`. Default: the cluster chooses. */
  readonly subnet?: string;
  /** The part of `subnet` that tasks get their addresses from. Default: all of it. */
  readonly range?: string;
  /** In `subnet`. Default: its first address. */
  readonly gateway?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface NamedService extends ServicePlan {
  readonly name: string;
}

export interface PortPlan {
  /** In the container. */
  readonly target: number;
  /** Outside; left out: chosen by the cluster. */
  readonly published?: number;
  /** Default tcp. */
  readonly protocol?: "tcp" | "udp" | "sctp";
  /** `ingress` is on every node, `host` where the tasks are. Default ingress. */
  readonly mode?: "ingress" | "host";
}

export interface RestartPlan {
  readonly condition?: "none" | "on-failure" | "any";
  /** Default 5s. */
  readonly delay?: Span;
  /** The delay doubles with each failure in a row, up to this. Default: it does not. */
  readonly maxDelay?: Span;
  readonly maxAttempts?: number;
  readonly window?: Span;
}

export interface UpdatePlan {
  /** Default 1; 0 is all at once. */
  readonly parallelism?: number;
  readonly delay?: Span;
  /** Default pause. */
  readonly failureAction?: "pause" | "continue" | "rollback";
  /** A new task that stops so soon has failed. Default 5s. */
  readonly monitor?: Span;
  /** From 0 to 1. Default 0: not one may fail. */
  readonly maxFailureRatio?: number;
  readonly order?: "stop-first" | "start-first";
  /** Without progress for this long, the update is paused. Default 10m; 0s: never. */
  readonly progressDeadline?: Span;
}

export interface HealthPlan {
  /** Default 30s. */
  readonly interval?: Span;
  /** Default 30s. */
  readonly timeout?: Span;
  /** Default 3. */
  readonly retries?: number;
  /** Default 0s. */
  readonly startPeriod?: Span;
}
