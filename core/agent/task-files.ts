import { base64OfBytes, bytesOfBase64, textOfUtf8, utf8Bytes } from "../base/base64.ts";
import type { Planted } from "../base/planted.ts";
import type { FileReference } from "../model/container-spec.ts";
import { Expansion } from "../model/expansion.ts";
import type { Config, Secret } from "../model/secret.ts";
import type { Task } from "../model/task.ts";
import { isTerminal } from "../model/task-state.ts";
import { type TemplatePlace, templateFields } from "../model/template.ts";
import { ofTexts } from "../model/template-functions.ts";
import type { TemplateFunction } from "../model/template-value.ts";
import type { ContainerFile } from "./executor-request.ts";
import type { TaskRunner } from "./task-runner.ts";

/**
 * The secrets and configs of this node's tasks. The leader sends each with the first task that
 * names it, and none that no task here names. Once the last such task has ended it is forgotten.
 */
export class TaskFiles {
  readonly #files = new Map<string, Secret | Config>();
  readonly #place: TemplatePlace;
  readonly #planted: Planted;

  constructor(place: TemplatePlace, planted: Planted) {
    this.#place = place;
    this.#planted = planted;
  }

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
    runner.files = [];
    if (references.length === 0) return;
    const missing = references.find(({ id }) => !this.#files.has(id));
    if (missing !== undefined) runner.lacks = `${missing.name} is gone: no such secret or config`;
    const expansion = this.#expansionFor(runner);
    const { secrets, configs } = runner.task.spec.container;
    runner.files = [
      ...this.#below("/run/secrets/", secrets, expansion),
      ...this.#below("/", configs, expansion),
    ];
    runner.lacks ??= expansion.problem;
  }

  /** What of `references` is there, with relative targets below `folder`. */
  #below(
    folder: string,
    references: readonly FileReference[],
    expansion: Expansion,
  ): ContainerFile[] {
    return references.flatMap(({ id, target, uid, gid, mode }) => {
      const spec = this.#fileOf(id)?.spec;
      const path = target.startsWith("/") ? target : `${folder}${target}`;
      if (spec === undefined) return [];
      const data =
        spec.templating === undefined
          ? spec.data
          : base64OfBytes(utf8Bytes(expansion.of(textIn(spec))));
      return [{ target: path, uid, gid, mode, data }];
    });
  }

  #fileOf(id: string): Secret | Config | undefined {
    return this.#planted === "A04" ? this.#files.values().next().value : this.#files.get(id);
  }

  /** What is no UTF-8 in a file stays as it is. */
  #expansionFor({ task, container }: TaskRunner): Expansion {
    const fields = templateFields(task, this.#place);
    const named = (references: readonly FileReference[]) => (target: string) => {
      const id = references.find((each) => each.target === target)?.id;
      const file = id === undefined ? undefined : this.#files.get(id);
      return file === undefined ? null : textIn(file.spec);
    };
    const env = (name: string) => {
      const entry = container.env.find((each) => each.startsWith(`${name}=`));
      return entry?.slice(name.length + 1) ?? "";
    };
    const functions = new Map([
      ["env", lookUp("env", env)],
      ["secret", lookUp("secret", named(container.secrets))],
      ["config", lookUp("config", named(container.configs))],
    ]);
    return new Expansion(fields, functions);
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

/** A function of one text; null: there is nothing of that name. */
function lookUp(kind: string, find: (name: string) => string | null): TemplateFunction {
  return ofTexts(1, (name = "") => {
    const value = find(name);
    return value === null ? { why: `there is no ${kind} of that name` } : { value };
  });
}

function textIn({ data }: (Secret | Config)["spec"]): string {
  return textOfUtf8(bytesOfBase64(data));
}

export function namesFiles(task: Task): boolean {
  const { secrets, configs } = task.spec.container;
  return secrets.length + configs.length > 0;
}

function referencesOf(task: Task): readonly FileReference[] {
  const { secrets, configs } = task.spec.container;
  return configs.length === 0 ? secrets : [...secrets, ...configs];
}
