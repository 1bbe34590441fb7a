import { limits } from "../base/limits.ts";
import type { TaskStatus } from "./task.ts";

/** A status as it is reported and kept: a node's words must not fill the log of all managers. */
export function keptStatus(status: TaskStatus): TaskStatus {
  const { message, err, hostPorts } = status;
  const isShort = message.length <= limits.statusText && err.length <= limits.statusText;
  if (isShort && (hostPorts?.length ?? 0) <= limits.statusPorts) return status;
  return {
    ...status,
    message: message.slice(0, limits.statusText),
    err: err.slice(0, limits.statusText),
    ...(hostPorts === undefined ? {} : { hostPorts: hostPorts.slice(0, limits.statusPorts) }),
  };
}
