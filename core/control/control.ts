import { unreachable } from "../base/assert.ts";
import { digestOf } from "../base/digest.ts";
import { newId } from "../base/id.ts";
import { sortedById } from "../base/order.ts";
import type { Random } from "../base/random.ts";
import type { Change, RequestId, Transaction } from "../model/change.ts";
import { unstored } from "../model/meta.ts";
import { type Rejection, rejection } from "../model/rejection.ts";
import type { Service, ServiceSpec } from "../model/service.ts";
import type { RaftView } from "../raft/reach.ts";
import type { StoreView } from "../store/view.ts";
import type { Command, Query, QueryResult } from "./command.ts";
import { listNodes, removeNode, roleRefusal } from "./nodes.ts";
import { validateServiceSpec } from "./validate.ts";

/** Checks a command against what is stored: the changes that carry it out, or why not. */
export function decide(
  view: StoreView,
  command: Command,
  request: RequestId,
  random: Random,
  raft: RaftView,
): Transaction | Rejection {
  const decided = changesFor(view, command, random, raft);
  if ("code" in decided) return decided;
  return { actor: "control", changes: decided.changes, request, result: decided.id };
}

/**
 * A refusal as something to commit. It tells of the state that it was decided against, so it is
 * answered only once a quorum has agreed that this was the newest; and it holds for every retry.
 */
export function refused(request: RequestId, refusal: Rejection): Transaction {
  return { actor: "control", changes: [], request, result: "", refusal };
}

/** True for the half of `decide`'s answers that says no. */
export function isRejection(decided: Transaction | Rejection): decided is Rejection {
  return "code" in decided;
}

/** Reads what was asked for, from what this manager has applied. */
export function answer(view: StoreView, query: Query, raft: RaftView): QueryResult {
  switch (query.kind) {
    case "get-service":
      return present(view.serviceByName(query.name));
    case "get-node":
      return present(view.nodes.get(query.id));
    case "list-nodes":
      return listNodes(view, raft);
    case "list-services":
      return sortedById(view.services.values());
    case "list-tasks":
      return sortedById(view.tasksOfService(query.service).values());
    default:
      return unreachable(query);
  }
}

interface Decided {
  /** Of the object that the command is about. */
  readonly id: string;
  readonly changes: readonly Change[];
}

function changesFor(
  view: StoreView,
  command: Command,
  random: Random,
  raft: RaftView,
): Decided | Rejection {
  switch (command.kind) {
    case "create-service":
      return createService(view, command.spec, random);
    case "update-service":
      return updateService(view, command.id, command.version, command.spec);
    case "remove-service":
      return removeService(view, command.id);
    case "update-node":
      return updateNode(view, command, raft);
    case "remove-node":
      return removed(view, command, raft);
    default:
      return unreachable(command);
  }
}

function createService(view: StoreView, spec: ServiceSpec, random: Random): Decided | Rejection {
  const invalid = validateServiceSpec(spec);
  if (invalid !== null) return invalid;
  if (view.serviceByName(spec.name) !== undefined) {
    return rejection("AlreadyExists", `service ${spec.name} already exists`);
  }
  const id = newId(random);
  const object: Service = {
    kind: "service",
    id,
    meta: unstored,
    spec,
    specVersion: 1,
    previousSpec: null,
    updateStatus: null,
    ports: [],
    job: null,
  };
  return { id, changes: [{ kind: "create", object }] };
}

function updateService(
  view: StoreView,
  id: string,
  version: number,
  spec: ServiceSpec,
): Decided | Rejection {
  const service = view.services.get(id);
  if (service === undefined) return notFound("service", id);
  const invalid = validateServiceSpec(spec) ?? immutable(service.spec, spec);
  if (invalid !== null) return invalid;
  if (service.meta.version !== version) return outOfSequence();
  const taskChanged = digestOf(service.spec.task) !== digestOf(spec.task);
  const specVersion = service.specVersion + (taskChanged ? 1 : 0);
  return { id, changes: [{ kind: "update", object: { ...service, spec, specVersion } }] };
}

function immutable(before: ServiceSpec, after: ServiceSpec): Rejection | null {
  if (before.name !== after.name) {
    return rejection("Unimplemented", "renaming services is not supported");
  }
  if (before.mode.kind !== after.mode.kind) {
    return rejection("Unimplemented", "service mode change is not allowed");
  }
  return null;
}

/** The service goes at once; the orchestrator then stops and forgets its tasks. */
function removeService(view: StoreView, id: string): Decided | Rejection {
  const service = view.services.get(id);
  if (service === undefined) return notFound("service", id);
  return { id, changes: [{ kind: "remove", table: "service", id, version: service.meta.version }] };
}

function updateNode(
  view: StoreView,
  command: Command & { kind: "update-node" },
  raft: RaftView,
): Decided | Rejection {
  const node = view.nodes.get(command.id);
  if (node === undefined) return notFound("node", command.id);
  if (node.meta.version !== command.version) return outOfSequence();
  const refusal = roleRefusal(view, node, command.spec, raft);
  if (refusal !== null) return refusal;
  return { id: node.id, changes: [{ kind: "update", object: { ...node, spec: command.spec } }] };
}

function removed(
  view: StoreView,
  { id, force }: Command & { kind: "remove-node" },
  raft: RaftView,
): Decided | Rejection {
  const node = view.nodes.get(id);
  if (node === undefined) return notFound("node", id);
  const changes = removeNode(view, node, force, raft);
  return "code" in changes ? changes : { id, changes };
}

function notFound(table: string, id: string): Rejection {
  return rejection("NotFound", `${table} ${id} not found`);
}

function outOfSequence(): Rejection {
  return rejection("FailedPrecondition", "update out of sequence");
}

function present<T>(object: T | undefined): readonly T[] {
  return object === undefined ? [] : [object];
}
