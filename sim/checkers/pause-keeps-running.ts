import type { Node } from "../../core/model/node.ts";
import type { Service } from "../../core/model/service.ts";
import type { Task } from "../../core/model/task.ts";
import { isWanted, TaskState } from "../../core/model/task-state.ts";
import type { EventOf } from "../../core/store/event.ts";
import type { StoreView } from "../../core/store/view.ts";
import { isMeantFor } from "../liveness/wanted.ts";
import type { Commit, History } from "../world/history.ts";
import { Before } from "./before.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

/**
 * A node that is paused takes no new tasks, and keeps what it runs as it is, though it be changed
 * to one that no longer suits that: until the service is changed, or it is active again.
 */
export class PauseKeepsRunning implements Checker {
  readonly name = "pause-keeps-running";
  readonly source =
    "SwarmKit api: NodeSpec.Availability PAUSE; orchestrator.InvalidNode, orchestrator/global";
  checks = 0;
  readonly #history: History;

  constructor(history: History) {
    this.#history = history;
  }

  committed(commit: Commit): void {
    const { view } = this.#history;
    for (const event of commit.tasks) {
      if (!isReplaced(event)) continue;
      const task = event.previous as Task;
      const before = Before.of(view, commit);
      const node = before.node(task.nodeId);
      if (node?.spec.availability !== "pause" || node.status.state === "down") continue;
      this.checks += 1;
      const service = before.service(task.serviceId);
      if (service === undefined || hasReason(view, service, task)) continue;
      if (isMisfit(service, node)) continue;
      const detail = `${task.name} runs on ${node.id}, which is only paused, and is to stop`;
      throw new BrokenInvariant(this.name, commit.host.name, detail);
    }
  }
}

/** A task that runs is to stop, but not because there is one too many. */
function isReplaced({ previous, current }: EventOf<Task>): boolean {
  if (previous === null || current === null) return false;
  if (previous.status.state !== TaskState.RUNNING) return false;
  return isWanted(previous.desiredState) && current.desiredState === TaskState.SHUTDOWN;
}

/** The service's tasks were changed, or its slot is done or runs on another node too. */
function hasReason(view: StoreView, service: Service, task: Task): boolean {
  if (task.specVersion !== service.specVersion) return true;
  return task.jobIteration !== null || hasSuccessor(view, task);
}

/** The service was changed since the node was, which is none that it may run on. */
function isMisfit({ spec, meta }: Service, node: Node): boolean {
  return meta.version > node.meta.version && !isMeantFor(spec.task, node);
}

/** From when the node was drained, and the task to be replaced before it stopped. */
function hasSuccessor(view: StoreView, task: Task): boolean {
  return [...view.tasksOfService(task.serviceId).values()].some(
    ({ replaces, status }) => replaces === task.id && status.state === TaskState.RUNNING,
  );
}
