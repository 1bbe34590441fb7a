import type { Timestamp } from "../../core/base/time.ts";
import type { StoreObject } from "../../core/model/change.ts";
import type { Node } from "../../core/model/node.ts";
import type { Service } from "../../core/model/service.ts";
import type { WatchEvent } from "../wire/services.ts";
import { type Filters, hasLabel } from "./filters.ts";

/** An event of the swarm, as Docker's API has it. */
export interface DockerEvent {
  readonly Type: "config" | "network" | "node" | "secret" | "service";
  readonly Action: "create" | "remove" | "update";
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  readonly scope: "swarm";
  readonly at: Timestamp;
}

/** Null: Docker has no events of such objects. `now` is the moment of a removal. */
export function dockerEvent({ previous, current }: WatchEvent, now: Timestamp): DockerEvent | null {
  const object = (current ?? previous) as StoreObject;
  const { kind } = object;
  if (kind === "task" || kind === "cluster" || kind === "volume") return null;
  const Action = previous === null ? "create" : current === null ? "remove" : "update";
  const at = Action === "remove" ? now : object.meta.updatedAt;
  const changes = previous === null || current === null ? {} : changesOf(previous, current);
  return {
    Type: kind,
    Action,
    Actor: { ID: object.id, Attributes: { ...changes, name: nameOf(object) } },
    scope: "swarm",
    at,
  };
}

/** As a line of JSON. Nanoseconds are more than a number here has: they are written by hand. */
export function eventLine({ at, ...event }: DockerEvent): string {
  const line = JSON.stringify({ ...event, time: Math.floor(at / 1_000_000) });
  return `${line.slice(0, -1)},"timeNano":${at}000}\n`;
}

/** True when every filter holds; ids and names need only begin so (moby `events.Filter`). */
export function isIncluded(event: DockerEvent, filters: Filters): boolean {
  return [...filters].every(([name, values]) => {
    if (values.length === 0) return true;
    if (name === "label") return values.every((label) => hasLabel(attributesOf(event), label));
    return values.some((value) => holds(event, name, value));
  });
}

function holds({ Type, Action, Actor, scope }: DockerEvent, name: string, value: string): boolean {
  if (name === "type") return value === Type;
  if (name === "event") return value === Action;
  if (name === "scope") return value === scope;
  const isNamed = Actor.ID.startsWith(value) || Actor.Attributes.name?.startsWith(value) === true;
  return name === Type && isNamed;
}

function attributesOf({ Actor }: DockerEvent): ReadonlyMap<string, string> {
  return new Map(Object.entries(Actor.Attributes));
}

function nameOf(object: StoreObject): string {
  if (object.kind === "node") return object.description.hostname;
  return "spec" in object && "name" in object.spec ? object.spec.name : "";
}

/** What Docker tells of an update: those of the values that it watches which have changed. */
function changesOf(previous: StoreObject, current: StoreObject): Readonly<Record<string, string>> {
  const was = valuesOf(previous);
  const entries = Object.entries(valuesOf(current)).flatMap(([name, value]) => {
    const before = was[name];
    if (value === null || before === value) return [];
    const now = [`${name}.new`, value] as const;
    return before == null ? [now] : [[`${name}.old`, before] as const, now];
  });
  return Object.fromEntries(entries);
}

type Values = Readonly<Record<string, string | null>>;

function valuesOf(object: StoreObject): Values {
  if (object.kind === "node") return ofNode(object);
  return object.kind === "service" ? ofService(object) : {};
}

function ofNode({ spec, role, status }: Node): Values {
  return { availability: spec.availability, role, state: status.state };
}

function ofService({ spec, updateStatus }: Service): Values {
  return {
    image: spec.task.container.image,
    replicas: spec.mode.kind === "replicated" ? String(spec.mode.replicas) : null,
    updatestate: updateStatus?.state ?? null,
  };
}
