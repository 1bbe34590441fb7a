import type { Timestamp } from "../../core/base/time.ts";
import type { LogLine, LogOptions } from "../engine.ts";
import { added, flag, list, nullable, oneOf, text } from "./codec.ts";
import { record, union } from "./messages.ts";
import { timestamp, whole } from "./numbers.ts";

/** Which part of a task's log: see `LogOptions`. */
export type LogRange = Omit<LogOptions, "signal">;

/** To a node: what one task has written there. */
export interface TaskLogRequest {
  readonly nodeId: string;
  readonly taskId: string;
  readonly range: LogRange;
}

/** To a manager, by ids: what the tasks of these services and these tasks have written. */
export interface LogsRequest {
  readonly services: readonly string[];
  readonly tasks: readonly string[];
  /** `tail` is of each task. */
  readonly range: LogRange;
}

/** A line with whose it is; or, at the end, what could not be read and why. */
export type LogEntry =
  | {
      readonly kind: "written";
      readonly serviceId: string;
      readonly taskId: string;
      readonly taskName: string;
      readonly nodeId: string;
      readonly line: LogLine;
    }
  | { readonly kind: "missing"; readonly reason: string };

const range = record<LogRange>("LogRange", {
  follow: flag,
  tail: nullable(whole),
  since: timestamp,
  until: added(timestamp, 0 as Timestamp),
});

export const taskLogRequest = record<TaskLogRequest>("TaskLogRequest", {
  nodeId: text,
  taskId: text,
  range,
});

export const logsRequest = record<LogsRequest>("LogsRequest", {
  services: list(text),
  tasks: list(text),
  range,
});

export const logLine = record<LogLine>("LogLine", {
  stream: oneOf<LogLine["stream"]>("LogStream", { stdout: 1, stderr: 2 }),
  at: timestamp,
  text,
});

export const logEntry = union<LogEntry>("LogEntry", {
  written: { serviceId: text, taskId: text, taskName: text, nodeId: text, line: logLine },
  missing: { reason: text },
});
