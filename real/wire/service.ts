import type { JobStatus, Service, ServiceMode, ServiceSpec } from "../../core/model/service.ts";
import type { UpdateConfig, UpdateState, UpdateStatus } from "../../core/model/update-config.ts";
import { nullable, oneOf, text, texts } from "./codec.ts";
import { record, tagged, union } from "./messages.ts";
import { labels, meta } from "./meta.ts";
import { duration, timestamp, whole } from "./numbers.ts";
import { endpoint, ports, taskSpec } from "./task-spec.ts";

const mode = union<ServiceMode>("ServiceMode", {
  replicated: { replicas: whole },
  global: {},
  "replicated-job": { maxConcurrent: whole, totalCompletions: whole },
  "global-job": {},
});

const update = record<UpdateConfig>("UpdateConfig", {
  parallelism: whole,
  delay: duration,
  failureAction: oneOf<UpdateConfig["failureAction"]>("FailureAction", {
    pause: 1,
    continue: 2,
    rollback: 3,
  }),
  monitor: duration,
  maxFailureRatioPpm: whole,
  order: oneOf<UpdateConfig["order"]>("UpdateOrder", { "stop-first": 1, "start-first": 2 }),
  progressDeadline: duration,
});

const updateStatus = record<UpdateStatus>("UpdateStatus", {
  state: oneOf<UpdateState>("UpdateState", {
    updating: 1,
    paused: 2,
    completed: 3,
    rollback_started: 4,
    rollback_paused: 5,
    rollback_completed: 6,
  }),
  startedAt: timestamp,
  completedAt: nullable(timestamp),
  message: text,
  slots: nullable(whole),
});

export const serviceSpec = record<ServiceSpec>("ServiceSpec", {
  name: text,
  labels,
  mode,
  task: taskSpec,
  update,
  rollback: update,
  endpoint,
  dependsOn: texts,
});

const job = record<JobStatus>("JobStatus", { iteration: whole, lastExecution: timestamp });

export const service = tagged<Service>("service", "Service", {
  id: text,
  meta,
  spec: serviceSpec,
  specVersion: whole,
  previousSpec: nullable(serviceSpec),
  updateStatus: nullable(updateStatus),
  ports,
  waitsFor: texts,
  job: nullable(job),
  rebalanceRequestedAt: nullable(timestamp),
});
