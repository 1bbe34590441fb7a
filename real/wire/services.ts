import type { StoreObject, Table } from "../../core/model/change.ts";
import type { ExternalCa } from "../../core/model/external-ca.ts";
import type { NodeMessage } from "../../core/node/message.ts";
import { externalCa } from "./certificate.ts";
import { bytes, flag, list, nullable, text } from "./codec.ts";
import { record, table, union } from "./messages.ts";
import { nodeMessage } from "./node-message.ts";
import { whole } from "./numbers.ts";
import { storeObject, tableName } from "./store.ts";

/** What goes over the stream between two nodes. */
export type PeerFrame =
  | {
      readonly kind: "hello";
      readonly nodeId: string;
      /** Host and port. */
      readonly address: string;
      /** PEM; empty when the node has no certificate. */
      readonly chain: string;
      /** Of the process, drawn at its start; empty from versions before. */
      readonly instance: string;
      /** Large frames may come to it in parts; false from versions before. */
      readonly takesParts: boolean;
    }
  | { readonly kind: "words"; readonly message: NodeMessage }
  | { readonly kind: "addresses"; readonly managers: ReadonlyMap<string, string> }
  | { readonly kind: "renewed" }
  | { readonly kind: "refused"; readonly reason: string }
  | ({ readonly kind: "part" } & FramePart);

/** Of a frame that others get by. */
export interface FramePart {
  /** Of the whole frame, in bytes; `offset + data.length <= size`. */
  readonly size: number;
  readonly offset: number;
  readonly data: Uint8Array;
}

export const peerFrame = union<PeerFrame>("PeerFrame", {
  hello: { nodeId: text, address: text, chain: text, instance: text, takesParts: flag },
  words: { message: nodeMessage },
  addresses: { managers: table("PeerAddress", text) },
  renewed: {},
  refused: { reason: text },
  part: { size: whole, offset: whole, data: bytes },
});

export interface WatchRequest {
  /** Empty: all of them. */
  readonly tables: readonly Table[];
}

export const watchRequest = record<WatchRequest>("WatchRequest", { tables: list(tableName) });

/** One change of one object, as a manager's store has taken it. */
export interface WatchEvent {
  readonly index: number;
  /** Null: the object is new. */
  readonly previous: StoreObject | null;
  /** Null: the object was removed. */
  readonly current: StoreObject | null;
}

export const watchEvent = record<WatchEvent>("WatchEvent", {
  index: whole,
  previous: nullable(storeObject),
  current: nullable(storeObject),
});

export interface UnlockRequest {
  /** `SWMKEY-1-...` */
  readonly unlockKey: string;
}

export const unlockRequest = record<UnlockRequest>("UnlockRequest", { unlockKey: text });

/** A message that says nothing. */
export type Nothing = Readonly<Record<never, never>>;

export const unlockReply = record<Nothing>("UnlockReply", {});

/** What founds a cluster: see `services.proto`. Empty texts leave it to the node. */
export interface LocalInit {
  readonly listen: string;
  readonly advertise: string;
  readonly availability: string;
  readonly autolock: boolean;
  readonly forceNewCluster: boolean;
  readonly externalCas: readonly ExternalCa[];
}

export const initRequest = record<LocalInit>("InitRequest", {
  listen: text,
  advertise: text,
  availability: text,
  autolock: flag,
  forceNewCluster: flag,
  externalCas: list(externalCa),
});

export interface InitReply {
  readonly nodeId: string;
}

export const initReply = record<InitReply>("InitReply", { nodeId: text });

export interface LocalJoin {
  readonly listen: string;
  readonly advertise: string;
  readonly availability: string;
  /** Host and port of a manager. */
  readonly remote: string;
  readonly token: string;
}

export const joinRequest = record<LocalJoin>("JoinRequest", {
  listen: text,
  advertise: text,
  availability: text,
  remote: text,
  token: text,
});

export const joinReply = record<Nothing>("JoinReply", {});

export interface LocalLeave {
  /** A manager too. */
  readonly force: boolean;
}

export const leaveRequest = record<LocalLeave>("LeaveRequest", { force: flag });

export const leaveReply = record<Nothing>("LeaveReply", {});

export const infoRequest = record<Nothing>("InfoRequest", {});

export interface NodeInfo {
  readonly nodeId: string;
  /** Where others reach the node: host and port. */
  readonly address: string;
}

export const nodeInfo = record<NodeInfo>("InfoReply", { nodeId: text, address: text });

export const backupRequest = record<Nothing>("BackupRequest", {});

export interface BackupChunk {
  readonly data: Uint8Array;
}

export const backupChunk = record<BackupChunk>("BackupChunk", { data: bytes });
