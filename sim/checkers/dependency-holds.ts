import type { Service } from "../../core/model/service.ts";
import { isOfPresentRun, type Task } from "../../core/model/task.ts";
import { TaskState } from "../../core/model/task-state.ts";
import type { Commit, History } from "../world/history.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

/**
 * A service is started for the first time only when all that it depends on runs in full: it stops
 * waiting at no other moment, and as long as it waits none of its tasks is to run.
 */
export class DependencyHolds implements Checker {
  readonly name = "dependency-holds";
  readonly source = "our own: dependsOn, which Swarm declined to have (moby/moby#31333)";
  checks = 0;
  readonly #history: History;

  constructor(history: History) {
    this.#history = history;
  }

  committed(commit: Commit): void {
    for (const { previous, current } of commit.services) {
      if (current !== null && !commit.isForced) this.#service(commit, previous, current);
    }
    for (const { current } of commit.tasks) if (current !== null) this.#task(commit, current);
  }

  #service(commit: Commit, previous: Service | null, current: Service): void {
    const waited =
      previous === null ? current.spec.dependsOn.length > 0 : previous.waitsFor.length > 0;
    if (!waited || current.waitsFor.length > 0) return;
    this.checks += 1;
    const missing = current.spec.dependsOn.find((name) => !this.#wasFull(commit, name));
    if (missing === undefined) return;
    const detail = `${current.spec.name} is started before ${missing} runs in full`;
    throw new BrokenInvariant(this.name, commit.host.name, detail);
  }

  #task(commit: Commit, task: Task): void {
    const isWanted = task.desiredState > TaskState.READY && task.desiredState < TaskState.SHUTDOWN;
    const service = this.#history.view.services.get(task.serviceId);
    if (!isWanted || service === undefined || service.waitsFor.length === 0) return;
    this.checks += 1;
    const detail = `${task.name} is started but waits for ${service.waitsFor.join(", ")}`;
    throw new BrokenInvariant(this.name, commit.host.name, detail);
  }

  /** What was decided in an entry was decided on the state before it. */
  #wasFull(commit: Commit, name: string): boolean {
    const { view } = this.#history;
    const service = view.named("service", name);
    if (service === undefined) return false;
    const tasks = new Map<string, Task>(view.tasksOfService(service.id));
    for (const { id, previous } of [...commit.tasks].reverse()) {
      if (previous?.serviceId === service.id) tasks.set(id, previous);
      else if (previous === null) tasks.delete(id);
    }
    return isFull(serviceBefore(commit, service), [...tasks.values()]);
  }
}

function serviceBefore(commit: Commit, service: Service): Service {
  return commit.services.find(({ current }) => current?.id === service.id)?.previous ?? service;
}

function isFull(service: Service, tasks: readonly Task[]): boolean {
  const { mode } = service.spec;
  const ofNow = tasks.filter((task) => isOfPresentRun(service, task));
  const slots = (state: TaskState): number =>
    new Set(ofNow.filter(({ status }) => status.state === state).map(({ slot }) => slot)).size;
  switch (mode.kind) {
    case "replicated":
      return slots(TaskState.RUNNING) >= mode.replicas;
    case "replicated-job":
      return slots(TaskState.COMPLETE) >= mode.totalCompletions;
    case "global":
      return tasks.some(({ status }) => status.state === TaskState.RUNNING);
    case "global-job":
      return ofNow.some(({ status }) => status.state === TaskState.COMPLETE);
  }
}
