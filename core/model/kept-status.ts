import { limits } from "../base/limits.ts";
import type { TaskStatus } from "./task.ts";

/** A status as it is reported and kept: a node's words must not fill the log of all managers. */
export function keptStatus(status: TaskStatus): TaskStatus {
  const { message, err, hostPorts = [], ...others } = status;
  const isShort = message.length <= limits.statusText && err.length <= limits.statusText;
  const ports = hostPorts.filter(({ hostPort }) => isPort(hostPort)).slice(0, limits.statusPorts);
  if (isShort && ports.length === hostPorts.length) return status;
  return {
    ...others,
    message: message.slice(0, limits.statusText),
    err: err.slice(0, limits.statusText),
    ...(ports.length === 0 ? {} : { hostPorts: ports }),
  };
}

/** All nodes connect to it: one that is none would end what carries their published ports. */
function isPort(number: number): boolean {
  return number >= 1 && number <= 65_535;
}
