import type { ContainerSpec } from "./container-spec.ts";
import type { Mount } from "./mount.ts";
import type { Task } from "./task.ts";

/**
 * Placeholders that a task's container and files may hold, in the words of Go's templates (SwarmKit
 * `template`): `{{.Node.Hostname}}`, and in a file that is a template `{{env "NAME"}}`,
 * `{{secret "name"}}` and `{{config "name"}}` too. Of Go's language there is no more than that, and
 * comments, quoted texts and `{{-`: conditions, loops and pipes are a problem that is named.
 */

/** What a name such as `.Node.Hostname` stands for. */
export type TemplateFields = ReadonlyMap<string, string>;

/** What a function such as `env` gives for its argument; null: there is no such thing. */
export type TemplateFunctions = Readonly<Record<string, (argument: string) => string | null>>;

/** Where a task is to run, as its placeholders tell it. */
export interface TemplatePlace {
  readonly hostname: string;
  readonly platform: { readonly os: string; readonly architecture: string };
}

/** Fills in texts, and keeps what was wrong with the first one that could not be. */
export class Expansion {
  problem: string | null = null;
  readonly #fields: TemplateFields;
  readonly #functions: TemplateFunctions;

  constructor(fields: TemplateFields, functions: TemplateFunctions = {}) {
    this.#fields = fields;
    this.#functions = functions;
  }

  /** The text with its placeholders filled in; as it is where there is a problem. */
  of(text: string): string {
    if (!text.includes("{{")) return text;
    const action = /(?:\s*\{\{-\s|\{\{)([\s\S]*?)(?:\s-\}\}\s*|\}\}|$)/g;
    return text.replace(action, (whole, inner: string) => this.#valueOf(whole, inner.trim()));
  }

  #valueOf(whole: string, inner: string): string {
    if (!/\}\}\s*$/.test(whole)) return this.#fail(whole, "it has no end");
    if (inner.startsWith("/*") && inner.endsWith("*/")) return "";
    const quoted = textIn(inner);
    if (quoted !== null) return quoted;
    const field = this.#fields.get(inner);
    if (field !== undefined) return field;
    const [name = "", ...rest] = inner.split(/\s+(.*)/s);
    const argument = textIn(rest[0] ?? "");
    const call = Object.hasOwn(this.#functions, name) ? this.#functions[name] : undefined;
    if (call === undefined || argument === null) return this.#fail(whole, "nobody knows it here");
    return call(argument) ?? this.#fail(whole, `there is no ${name} of that name`);
  }

  #fail(whole: string, why: string): string {
    this.problem ??= `can't fill in ${whole.trim().slice(0, 80)}: ${why}`;
    return whole;
  }
}

/** A text in Go's quotes; null: it is none. */
function textIn(word: string): string | null {
  return /^"([^"\\\n]*)"$/.exec(word)?.[1] ?? /^`([^`]*)`$/.exec(word)?.[1] ?? null;
}

/** What there is to say of a task. Its slot is the node where its service is global. */
export function templateFields(
  task: Pick<Task, "id" | "name" | "slot" | "serviceId" | "nodeId">,
  place: TemplatePlace,
): TemplateFields {
  const { id, name, slot, serviceId, nodeId } = task;
  const node = nodeId ?? "";
  return new Map([
    [".Service.ID", serviceId],
    [".Service.Name", name.slice(0, name.indexOf("."))],
    [".Node.ID", node],
    [".Node.Hostname", place.hostname],
    [".Node.Platform.OS", place.platform.os],
    [".Node.Platform.Architecture", place.platform.architecture],
    [".Task.ID", id],
    [".Task.Name", `${name}.${id}`],
    [".Task.Slot", slot === 0 ? node : String(slot)],
  ]);
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
