import type { Timestamp } from "../../core/base/time.ts";
import type {
  Actor,
  Change,
  Outcome,
  RequestId,
  StoreEntry,
  StoreObject,
  Table,
  Transaction,
} from "../../core/model/change.ts";
import {
  type Cluster,
  type ClusterSpec,
  type DrainConfig,
  defaultClusterSpec,
  type RemovedNode,
} from "../../core/model/cluster.ts";
import type { Network } from "../../core/model/network.ts";
import { defaultOverlaySettings, type OverlaySettings } from "../../core/model/overlay.ts";
import type { Config, FileSpec, Secret } from "../../core/model/secret.ts";
import type { Volume, VolumeSpec } from "../../core/model/volume.ts";
import type { ClientSession } from "../../core/store/client-sessions.ts";
import type { TaskFailure } from "../../core/store/failure-log.ts";
import type { StoreSnapshot } from "../../core/store/store.ts";
import { clusterCa, externalCa, managerLock } from "./certificate.ts";
import {
  added,
  type Codec,
  flag,
  list,
  mapped,
  nullable,
  oneOf,
  optional,
  text,
  texts,
  WireError,
} from "./codec.ts";
import { record, tagged, union } from "./messages.ts";
import { labels, meta, rejection } from "./meta.ts";
import { node } from "./node.ts";
import { duration, integer, timestamp, whole } from "./numbers.ts";
import { measured } from "./remembered.ts";
import { service } from "./service.ts";
import { task } from "./task.ts";
import { logDriver, networkSpec, overlay, strategy } from "./task-spec.ts";

const drain = record<DrainConfig>("DrainConfig", {
  order: oneOf<DrainConfig["order"]>("DrainOrder", { "start-first": 1, "stop-first": 2 }),
  patience: duration,
});

export const clusterSpec = record<ClusterSpec>("ClusterSpec", {
  labels,
  logDriver: nullable(logDriver),
  taskHistoryRetentionLimit: integer,
  heartbeatPeriod: duration,
  heartbeatGrace: whole,
  nodeDownPeriod: duration,
  snapshotInterval: whole,
  logEntriesForSlowFollowers: whole,
  nodeCertExpiry: duration,
  externalCas: list(externalCa),
  autoLockManagers: flag,
  engineTimeout: added(duration, defaultClusterSpec.engineTimeout),
  strategy,
  preemption: flag,
  drain,
  rebalancePerMinute: whole,
});

export const overlaySettings = record<OverlaySettings>("OverlaySettings", {
  defaultAddressPool: texts,
  subnetSize: whole,
  dataPathPort: whole,
});

const removedNode = record<RemovedNode>("RemovedNode", { id: text, until: timestamp });

/** There is one only, whose id is always the same. */
const clusterId: Codec<"cluster"> = mapped(
  text,
  (id) => id,
  (id) => {
    if (id !== "cluster") throw new WireError(`is '${id}': the cluster's id is 'cluster'`);
    return id;
  },
);

const cluster = tagged<Cluster>("cluster", "Cluster", {
  id: clusterId,
  meta,
  spec: clusterSpec,
  overlays: added(overlaySettings, defaultOverlaySettings),
  incarnation: whole,
  level: whole,
  founders: texts,
  removedNodes: list(removedNode),
  slowBeatsUntil: added(timestamp, 0 as Timestamp),
  ca: nullable(clusterCa),
  lock: managerLock,
});

export const fileSpec = record<FileSpec>("FileSpec", {
  name: text,
  labels,
  data: text,
  templating: optional(oneOf<"golang">("Templating", { golang: 1 })),
});

export const secret = tagged<Secret>("secret", "Secret", { id: text, meta, spec: fileSpec });

export const config = tagged<Config>("config", "Config", { id: text, meta, spec: fileSpec });

export const volumeSpec = record<VolumeSpec>("VolumeSpec", {
  name: text,
  labels,
  driver: text,
  availability: oneOf<VolumeSpec["availability"]>("VolumeAvailability", {
    active: 1,
    pause: 2,
    drain: 3,
  }),
});

const volume = tagged<Volume>("volume", "Volume", {
  id: text,
  meta,
  spec: volumeSpec,
  nodeId: nullable(text),
});

const network = tagged<Network>("network", "Network", {
  id: text,
  meta,
  spec: networkSpec,
  overlay: nullable(overlay),
});

export const objectCodecs = { cluster, config, network, node, secret, service, task, volume };

export const storeObject = union<StoreObject>("StoreObject", objectCodecs);

const tableNumbers: Readonly<Record<Table, number>> = {
  cluster: 1,
  config: 2,
  node: 3,
  secret: 4,
  service: 5,
  task: 6,
  volume: 7,
  network: 8,
};

export const tableNames = Object.keys(tableNumbers) as readonly Table[];

export const tableName = oneOf<Table>("Table", tableNumbers);

const change = union<Change>("Change", {
  create: { object: storeObject },
  update: { object: storeObject },
  remove: { table: tableName, id: text, version: whole },
});

const actor = oneOf<Actor>("Actor", {
  orchestrator: 1,
  allocator: 2,
  scheduler: 3,
  agent: 4,
  dispatcher: 5,
  enforcer: 6,
  control: 7,
  reaper: 8,
  "role-manager": 9,
  updater: 10,
  ca: 11,
});

export const requestId = record<RequestId>("RequestId", { client: text, sequence: whole });

export const transaction = measured(
  record<Transaction>("Transaction", {
    actor,
    changes: list(change),
    request: nullable(requestId),
    result: text,
    refusal: optional(rejection),
  }),
);

export const storeEntry = record<StoreEntry>("StoreEntry", {
  term: whole,
  time: timestamp,
  transactions: list(transaction),
});

export const outcome = union<Outcome>("Outcome", {
  done: { result: text },
  refused: { rejection },
});

const clientSession = record<ClientSession>("ClientSession", {
  client: text,
  sequence: whole,
  outcome,
});

const failure = record<TaskFailure>("Failure", {
  at: timestamp,
  nodeId: text,
  serviceId: text,
  specVersion: whole,
});

const storeFields = {
  index: whole,
  time: timestamp,
  objects: list(storeObject),
  sessions: list(clientSession),
  failures: list(failure),
};

export const storeSnapshot = record<StoreSnapshot>("StoreSnapshot", storeFields);

/** Some of its fields; what is not there is none, and 0. */
export const partOfStore = record<StoreSnapshot>("StoreSnapshot", {
  ...storeFields,
  time: added(timestamp, 0 as Timestamp),
});
