import type { Route } from "../model/ingress.ts";
import type { OverlayState } from "../model/overlay.ts";
import type { Task } from "../model/task.ts";
import type { ExecutorRequest } from "./executor-request.ts";
import type { ToManager } from "./session.ts";

/** A task as it is to be on the disk; null: it is forgotten. */
type TaskWrite = readonly [id: string, task: Task | null];

/** What the agent asks of its node. */
export interface AgentOutput {
  readonly toManagers: readonly ToManager[];
  readonly requests: readonly ExecutorRequest[];
  /** Published ports that lead elsewhere from now on. */
  readonly routes: readonly Route[];
  /** Overlays in which something has changed; they come before the requests. */
  readonly overlays: readonly OverlayState[];
  /** To be written to disk in one piece; of one task the last counts. Empty: nothing to write. */
  readonly tasks: readonly TaskWrite[];
  /** Tasks whose state has changed, for whoever watches. */
  readonly observed: readonly Task[];
  /** Why the leader does not let this node in, where that is news; null: nothing new. */
  readonly refusal: string | null;
}

interface Draft {
  readonly toManagers: ToManager[];
  readonly requests: ExecutorRequest[];
  readonly routes: Route[];
  readonly overlays: OverlayState[];
  readonly tasks: TaskWrite[];
  readonly observed: Task[];
  refusal: string | null;
}

/** The output of a step in which the agent wants nothing. */
export const nothing: AgentOutput = emptyDraft();

/** What the parts of an agent want done in this step. */
export class Output {
  /** Null as long as there is nothing to put in, as in most steps. */
  #draft: Draft | null = null;

  /** To put something into. */
  get draft(): Draft {
    this.#draft ??= emptyDraft();
    return this.#draft;
  }

  /** Everything since the last call. */
  take(): AgentOutput {
    const output = this.#draft ?? nothing;
    this.#draft = null;
    return output;
  }
}

function emptyDraft(): Draft {
  return {
    toManagers: [],
    requests: [],
    routes: [],
    overlays: [],
    tasks: [],
    observed: [],
    refusal: null,
  };
}
