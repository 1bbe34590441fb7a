import type { FileReference } from "../model/container-spec.ts";
import type { Config, Secret } from "../model/secret.ts";
import type { Task } from "../model/task.ts";
import { isTerminal } from "../model/task-state.ts";
import type { ContainerFile } from "./executor-request.ts";
import type { TaskRunner } from "./task-runner.ts";

/**
 * The secrets and configs of this node's tasks. The leader sends each with the first task that
 * names it, and none that no task here names. Once the last such task has ended it is forgotten.
 */
export class TaskFiles {
  readonly #files = new Map<string, Secret | Config>();

  get size(): number {
    return this.#files.size;
  }

  ids(): string[] {
    return [...this.#files.keys()];
  }

  add(files: readonly (Secret | Config)[]): void {
    for (const file of files) this.#files.set(file.id, file);
  }

  /** Hands the runner what its task names, or says what is missing. */
  supply(runner: TaskRunner): void {
    const references = referencesOf(runner.task);
    const missing = references.find(({ id }) => !this.#files.has(id));
    if (missing !== undefined) runner.lacks = `${missing.name} is gone: no such secret or config`;
    const { secrets, configs } = runner.task.spec.container;
    runner.files = [...this.#below("/run/secrets/", secrets), ...this.#below("/", configs)];
  }

  /** What of `references` is there, with relative targets below `folder`. */
  #below(folder: string, references: readonly FileReference[]): ContainerFile[] {
    return references.flatMap(({ id, target, uid, gid, mode }) => {
      const data = this.#files.get(id)?.spec.data;
      const path = target.startsWith("/") ? target : `${folder}${target}`;
      return data === undefined ? [] : [{ target: path, uid, gid, mode, data }];
    });
  }

  /** Forgets what none of these tasks names that has not ended. */
  keepFor(runners: Iterable<TaskRunner>): void {
    if (this.#files.size === 0) return;
    const named = new Set<string>();
    for (const { task } of runners) {
      if (isTerminal(task.status.state)) continue;
      for (const { id } of referencesOf(task)) named.add(id);
    }
    for (const id of this.#files.keys()) {
      if (!named.has(id)) this.#files.delete(id);
    }
  }
}

export function namesFiles(task: Task): boolean {
  const { secrets, configs } = task.spec.container;
  return secrets.length + configs.length > 0;
}

function referencesOf(task: Task): readonly FileReference[] {
  const { secrets, configs } = task.spec.container;
  return configs.length === 0 ? secrets : [...secrets, ...configs];
}
