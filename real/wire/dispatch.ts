import { us } from "../../core/base/time.ts";
import type {
  AgentMessage,
  DispatcherMessage,
  RecordedReport,
  TaskReport,
} from "../../core/dispatch/message.ts";
import type { ServedPort, ServingTask } from "../../core/model/ingress.ts";
import type { NodeOverlay, OverlayNews, OverlayPeer } from "../../core/model/overlay.ts";
import type { Config, Secret } from "../../core/model/secret.ts";
import { security } from "./certificate.ts";
import { added, flag, list, nullable, oneOf, text, texts } from "./codec.ts";
import { record, union } from "./messages.ts";
import { description } from "./node.ts";
import { duration, whole } from "./numbers.ts";
import { standing } from "./standing.ts";
import { config, secret } from "./store.ts";
import { task, taskStatus } from "./task.ts";
import { protocol } from "./task-spec.ts";

const report = record<TaskReport>("TaskReport", { task: text, status: taskStatus });

export const agentMessage = union<AgentMessage>("AgentMessage", {
  register: { attempt: whole, description, engineSilentFor: added(duration, us(0)) },
  heartbeat: { session: text, engineSilentFor: added(duration, us(0)) },
  "task-status": { session: text, reports: list(report) },
  "assignments-received": { session: text, sequence: whole },
});

const recorded = record<RecordedReport>("RecordedReport", { task: text, state: whole });

const place = { standing: nullable(standing), security: nullable(security) };

const file = union<Secret | Config>("AssignedFile", { secret, config });

const servedPort = record<ServedPort>("ServedPort", {
  protocol,
  publishedPort: whole,
  hostPort: whole,
});

const servingTask = record<ServingTask>("ServingTask", {
  task: text,
  address: text,
  ports: list(servedPort),
});

const overlay = record<NodeOverlay>("NodeOverlay", {
  id: text,
  name: text,
  vni: whole,
  subnet: text,
  gateway: text,
  port: whole,
});

const overlayPeer = record<OverlayPeer>("OverlayPeer", {
  task: text,
  name: text,
  address: text,
  node: text,
  names: texts,
  serves: flag,
});

const overlayNews = union<OverlayNews>("OverlayNews", {
  whole: { overlay, peers: list(overlayPeer) },
  changed: { id: text, peers: list(overlayPeer), parted: texts },
  left: { id: text },
});

export const dispatcherMessage = union<DispatcherMessage>("DispatcherMessage", {
  session: {
    attempt: whole,
    session: text,
    term: whole,
    heartbeatPeriod: duration,
    managers: texts,
    ...place,
  },
  "heartbeat-received": { session: text, period: duration, ...place },
  standing: { session: text, ...place },
  "registration-refused": { attempt: whole, reason: text },
  "not-leader": { attempt: nullable(whole), leader: nullable(text) },
  "session-invalid": { session: text },
  assignments: {
    session: text,
    type: oneOf("AssignmentsType", { complete: 1, incremental: 2 }),
    appliesTo: whole,
    resultsIn: whole,
    tasks: list(task),
    removed: texts,
    files: list(file),
    serving: list(servingTask),
    ceased: texts,
    overlays: list(overlayNews),
  },
  "status-recorded": { reports: list(recorded) },
});
