import { unreachable } from "../base/assert.ts";
import type { ContainerSpec } from "./container-spec.ts";
import type { Expansion } from "./expansion.ts";
import type { Mount } from "./mount.ts";
import { serviceNameOf, type Task } from "./task.ts";
import { type Operand, type Pipe, parseTemplate, type TemplateNode } from "./template-syntax.ts";
import type { TemplateObject } from "./template-value.ts";

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
): TemplateObject {
  const { id, name, slot, serviceId, nodeId, serviceLabels = new Map() } = task;
  const node = nodeId ?? "";
  const { os: OS, architecture: Architecture } = place.platform;
  return {
    Service: { ID: serviceId, Name: serviceNameOf(task), Labels: serviceLabels },
    Node: { ID: node, Hostname: place.hostname, Platform: { Architecture, OS } },
    Task: { ID: id, Name: `${name}.${id}`, Slot: slot === 0 ? node : String(slot) },
  };
}

/** Whether a template may look at its service's labels: one in a file, or in what is filled in. */
export function mayNameLabels(spec: ContainerSpec): boolean {
  if (spec.secrets.length + spec.configs.length > 0) return true;
  return textsOf(spec).some((text) => text.includes("{{"));
}

/** True of what nodes of level 3 can't fill in. */
export function isNewTemplate(text: string): boolean {
  if (!text.includes("{{")) return false;
  return parseTemplate(text).nodes.some((node) => {
    if (node.kind === "text") return false;
    if (node.kind !== "print" || node.pipe.commands.length > 1) return true;
    return node.pipe.commands.some(({ operands }) => !isPlain(operands));
  });
}

/** A quoted text, a field that is a text, or a function of one quoted text. */
function isPlain([head, argument, ...more]: readonly Operand[]): boolean {
  const isQuoted = (each: Operand | undefined) =>
    each?.base.kind === "literal" && typeof each.base.value === "string";
  if (head?.base.kind === "function") {
    const isOld = ["env", "secret", "config"].includes(head.base.name);
    return isOld && isQuoted(argument) && more.length === 0;
  }
  if (argument !== undefined) return false;
  if (head?.base.kind !== "dot") return isQuoted(head);
  return head.names.slice(0, 2).join(".") !== "Service.Labels";
}

/** True of what nodes of level 7 can't fill in: variables, repetition, more of Go's functions. */
export function hasRepetition(text: string): boolean {
  return text.includes("{{") && parseTemplate(text).nodes.some(isRepeating);
}

function isRepeating(node: TemplateNode): boolean {
  switch (node.kind) {
    case "text":
      return false;
    case "print":
      return isNewPipe(node.pipe);
    case "if":
    case "with":
      return isNewPipe(node.pipe) || [...node.then, ...node.otherwise].some(isRepeating);
    default:
      return true;
  }
}

function isNewPipe({ variables, commands }: Pipe): boolean {
  return variables.length > 0 || commands.some(({ operands }) => operands.some(isNewOperand));
}

/** Level 7 measures and indexes maps only, and prints no more than one field. */
function isNewOperand({ base, names }: Operand, at: number, all: readonly Operand[]): boolean {
  switch (base.kind) {
    case "dot":
      return ["Service", "Node", "Node.Platform", "Task"].includes(names.join("."));
    case "variable":
      return base.name !== "$";
    case "literal":
      return typeof base.value === "number" ? !Number.isInteger(base.value) : base.value === null;
    case "function": {
      const ofMap = base.name === "len" || base.name === "index";
      const isOfOther = ofMap && all[at + 1]?.base.kind === "literal";
      return isOfOther || ["println", "printf", "slice"].includes(base.name);
    }
    case "pipe":
      return names.length > 0 || isNewPipe(base.pipe);
    default:
      return unreachable(base);
  }
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
