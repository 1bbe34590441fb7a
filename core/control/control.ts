import { unreachable } from "../base/assert.ts";
import { digestOf } from "../base/digest.ts";
import { newId } from "../base/id.ts";
import { sortedById } from "../base/order.ts";
import type { Random } from "../base/random.ts";
import type { Change, RequestId, Transaction } from "../model/change.ts";
import { unstored } from "../model/meta.ts";
import { type Rejection, rejection } from "../model/rejection.ts";
import type { Secret } from "../model/secret.ts";
import type { Service, ServiceSpec } from "../model/service.ts";
import type { StoreView } from "../store/view.ts";
import { rotateJoinToken, rotateRoot } from "./ca.ts";
import { updateCluster } from "./cluster.ts";
import type { Command, Query, QueryResult } from "./command.ts";
import { dependencyProblem, dependentsProblem } from "./dependencies.ts";
import { createFile, fileReferenceProblem, removeFile, updateFile } from "./files.ts";
import { portProblem } from "./ports.ts";
import { validateServiceSpec } from "./validate.ts";
import { createVolume, mountProblem, removeVolume, updateVolume } from "./volumes.ts";

/** Checks a command against what is stored: the changes that carry it out, or why not. */
export function decide(
  view: StoreView,
  command: Command,
  request: RequestId,
  random: Random,
): Transaction | Rejection {
  const decided = changesFor(view, command, random);
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
export function answer(view: StoreView, query: Query): QueryResult {
  switch (query.kind) {
    case "get-service":
      return present(view.serviceByName(query.name));
    case "get-node":
      return present(view.nodes.get(query.id));
    case "list-services":
      return sortedById(view.services.values());
    case "list-secrets":
      return sortedById(view.secrets.values()).map(withoutData);
    case "list-configs":
      return sortedById(view.configs.values());
    case "list-volumes":
      return sortedById(view.volumes.values());
    case "get-cluster":
      return present(view.cluster ?? undefined);
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

function changesFor(view: StoreView, command: Command, random: Random): Decided | Rejection {
  switch (command.kind) {
    case "create-service":
      return createService(view, command.spec, random);
    case "update-service":
      return updateService(view, command.id, command.version, command.spec);
    case "remove-service":
      return removeService(view, command.id);
    case "update-node":
      return updateNode(view, command);
    case "create-secret":
      return createFile(view, "secret", command.spec, random);
    case "update-secret":
      return updateFile(view, "secret", command.id, command.version, command.spec);
    case "remove-secret":
      return removeFile(view, "secret", command.id);
    case "create-config":
      return createFile(view, "config", command.spec, random);
    case "update-config":
      return updateFile(view, "config", command.id, command.version, command.spec);
    case "remove-config":
      return removeFile(view, "config", command.id);
    case "create-volume":
      return createVolume(view, command.spec, random);
    case "update-volume":
      return updateVolume(view, command.id, command.version, command.spec);
    case "remove-volume":
      return removeVolume(view, command.id);
    case "update-cluster":
      return updateCluster(view, command.version, command.spec);
    case "rotate-join-token":
      return rotateJoinToken(view, command.role, random);
    case "rotate-root":
      return rotateRoot(view, command.root);
    default:
      return unreachable(command);
  }
}

function createService(view: StoreView, spec: ServiceSpec, random: Random): Decided | Rejection {
  const invalid = validateServiceSpec(spec) ?? unmetNeed(view, null, spec);
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
    waitsFor: spec.dependsOn,
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
  const invalid =
    validateServiceSpec(spec) ?? immutable(service.spec, spec) ?? unmetNeed(view, id, spec);
  if (invalid !== null) return invalid;
  if (service.meta.version !== version) return outOfSequence();
  const taskChanged = digestOf(service.spec.task) !== digestOf(spec.task);
  const specVersion = service.specVersion + (taskChanged ? 1 : 0);
  return { id, changes: [{ kind: "update", object: { ...service, spec, specVersion } }] };
}

/** What the service needs of the cluster and can't have. */
function unmetNeed(view: StoreView, id: string | null, spec: ServiceSpec): Rejection | null {
  return (
    dependencyProblem(view, spec) ??
    fileReferenceProblem(view, spec) ??
    mountProblem(view, spec) ??
    portProblem(view, id, spec)
  );
}

/** Nobody but the tasks that name a secret is told what it is. */
function withoutData(secret: Secret): Secret {
  return { ...secret, spec: { ...secret.spec, data: "" } };
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
  const inUse = dependentsProblem(view, service.spec.name);
  if (inUse !== null) return inUse;
  return { id, changes: [{ kind: "remove", table: "service", id, version: service.meta.version }] };
}

function updateNode(
  view: StoreView,
  command: Command & { kind: "update-node" },
): Decided | Rejection {
  const node = view.nodes.get(command.id);
  if (node === undefined) return notFound("node", command.id);
  if (node.meta.version !== command.version) return outOfSequence();
  return { id: node.id, changes: [{ kind: "update", object: { ...node, spec: command.spec } }] };
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
