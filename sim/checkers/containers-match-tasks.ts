import type { ContainerFile } from "../../core/agent/executor-request.ts";
import { isEqual } from "../../core/base/equal.ts";
import type { ContainerSpec, FileReference } from "../../core/model/container-spec.ts";
import type { Config, Secret } from "../../core/model/secret.ts";
import type { Task } from "../../core/model/task.ts";
import type { History } from "../world/history.ts";
import type { Host } from "../world/host.ts";
import { BrokenInvariant, type Checker } from "./checker.ts";

interface MadeIn {
  readonly hosts: readonly Pick<Host, "name">[];
  readonly history: Pick<History, "view">;
}

/** What a container is made of, besides its spec. All else is told of the task later. */
const parts = [
  ...(["serviceId", "name", "slot", "nodeId", "specVersion", "endpoint", "jobIteration"] as const),
  ...(["logDriver", "serviceLabels", "ports", "networks", "assignedResources"] as const),
] satisfies readonly (keyof Task)[];

/**
 * A container is made of what the cluster has decided of its task, on the node that has it, with
 * the placeholders filled in, and finds the secrets and configs that its spec names and no others.
 */
export class ContainersMatchTasks implements Checker {
  readonly name = "containers-match-tasks";
  readonly source = "SwarmKit design/task_model.md: a task's spec never changes";
  checks = 0;
  readonly #world: MadeIn;

  constructor(world: MadeIn) {
    this.#world = world;
  }

  /** Of a task that is forgotten meanwhile nobody knows any more what it was. */
  created(number: number, given: Task, files: readonly ContainerFile[]): void {
    const { name } = this.#world.hosts[number] as Pick<Host, "name">;
    const stored = this.#world.history.view.tasks.get(given.id);
    if (stored === undefined) return;
    this.checks += 1;
    const wrong = this.#wrongPart(name, given, stored) ?? this.#wrongFile(stored, files);
    if (wrong === null) return;
    const detail = `the container of ${stored.name} is made with another ${wrong} than its task's`;
    throw new BrokenInvariant(this.name, name, detail);
  }

  #wrongPart(host: string, given: Task, stored: Task): string | null {
    if (stored.nodeId !== host) return "node";
    const part = parts.find((each) => !isEqual(given[each], stored[each]));
    if (part !== undefined) return part;
    const container = this.#filledIn(stored);
    const spec = { ...stored.spec, container };
    const wrong = keysOf(spec).find((each) => !isEqual(given.spec[each], spec[each]));
    if (wrong !== "container") return wrong ?? null;
    const made = given.spec.container;
    return keysOf(container).find((each) => !isEqual(made[each], container[each])) ?? "container";
  }

  /** Placeholders of one name each are all that simulated users write. */
  #filledIn(task: Task): ContainerSpec {
    const { container } = task.spec;
    const { hostname, env, mounts } = container;
    if (![hostname, ...env].some(isTemplate) && mounts.length === 0) return container;
    const values = this.#valuesFor(task);
    const filled = (text: string) =>
      text.replaceAll(/\{\{(\.[A-Za-z.]+)\}\}/g, (_, name: string) => values[name] ?? "");
    return {
      ...container,
      hostname: filled(hostname),
      env: env.map(filled),
      mounts: mounts.map((each) => ({
        ...each,
        source: filled(each.source),
        target: filled(each.target),
      })),
    };
  }

  #valuesFor({ id, name, slot, nodeId, serviceId }: Task): Readonly<Record<string, string>> {
    const { nodes, services } = this.#world.history.view;
    const node = nodeId ?? "";
    return {
      ".Node.ID": node,
      ".Node.Hostname": nodes.get(node)?.description.hostname ?? node,
      ".Service.ID": serviceId,
      ".Service.Name": services.get(serviceId)?.spec.name ?? (name.split(".")[0] as string),
      ".Task.ID": id,
      ".Task.Name": `${name}.${id}`,
      ".Task.Slot": slot === 0 ? node : `${slot}`,
    };
  }

  /** What was removed since is not looked at; nobody fills in what a file holds. */
  #wrongFile({ spec }: Task, files: readonly ContainerFile[]): string | null {
    const { secrets, configs } = spec.container;
    if (files.length !== secrets.length + configs.length) return "number of files";
    const { view } = this.#world.history;
    const wrong = (references: readonly FileReference[], folder: string, table: FileTable) =>
      references.find((each) => !isThere(each, folder, table.get(each.id), files));
    const found =
      wrong(secrets, "/run/secrets/", view.secrets) ?? wrong(configs, "/", view.configs);
    return found === undefined ? null : `file ${found.name}`;
  }
}

type FileTable = ReadonlyMap<string, Secret | Config>;

function isThere(
  { target, uid, gid, mode }: FileReference,
  folder: string,
  stored: Secret | Config | undefined,
  files: readonly ContainerFile[],
): boolean {
  if (stored === undefined || stored.spec.templating !== undefined) return true;
  const { data } = stored.spec;
  const path = target.startsWith("/") ? target : `${folder}${target}`;
  return files.some((file) => isEqual(file, { target: path, uid, gid, mode, data }));
}

function isTemplate(text: string): boolean {
  return text.includes("{{");
}

function keysOf<T extends object>(value: T): (keyof T & string)[] {
  return Object.keys(value) as (keyof T & string)[];
}
