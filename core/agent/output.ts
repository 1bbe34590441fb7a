import type { Route } from "../model/ingress.ts";
import type { OverlayState } from "../model/overlay.ts";
import type { Task } from "../model/task.ts";
import type { ExecutorRequest } from "./executor-request.ts";
import type { ToManager } from "./session.ts";

/** What the agent asks of its node. */
export interface AgentOutput {
  readonly toManagers: readonly ToManager[];
  readonly requests: readonly ExecutorRequest[];
  /** Published ports that lead elsewhere from now on. */
  readonly routes: readonly Route[];
  /** Overlays in which something has changed; they come before the requests. */
  readonly overlays: readonly OverlayState[];
  /** To be written to disk in one piece; a null task is forgotten. Empty: nothing to write. */
  readonly tasks: ReadonlyMap<string, Task | null>;
  /** Tasks whose state has changed, for whoever watches. */
  readonly observed: readonly Task[];
}

/** Collects an output: made only when there is something to put in, as most steps have nothing. */
export interface Draft {
  readonly toManagers: ToManager[];
  readonly requests: ExecutorRequest[];
  readonly routes: Route[];
  readonly overlays: OverlayState[];
  readonly tasks: Map<string, Task | null>;
  readonly observed: Task[];
}

/** The output of a step in which the agent wants nothing. */
export const nothing: AgentOutput = emptyDraft();

export function emptyDraft(): Draft {
  const sent = { toManagers: [], requests: [] };
  return { tasks: new Map(), observed: [], routes: [], overlays: [], ...sent };
}
