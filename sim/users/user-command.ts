import { unreachable } from "../../core/base/assert.ts";
import type { OwnRoot } from "../../core/control/ca.ts";
import type { Command, Query, QueryResult, ResultOf } from "../../core/control/command.ts";
import type { FileReference } from "../../core/model/container-spec.ts";
import type { NodeSpec } from "../../core/model/node.ts";
import type { Service, ServiceSpec } from "../../core/model/service.ts";
import type { SlotKey } from "../../core/model/task.ts";
import type { VolumeSpec } from "../../core/model/volume.ts";
import { outside, usersOwn } from "../ports/authorities.ts";
import type { Attempt, Command as ScenarioCommand } from "../scenario/command-words.ts";
import type { ServicePlan } from "../scenario/service-words.ts";
import { configured } from "../world/plan.ts";
import { networkSpec } from "./network-spec.ts";
import { changed, specOf } from "./service-spec.ts";

/** What a user wants done, in the words of scenarios; where they select nodes, one by its name. */
export type UserCommand = ScenarioCommand;

/** What is asked of a manager for it: one command, or one that follows from what is read before. */
export type Calls = { readonly command: Command } | Reading;

interface Reading {
  readonly query: Query;
  /** Null: what was to be changed is gone by now, and there is nothing to do. */
  readonly next: (objects: QueryResult) => Command | null;
}

/** The id of what users have created by that name; empty when there is none. */
export type IdOf = (table: "secret" | "config" | "network" | "volume", name: string) => string;

/** What must be asked so that it comes true. */
export function callsFor(wanted: UserCommand, idOf: IdOf): Calls {
  switch (wanted.do) {
    case "create":
      return atOnce({ kind: "create-service", spec: withIds(specOf(wanted.service), idOf) });
    case "scale":
      return toService(wanted.service, { replicas: wanted.replicas }, idOf);
    case "update":
      return toService(wanted.service, wanted.change, idOf);
    case "rollback":
      return ofService(wanted.service, ({ id, meta: { version } }) => {
        return { kind: "rollback-service", id, version };
      });
    case "rebalance":
      return ofService(wanted.service, ({ id }) => ({ kind: "rebalance-service", id }));
    case "remove":
      return ofService(wanted.service, ({ id }) => ({ kind: "remove-service", id }));
    case "remove-task":
      return taskRemoval(wanted.service, wanted.slot, wanted.attempt);
    case "remove-task-on":
      return taskRemoval(wanted.service, wanted.nodes, wanted.attempt);
    case "create-file": {
      const data = Buffer.from(wanted.data, "utf8").toString("base64");
      const spec = { name: wanted.name, labels: new Map(), data };
      return atOnce({ kind: `create-${wanted.table}`, spec });
    }
    case "remove-file":
      return atOnce({ kind: `remove-${wanted.table}`, id: idOf(wanted.table, wanted.name) });
    case "label-file":
      return labelling(wanted);
    case "create-volume": {
      const { name } = wanted;
      const spec = { name, labels: new Map(), driver: "local", availability: "active" } as const;
      return atOnce({ kind: "create-volume", spec });
    }
    case "remove-volume":
      return atOnce({ kind: "remove-volume", id: idOf("volume", wanted.name) });
    case "volume-availability":
      return toVolume(wanted.name, { availability: wanted.availability });
    case "label-volume":
      return toVolume(wanted.name, { labels: new Map(Object.entries(wanted.labels)) });
    case "create-network":
      return atOnce({ kind: "create-network", spec: networkSpec(wanted.name, wanted) });
    case "remove-network":
      return atOnce({ kind: "remove-network", id: idOf("network", wanted.name) });
    default:
      return aboutCluster(wanted);
  }
}

type OfCluster = "rotate-root" | "rotate-unlock-key" | "rotate-join-token" | "configure";
type OfNode = "availability" | "label" | "role" | "remove-node";

function aboutCluster(wanted: Extract<UserCommand, { do: OfCluster | OfNode }>): Calls {
  switch (wanted.do) {
    case "rotate-root":
      return atOnce({ kind: "rotate-root", root: rootOf(wanted.to) });
    case "rotate-unlock-key":
      return atOnce({ kind: "rotate-unlock-key" });
    case "rotate-join-token":
      return atOnce({ kind: "rotate-join-token", role: wanted.role });
    case "configure":
      return reading({ kind: "get-cluster" }, ([cluster]) => {
        if (cluster === undefined) return null;
        const spec = configured(cluster.spec, wanted.change);
        return { kind: "update-cluster", version: cluster.meta.version, spec };
      });
    case "availability":
      return toNode(wanted.nodes, { availability: wanted.availability });
    case "label":
      return toNode(wanted.nodes, { labels: new Map(Object.entries(wanted.labels)) });
    case "role":
      return toNode(wanted.nodes, { desiredRole: wanted.role });
    case "remove-node":
      return reading({ kind: "get-node", id: wanted.nodes }, ([node]) => {
        return node === undefined
          ? null
          : { kind: "remove-node", id: node.id, force: wanted.force };
      });
    default:
      return unreachable(wanted);
  }
}

function atOnce(command: Command): Calls {
  return { command };
}

function reading<Kind extends Query["kind"]>(
  query: Query & { readonly kind: Kind },
  next: (objects: ResultOf<Kind>) => Command | null,
): Calls {
  return { query, next: next as Reading["next"] };
}

function ofService(name: string, next: (service: Service) => Command): Calls {
  return reading({ kind: "get-service", name }, ([service]) =>
    service === undefined ? null : next(service),
  );
}

function toService(name: string, change: Partial<ServicePlan>, idOf: IdOf): Calls {
  return ofService(name, ({ id, meta: { version }, spec }) => {
    return { kind: "update-service", id, version, spec: withIds(changed(spec, change), idOf) };
  });
}

function toNode(id: string, change: Partial<NodeSpec>): Calls {
  return reading({ kind: "get-node", id }, ([node]) => {
    if (node === undefined) return null;
    const { version } = node.meta;
    return { kind: "update-node", id, version, spec: { ...node.spec, ...change } };
  });
}

function toVolume(name: string, change: Partial<VolumeSpec>): Calls {
  return reading({ kind: "list-volumes" }, (volumes) => {
    const found = volumes.find(({ spec }) => spec.name === name);
    if (found === undefined) return null;
    const { id, meta } = found;
    const spec = { ...found.spec, ...change };
    return { kind: "update-volume", id, version: meta.version, spec };
  });
}

/** `place` is a slot, or a node. The names of tasks begin with that of their service. */
function taskRemoval(service: string, place: SlotKey, attempt: Attempt): Calls {
  return reading({ kind: "list-tasks", service: null }, (all) => {
    const tasks = all
      .filter(({ name }) => name.startsWith(`${service}.`))
      .filter(({ slot, nodeId }) => slot === place || nodeId === place)
      .sort((left, right) => left.meta.createdAt - right.meta.createdAt);
    const meant = tasks.at(attempt === "newest" ? -1 : 0);
    return meant === undefined ? null : { kind: "remove-task", id: meant.id };
  });
}

function labelling({ table, name, labels }: Extract<UserCommand, { do: "label-file" }>): Calls {
  return reading({ kind: table === "secret" ? "list-secrets" : "list-configs" }, (files) => {
    const found = files.find(({ spec }) => spec.name === name);
    if (found === undefined) return null;
    const spec = { ...found.spec, labels: new Map(Object.entries(labels)) };
    return { kind: `update-${table}`, id: found.id, version: found.meta.version, spec };
  });
}

/** Null: one that the leader makes. */
function rootOf(to: "outside" | "own" | undefined): OwnRoot | null {
  if (to === undefined) return null;
  return to === "own" ? usersOwn : outside;
}

/** A service names its files by their ids, which people don't know. */
function withIds(spec: ServiceSpec, idOf: IdOf): ServiceSpec {
  const { container } = spec.task;
  if (container.secrets.length + container.configs.length === 0) return spec;
  const found = (table: "secret" | "config") => (reference: FileReference) => ({
    ...reference,
    id: idOf(table, reference.name),
  });
  const secrets = container.secrets.map(found("secret"));
  const configs = container.configs.map(found("config"));
  return { ...spec, task: { ...spec.task, container: { ...container, secrets, configs } } };
}
