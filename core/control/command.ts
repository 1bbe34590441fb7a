import type { Outcome, RequestId, StoreObject } from "../model/change.ts";
import type { Cluster, ClusterSpec } from "../model/cluster.ts";
import type { Network, NetworkSpec } from "../model/network.ts";
import type { ListedNode, Node, NodeRole, NodeSpec } from "../model/node.ts";
import type { Config, FileSpec, Secret } from "../model/secret.ts";
import type { Service, ServiceSpec } from "../model/service.ts";
import type { Task } from "../model/task.ts";
import type { Volume, VolumeSpec } from "../model/volume.ts";
import type { RaftStatus } from "../raft/contract.ts";
import type { FollowerProgress } from "../raft/progress.ts";
import type { OwnRoot } from "./ca.ts";

/** What a user may ask for. Names follow SwarmKit's control API. */
export type Command =
  | Create<"service", ServiceSpec>
  | Update<"service", ServiceSpec>
  /** Swaps the spec and the previous one; `version` as for `update-service`. */
  | { readonly kind: "rollback-service"; readonly id: string; readonly version: number }
  /** Moves its tasks to nodes with less to do, whatever `rebalancePerMinute` is. */
  | { readonly kind: "rebalance-service"; readonly id: string }
  | Remove<"service">
  /** Stops it, if it has not ended, and forgets it; its service goes on to want what it wants. */
  | Remove<"task">
  | Update<"node", NodeSpec>
  /** With `force` also a node that is ready, whose tasks may still run. */
  | (Remove<"node"> & { readonly force: boolean })
  | Create<"secret", FileSpec>
  | Update<"secret", FileSpec>
  | Remove<"secret">
  | Create<"config", FileSpec>
  | Update<"config", FileSpec>
  | Remove<"config">
  | Create<"volume", VolumeSpec>
  | Update<"volume", VolumeSpec>
  | Remove<"volume">
  | Create<"network", NetworkSpec>
  | Remove<"network">
  | { readonly kind: "rotate-join-token"; readonly role: NodeRole }
  | { readonly kind: "rotate-unlock-key" }
  /** Null: by a root that the leader makes. */
  | { readonly kind: "rotate-root"; readonly root: OwnRoot | null }
  | { readonly kind: "update-cluster"; readonly version: number; readonly spec: ClusterSpec };

interface Create<Kind extends string, Spec> {
  readonly kind: `create-${Kind}`;
  readonly spec: Spec;
}

/** `version` is the `meta.version` that the user read. */
interface Update<Kind extends string, Spec> {
  readonly kind: `update-${Kind}`;
  readonly id: string;
  readonly version: number;
  readonly spec: Spec;
}

interface Remove<Kind extends string> {
  readonly kind: `remove-${Kind}`;
  readonly id: string;
}

/** What a user may look at. */
export type Query =
  | { readonly kind: "get-service"; readonly name: string }
  | { readonly kind: "get-node"; readonly id: string }
  /** Each with what this manager, or the leader that it asks, knows of it as a manager. */
  | { readonly kind: "list-nodes" }
  | { readonly kind: "list-services" }
  /** Without their data, which is for tasks only. */
  | { readonly kind: "list-secrets" }
  | { readonly kind: "list-configs" }
  | { readonly kind: "list-volumes" }
  /** Those that were created; the predefined ones are not listed. */
  | { readonly kind: "list-networks" }
  /** Without the keys of its roots and of its managers. */
  | { readonly kind: "get-cluster" }
  /** The cluster with `lock.key`. */
  | { readonly kind: "get-unlock-key" }
  /** What the manager that is asked says of its own part in Raft: at once, whatever is wanted. */
  | { readonly kind: "get-raft" }
  /** By the service's id; null: those of all services. */
  | { readonly kind: "list-tasks"; readonly service: string | null };

/**
 * What a read may miss. `linearizable` sees every command that was answered before the read was
 * asked, and fails while no quorum of managers can be heard. `stale` is what the manager asked has
 * applied: always answered at once, and perhaps long overtaken.
 */
export type Consistency = "linearizable" | "stale";

/** A command that can be told apart from its own retry. */
export interface ClientCommand {
  readonly kind: "command";
  readonly request: RequestId;
  readonly command: Command;
}

export interface ClientQuery {
  readonly kind: "query";
  readonly query: Query;
  readonly consistency: Consistency;
}

/** What reaches a manager from a client. */
export type ClientRequest = ClientCommand | ClientQuery;

/** One manager's part in Raft, as it sees itself. */
export interface RaftReport {
  readonly kind: "raft-report";
  /** Of the node whose it is. */
  readonly id: string;
  /** It leads and has caught up: its planners and its dispatcher run. */
  readonly isManaging: boolean;
  readonly status: RaftStatus;
  /** A leader's view of the others; empty for anyone else. */
  readonly progress: readonly FollowerProgress[];
}

export type QueryResult = readonly (ListedNode | StoreObject | RaftReport)[];

/** What each query asks for. */
interface Asked {
  readonly "get-service": Service;
  readonly "get-node": Node;
  readonly "list-nodes": ListedNode;
  readonly "list-services": Service;
  readonly "list-secrets": Secret;
  readonly "list-configs": Config;
  readonly "list-volumes": Volume;
  readonly "list-networks": Network;
  readonly "get-cluster": Cluster;
  readonly "get-unlock-key": Cluster;
  readonly "get-raft": RaftReport;
  readonly "list-tasks": Task;
}

/** What `answer` gives to such a query: sorted by id; to `get-...` one object, or none. */
export type ResultOf<Kind extends Query["kind"]> = readonly Asked[Kind][];

export type ClientReply =
  | { readonly kind: "outcome"; readonly outcome: Outcome }
  | { readonly kind: "result"; readonly objects: QueryResult }
  /** Nothing is known: ask again, best at `leader`. The command may still take effect. */
  | { readonly kind: "try-again"; readonly leader: string | null; readonly reason: string };
