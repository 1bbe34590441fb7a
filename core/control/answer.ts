import { unreachable } from "../base/assert.ts";
import { sortedById } from "../base/order.ts";
import type { StoreObject } from "../model/change.ts";
import { nodeOfMember } from "../model/standing.ts";
import type { Task } from "../model/task.ts";
import type { MemberId } from "../raft/message.ts";
import type { Raft } from "../raft/raft.ts";
import type { RaftView } from "../raft/reach.ts";
import type { StoreView } from "../store/view.ts";
import { withoutKeys } from "./ca.ts";
import { withoutLock } from "./cluster.ts";
import type { Query, QueryResult, RaftReport } from "./command.ts";
import { listNodes } from "./nodes.ts";

/** The manager that is asked. */
export interface Asked {
  readonly raft: RaftView & Pick<Raft, "status">;
  /** It leads and has caught up. */
  readonly isManaging: boolean;
  /** Of a follower: whom its leader hears, itself among them; empty: it has not told. */
  readonly heard: readonly MemberId[];
}

/** Reads what was asked for, from what this manager has applied. */
export function answer(view: StoreView, query: Query, asked: Asked): QueryResult {
  switch (query.kind) {
    case "get-service":
      return present(view.named("service", query.name));
    case "get-node":
      return present(view.nodes.get(query.id));
    case "list-nodes":
      return listNodes(view, asked);
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

function raftReport({ raft, isManaging }: Asked): RaftReport {
  const [status, progress] = [raft.status(), raft.progress()];
  return { kind: "raft-report", id: nodeOfMember(raft.id), isManaging, status, progress };
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
