import type { HostPort } from "../../core/model/endpoint.ts";
import type { RejectionReason, RestartCount, Task, TaskStatus } from "../../core/model/task.ts";
import { TaskState } from "../../core/model/task-state.ts";
import {
  type Codec,
  type FieldCodec,
  flag,
  list,
  mapped,
  nullable,
  oneOf,
  optional,
  text,
  texts,
} from "./codec.ts";
import { record, table, tagged } from "./messages.ts";
import { labels, meta } from "./meta.ts";
import { integer, numbered, timestamp, whole } from "./numbers.ts";
import { attachedNetworks, endpoint, logDriver, ports, protocol, taskSpec } from "./task-spec.ts";

const taskState = numbered<TaskState>("TaskState", TaskState);

/** A flag that is either true or not there at all. */
const trueOrAbsent = mapped<boolean, true>(
  flag,
  () => true,
  (value) => (value ? true : undefined) as true,
);

const hostPort = record<HostPort>("HostPort", {
  protocol,
  targetPort: whole,
  hostPort: whole,
});

/** A list that holds something or is not there at all. */
function someOrAbsent<T>(item: Codec<T>): FieldCodec<readonly T[]> {
  return { ...list(item), missing: () => undefined as never };
}

export const taskStatus = record<TaskStatus>("TaskStatus", {
  state: taskState,
  appliedAt: timestamp,
  message: text,
  err: text,
  exitCode: nullable(integer),
  isLost: trueOrAbsent,
  hostPorts: someOrAbsent(hostPort),
});

const rejection = oneOf<RejectionReason>("TaskRejection", { constraints: 1, volume: 2 });

const restarts = record<RestartCount>("RestartCount", {
  attempts: whole,
  failuresInRow: whole,
  isAttempt: flag,
});

export const task = tagged<Task>("task", "Task", {
  id: text,
  meta,
  serviceId: text,
  name: text,
  slot: whole,
  nodeId: nullable(text),
  spec: taskSpec,
  specVersion: whole,
  endpoint,
  isUpdate: flag,
  isMove: flag,
  jobIteration: nullable(whole),
  logDriver: optional(logDriver),
  serviceLabels: { ...labels, missing: () => undefined as never },
  ports,
  networks: attachedNetworks,
  assignedResources: table("Names", texts),
  replaces: nullable(text),
  preemptedBy: nullable(text),
  nominatedNodeId: nullable(text),
  startAt: timestamp,
  restarts,
  desiredState: taskState,
  rejectedFor: optional(rejection),
  runningSince: nullable(timestamp),
  status: taskStatus,
});
