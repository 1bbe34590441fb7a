import type { Timestamp } from "../../core/base/time.ts";
import { noEndpoint } from "../../core/model/endpoint.ts";
import { newestLevel } from "../../core/model/level.ts";
import { unstored } from "../../core/model/meta.ts";
import type { Node } from "../../core/model/node.ts";
import { serviceSpec } from "../../core/model/service-defaults.ts";
import { noRestarts, type Task } from "../../core/model/task.ts";
import type { TaskSpec } from "../../core/model/task-spec.ts";
import { TaskState } from "../../core/model/task-state.ts";

/** What the benchmarks of the store and of the scheduler are run with. */

/** A ready node, with the volume plugin `nfs` or without. */
export function benchNode(at: number, hasPlugin: boolean): Node {
  return {
    kind: "node",
    id: idOf(at),
    meta: unstored,
    spec: { availability: "active", labels: new Map(), desiredRole: "worker" },
    description: {
      hostname: `node-${at}`,
      resources: { nanoCpus: 4e9, memoryBytes: 8 * 1024 * 1024 * 1024 },
      genericResources: new Map(),
      platform: { os: "linux", architecture: "x86_64" },
      engineLabels: new Map(),
      plugins: hasPlugin ? ["Volume/nfs"] : [],
      address: "",
      level: newestLevel,
    },
    status: { state: "ready", message: "", downSince: null },
    availableSince: 0 as Timestamp,
    role: "worker",
    raftId: null,
    certificate: null,
  };
}

/** A pending task; with a driver it mounts a volume of it. */
export function benchTask(at: number, serviceId: string, driver: string | null): Task {
  const id = idOf(at);
  return {
    kind: "task",
    id,
    meta: unstored,
    serviceId,
    name: serviceId,
    slot: at + 1,
    nodeId: null,
    spec: driver === null ? plain : mounting(driver),
    specVersion: 1,
    endpoint: noEndpoint,
    isUpdate: false,
    isMove: false,
    preemptedBy: null,
    nominatedNodeId: null,
    jobIteration: null,
    ports: [],
    networks: [],
    assignedResources: new Map(),
    replaces: null,
    startAt: 0 as Timestamp,
    restarts: noRestarts,
    desiredState: TaskState.RUNNING,
    runningSince: null,
    status: {
      state: TaskState.PENDING,
      appliedAt: 0 as Timestamp,
      message: "",
      err: "",
      exitCode: null,
    },
  };
}

/** As long as a real id, and as scattered: numbers in a row would come in their order. */
function idOf(at: number): string {
  return ((at * 2_654_435_761) % 4_294_967_296).toString(36).padStart(25, "0");
}

const plain = serviceSpec("bench", "bench:1", 1).task;

/** Every task has a spec of its own, as if it had come from a snapshot. */
function mounting(driver: string): TaskSpec {
  const mount = { kind: "volume", source: "data", target: "/data", readOnly: false } as const;
  return { ...plain, container: { ...plain.container, mounts: [{ ...mount, driver }] } };
}
