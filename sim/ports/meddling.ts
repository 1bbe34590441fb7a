import type { TaskEvent } from "../../core/agent/executor-request.ts";
import type { Meddling } from "../scenario/fault-words.ts";
import type { Container } from "./container.ts";
import { killed } from "./exit.ts";

/** To which containers somebody can do so, as by `docker rm -f`, `docker stop`, `docker start`. */
export const openTo: Readonly<Record<Meddling, (container: Container) => boolean>> = {
  remove: ({ state }) => state !== "preparing",
  stop: ({ state }) => state === "running",
  start: ({ state }) => state === "stopped",
};

/** What is said of a container that is gone all at once; null: nothing, until it is asked for. */
export function endOfLost(task: string, state: Container["state"]): TaskEvent | null {
  switch (state) {
    case "starting":
    case "running":
      return { kind: "exited", task, exitCode: killed };
    case "stopping":
      return { kind: "stopped", task };
    default:
      return null;
  }
}
