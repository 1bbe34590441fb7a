import type {
  ClientCommand,
  ClientReply,
  ClientRequest,
  Command,
  Consistency,
  Query,
  QueryResult,
  RaftReport,
} from "../../core/control/command.ts";
import type { StoreObject } from "../../core/model/change.ts";
import type { ListedNode } from "../../core/model/node.ts";
import { ownRoot } from "./certificate.ts";
import { flag, list, mapped, nullable, oneOf, text } from "./codec.ts";
import { tagged, union } from "./messages.ts";
import { listedNode, nodeRole, nodeSpec } from "./node.ts";
import { whole } from "./numbers.ts";
import { raftReport } from "./raft.ts";
import { remembered } from "./remembered.ts";
import { serviceSpec } from "./service.ts";
import { clusterSpec, fileSpec, objectCodecs, outcome, requestId, volumeSpec } from "./store.ts";
import { networkSpec } from "./task-spec.ts";

const byId = { id: text };
const version = { id: text, version: whole };

const command = union<Command>("Command", {
  "create-service": { spec: serviceSpec },
  "update-service": { ...version, spec: serviceSpec },
  "rollback-service": version,
  "remove-service": byId,
  "rebalance-service": byId,
  "update-node": { ...version, spec: nodeSpec },
  "remove-node": { id: text, force: flag },
  "create-secret": { spec: fileSpec },
  "update-secret": { ...version, spec: fileSpec },
  "remove-secret": byId,
  "create-config": { spec: fileSpec },
  "update-config": { ...version, spec: fileSpec },
  "remove-config": byId,
  "create-volume": { spec: volumeSpec },
  "update-volume": { ...version, spec: volumeSpec },
  "remove-volume": byId,
  "create-network": { spec: networkSpec },
  "remove-network": byId,
  "remove-task": byId,
  "update-cluster": { version: whole, spec: clusterSpec },
  "rotate-join-token": { role: nodeRole },
  "rotate-unlock-key": {},
  "rotate-root": { root: nullable(ownRoot) },
});

const query = union<Query>("Query", {
  "get-service": { name: text },
  "get-node": byId,
  "list-nodes": {},
  "list-services": {},
  "list-secrets": {},
  "list-configs": {},
  "list-volumes": {},
  "list-networks": {},
  "get-cluster": {},
  "get-unlock-key": {},
  "get-raft": {},
  "list-tasks": { service: nullable(text) },
});

export const clientCommand = tagged<ClientCommand>("command", "ClientCommand", {
  request: requestId,
  command,
});

export const clientRequest = union<ClientRequest>("ClientRequest", {
  command: clientCommand,
  query: {
    query,
    consistency: oneOf<Consistency>("Consistency", { linearizable: 1, stale: 2 }),
  },
});

type Queried = QueryResult[number];
type QueriedByKind =
  | StoreObject
  | RaftReport
  | { readonly kind: "listed-node"; readonly listed: ListedNode };

/** A node as it is stored and a node as it is listed are of one kind in the model. */
export const queryObject = mapped<QueriedByKind, Queried>(
  union<QueriedByKind>("QueryObject", {
    ...objectCodecs,
    "raft-report": raftReport,
    "listed-node": { listed: listedNode },
  }),
  (object) => ("managerStatus" in object ? { kind: "listed-node", listed: object } : object),
  (object) => (object.kind === "listed-node" ? object.listed : object),
);

export const clientReply = union<ClientReply>("ClientReply", {
  outcome: { outcome },
  result: { objects: list(remembered(queryObject)) },
  "try-again": { leader: nullable(text), reason: text },
});
