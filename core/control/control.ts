import { unreachable } from "../base/assert.ts";
import { newId } from "../base/id.ts";
import { sortedById } from "../base/order.ts";
import { noBug, type Planted } from "../base/planted.ts";
import type { Random } from "../base/random.ts";
import type { Chance } from "../base/secrets.ts";
import type { Timestamp } from "../base/time.ts";
import type { RequestId, StoreObject, Transaction } from "../model/change.ts";
import { changedNode } from "../model/changed.ts";
import { levelOf } from "../model/level.ts";
import { unstored } from "../model/meta.ts";
import { type Rejection, rejection } from "../model/rejection.ts";
import { isJob, type Service, type ServiceSpec } from "../model/service.ts";
import { nodeOfMember } from "../model/standing.ts";
import type { Task } from "../model/task.ts";
import type { Raft } from "../raft/raft.ts";
import type { RaftView } from "../raft/reach.ts";
import type { StoreView } from "../store/view.ts";
import { rotateJoinToken, rotateRoot, withoutKeys } from "./ca.ts";
import { rotateUnlockKey, updateCluster, withoutLock } from "./cluster.ts";
import type { Command, Query, QueryResult, RaftReport } from "./command.ts";
import { type Decided, notFound, outOfSequence } from "./decided.ts";
import { dependentsProblem } from "./dependencies.ts";
import { createFile, removeFile, updateFile } from "./files.ts";
import { unmetNeed } from "./needs.ts";
import { createNetwork, removeNetwork, withNetworkIds } from "./networks.ts";
import { listNodes, removeNode, roleRefusal } from "./nodes.ts";
import { rebalanceService } from "./rebalance-service.ts";
import { removeTask } from "./tasks.ts";
import { rollbackService, updateService } from "./update-service.ts";
import { validateServiceSpec } from "./validate.ts";
import { createVolume, removeVolume, updateVolume } from "./volumes.ts";

/** Checks a command against what is stored: the changes that carry it out, or why not. */
export function decide(
  view: StoreView,
  command: Command,
  request: RequestId,
  chance: Chance,
  now: Timestamp,
  raft: RaftView,
  planted: Planted = noBug,
): Transaction | Rejection {
  const decided = changesFor(view, command, chance, now, raft, planted);
  if ("code" in decided) return decided;
  const tooNew = problemOfLevel(view, decided);
  if (tooNew !== null) return tooNew;
  return { actor: "control", changes: decided.changes, request, result: decided.id };
}

/** While a cluster is upgraded, what its older nodes can't read is not to be had. */
function problemOfLevel({ cluster }: StoreView, { changes }: Decided): Rejection | null {
  const level = cluster?.level ?? 1;
  const isRead = changes.every(
    (change) => change.kind === "remove" || levelOf(change.object) <= level,
  );
  if (isRead) return null;
  const words = "a node of the cluster is too old for what is asked: upgrade or remove it";
  return rejection("FailedPrecondition", words);
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

/** The manager that is asked. */
export interface Asked {
  readonly raft: RaftView & Pick<Raft, "status">;
  /** It leads and has caught up. */
  readonly isManaging: boolean;
}

/** Reads what was asked for, from what this manager has applied. */
export function answer(view: StoreView, query: Query, asked: Asked): QueryResult {
  switch (query.kind) {
    case "get-service":
      return present(view.serviceByName(query.name));
    case "get-node":
      return present(view.nodes.get(query.id));
    case "list-nodes":
      return listNodes(view, asked.raft);
    case "list-services":
      return sortedById(view.services.values());
    case "list-secrets":
      return sortedById(view.secrets.values()).map(withoutSecrets);
    case "list-configs":
      return sortedById(view.configs.values());
    case "list-volumes":
      return sortedById(view.volumes.values());
    case "list-networks":
      return sortedById(view.networks.values());
    case "get-cluster":
      return view.cluster === null ? [] : [withoutSecrets(view.cluster)];
    case "get-unlock-key":
      return present(view.cluster ?? undefined).map(withoutKeys);
    case "get-raft":
      return [raftReport(asked)];
    case "list-tasks":
      return sortedById(tasksOf(view, query.service).values());
    default:
      return unreachable(query);
  }
}

function changesFor(
  view: StoreView,
  command: Command,
  { random, secrets }: Chance,
  now: Timestamp,
  raft: RaftView,
  planted: Planted,
): Decided | Rejection {
  switch (command.kind) {
    case "create-service":
      return createService(view, command.spec, random, now);
    case "update-service":
      return updateService(view, command, now);
    case "rollback-service":
      return rollbackService(view, command.id, command.version, now);
    case "rebalance-service":
      return rebalanceService(view, command.id, now);
    case "remove-service":
      return removeService(view, command.id);
    case "remove-task":
      return removeTask(view, command.id);
    case "update-node":
      return updateNode(view, command, raft);
    case "remove-node":
      return removed(view, command, raft);
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
    case "create-network":
      return createNetwork(view, command.spec, random);
    case "remove-network":
      return removeNetwork(view, command.id, planted);
    case "update-cluster":
      return updateCluster(view, command.version, command.spec, { secrets, now });
    case "rotate-unlock-key":
      return rotateUnlockKey(view, secrets);
    case "rotate-join-token":
      return rotateJoinToken(view, command.role, secrets);
    case "rotate-root":
      return rotateRoot(view, command.root);
    default:
      return unreachable(command);
  }
}

function raftReport({ raft, isManaging }: Asked): RaftReport {
  const [status, progress] = [raft.status(), raft.progress()];
  return { kind: "raft-report", id: nodeOfMember(raft.id), isManaging, status, progress };
}

function createService(
  view: StoreView,
  given: ServiceSpec,
  random: Random,
  now: Timestamp,
): Decided | Rejection {
  const spec = withNetworkIds(view, given);
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
    job: isJob(spec) ? { iteration: 0, lastExecution: now } : null,
    rebalanceRequestedAt: null,
  };
  return { id, changes: [{ kind: "create", object }] };
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
  raft: RaftView,
): Decided | Rejection {
  const node = view.nodes.get(command.id);
  if (node === undefined) return notFound("node", command.id);
  if (node.meta.version !== command.version) return outOfSequence();
  const refusal = roleRefusal(view, node, command.spec, raft);
  if (refusal !== null) return refusal;
  return {
    id: node.id,
    changes: [{ kind: "update", object: changedNode(node, { spec: command.spec }) }],
  };
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

function present<T>(object: T | undefined): readonly T[] {
  return object === undefined ? [] : [object];
}

function tasksOf(view: StoreView, service: string | null): ReadonlyMap<string, Task> {
  return service === null ? view.tasks : view.tasksOfService(service);
}

/** Nobody but the tasks that name a secret is told what it is; the CA's keys stay with managers. */
export function withoutSecrets(object: StoreObject): StoreObject {
  if (object.kind === "cluster") return withoutLock(withoutKeys(object));
  return object.kind === "secret" ? { ...object, spec: { ...object.spec, data: "" } } : object;
}
