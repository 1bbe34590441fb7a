import type { ContainerSpec } from "./container-spec.ts";
import type { Expansion, TemplateFields } from "./expansion.ts";
import type { Mount } from "./mount.ts";
import { serviceNameOf, type Task } from "./task.ts";
import { type Operand, parseTemplate } from "./template-syntax.ts";

/**
 * Placeholders that a task's container and files may hold, in the words of Go's templates (SwarmKit
 * `template`): `{{.Node.Hostname}}`, `{{index .Service.Labels "tier"}}`, and in a file that is a
 * template `{{env "NAME"}}`, `{{secret "name"}}` and `{{config "name"}}` too. See
 * `template-syntax.ts` for how much of Go's language that is.
 */

/** Where a task is to run, as its placeholders tell it. */
export interface TemplatePlace {
  readonly hostname: string;
  readonly platform: { readonly os: string; readonly architecture: string };
}

/** What there is to say of a task. Its slot is the node where its service is global. */
export function templateFields(
  task: Pick<Task, "id" | "name" | "slot" | "serviceId" | "nodeId" | "serviceLabels">,
  place: TemplatePlace,
): TemplateFields {
  const { id, name, slot, serviceId, nodeId, serviceLabels = new Map() } = task;
  const node = nodeId ?? "";
  return new Map<string, string | ReadonlyMap<string, string>>([
    [".Service.ID", serviceId],
    [".Service.Labels", serviceLabels],
    [".Service.Name", serviceNameOf(task)],
    [".Node.ID", node],
    [".Node.Hostname", place.hostname],
    [".Node.Platform.OS", place.platform.os],
    [".Node.Platform.Architecture", place.platform.architecture],
    [".Task.ID", id],
    [".Task.Name", `${name}.${id}`],
    [".Task.Slot", slot === 0 ? node : String(slot)],
  ]);
}

/** Whether a template may look at its service's labels: one in a file, or in what is filled in. */
export function mayNameLabels(spec: ContainerSpec): boolean {
  if (spec.secrets.length + spec.configs.length > 0) return true;
  return textsOf(spec).some((text) => text.includes("{{"));
}

/** True of what version 3 of the cluster's features can't fill in. */
export function isNewTemplate(text: string): boolean {
  if (!text.includes("{{")) return false;
  return parseTemplate(text).nodes.some((node) => {
    if (node.kind === "text") return false;
    if (node.kind !== "print" || node.pipe.commands.length > 1) return true;
    return node.pipe.commands.some((operands) => !isPlain(operands));
  });
}

/** A quoted text, a field that is a text, or a function of one quoted text. */
function isPlain([head, argument, ...more]: readonly Operand[]): boolean {
  const isQuoted = (each: Operand | undefined) =>
    each?.kind === "literal" && typeof each.value === "string";
  if (head?.kind === "function") {
    const isOld = ["env", "secret", "config"].includes(head.name);
    return isOld && isQuoted(argument) && more.length === 0;
  }
  if (argument !== undefined) return false;
  if (head?.kind !== "field") return isQuoted(head);
  return !head.isOfWhole && head.names.slice(0, 2).join(".") !== "Service.Labels";
}

/** All that may hold placeholders. */
export function textsOf({ hostname, env, mounts }: ContainerSpec): string[] {
  const inMounts = mounts.flatMap(({ source, target, driver = "", options }) => [
    ...[source, target, driver],
    ...(options === undefined ? [] : [...options.labels.values()]),
    ...(options === undefined ? [] : [...options.driverOptions.values()]),
  ]);
  return [hostname, ...env, ...inMounts];
}

/** Environment, host name and mounts are what may hold placeholders; all else is as it was. */
export function expandedContainer(spec: ContainerSpec, expansion: Expansion): ContainerSpec {
  const { hostname, env, mounts } = spec;
  const hasAny = [hostname, ...env].some((text) => text.includes("{{"));
  if (!hasAny && mounts.length === 0) return spec;
  return {
    ...spec,
    hostname: expansion.of(hostname),
    env: env.map((each) => expansion.of(each)),
    mounts: mounts.map((mount) => expandedMount(mount, expansion)),
  };
}

function expandedMount(mount: Mount, expansion: Expansion): Mount {
  const { source, target, driver, options } = mount;
  const expandedMap = (map: ReadonlyMap<string, string>) =>
    new Map([...map].map(([name, value]) => [name, expansion.of(value)]));
  return {
    ...mount,
    source: expansion.of(source),
    target: expansion.of(target),
    ...(driver === undefined ? {} : { driver: expansion.of(driver) }),
    ...(options === undefined
      ? {}
      : {
          options: {
            ...options,
            labels: expandedMap(options.labels),
            driverOptions: expandedMap(options.driverOptions),
          },
        }),
  };
}
