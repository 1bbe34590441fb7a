import type { Timestamp } from "../base/time.ts";
import type { NamedTable, Outcome, RequestId, StoreObject } from "../model/change.ts";
import type { Cluster } from "../model/cluster.ts";
import type { PublishedPort } from "../model/endpoint.ts";
import type { Network } from "../model/network.ts";
import type { Node } from "../model/node.ts";
import type { Config, Secret } from "../model/secret.ts";
import type { Service } from "../model/service.ts";
import type { SlotKey, Task } from "../model/task.ts";
import type { Volume } from "../model/volume.ts";
import type { NodeLoad } from "./node-load.ts";

/**
 * What may be read of the store, with the indexes that planners need. Lists come in no order that
 * a decision may depend on: sort them by id or slot first.
 */
export interface StoreView {
  /** Index of the last Raft entry applied. */
  readonly index: number;
  /** The time of the last entry applied: the cluster's clock. Never runs backwards. */
  readonly time: Timestamp;
  /** Null until the first leader has created it. */
  readonly cluster: Cluster | null;
  readonly nodes: ReadonlyMap<string, Node>;
  readonly services: ReadonlyMap<string, Service>;
  readonly tasks: ReadonlyMap<string, Task>;
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly configs: ReadonlyMap<string, Config>;
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly networks: ReadonlyMap<string, Network>;
  /** The one object of a table that has this name. */
  named<T extends NamedTable>(table: T, name: string): (StoreObject & { kind: T }) | undefined;
  /** The services that publish the port, on every node or on hosts; in no particular order. */
  publishersOf(port: PublishedPort): readonly Service[];
  tasksOfService(service: string): ReadonlyMap<string, Task>;
  tasksOfSlot(service: string, slot: SlotKey): readonly Task[];
  tasksBySlot(service: string): ReadonlyMap<SlotKey, readonly Task[]>;
  tasksOnNode(node: string): ReadonlyMap<string, Task>;
  loadOf(node: string): NodeLoad;
  /** Nodes where tasks of this spec failed too often of late, and how often. */
  faultyNodes(service: string, specVersion: number): ReadonlyMap<string, number>;
  /** What was answered to the client's command `request`, if it is the last one applied for it. */
  answered(request: RequestId): Outcome | undefined;
}
