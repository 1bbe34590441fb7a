import type { Timestamp } from "../base/time.ts";
import type { Meta } from "./meta.ts";
import type { GenericResource, Resources } from "./resources.ts";

/** A machine of the cluster. Field names follow SwarmKit's `Node`. */
export interface Node {
  readonly kind: "node";
  readonly id: string;
  readonly meta: Meta;
  readonly spec: NodeSpec;
  /** What the node says of itself when it registers. */
  readonly description: NodeDescription;
  /** Written only by the dispatcher. */
  readonly status: NodeStatus;
  /** Since when the user wants `spec.availability` of it. Written only by the store. */
  readonly availableSince: Timestamp;
  /** What the node is; it follows `spec.desiredRole`. Written by the role manager. */
  readonly role: NodeRole;
  /** Raft's name for it while it is a manager; null on a worker. Written with `role`. */
  readonly raftId: string | null;
  /** Null until the CA has issued one for it. Written by the CA. */
  readonly certificate: NodeCertificate | null;
}

/** What the cluster knows of a node's certificates. */
export interface NodeCertificate {
  /** How many were issued for it: the serial of the newest. */
  readonly issued: number;
  /** When the last of those issued has expired, on the cluster's clock. */
  readonly goodUntil: Timestamp;
  /** The newest that the node has shown to the leader; null before its first session. */
  readonly proven: ProvenCertificate | null;
  /** The node is told to renew it now, because the root is rotated (SwarmKit `ROTATE`). */
  readonly mustRenew: boolean;
  /**
   * Those up to this serial are from before the node was demoted: they make it a manager no more.
   * 0: it never was. Written by the role manager.
   */
  readonly lastAsManager: number;
}

/** Of a node for which none was ever issued. */
export const noCertificate: NodeCertificate = {
  issued: 0,
  goodUntil: 0 as Timestamp,
  proven: null,
  mustRenew: false,
  lastAsManager: 0,
};

/** The parts of a certificate's claims that decisions need. */
export interface ProvenCertificate {
  readonly serial: number;
  /** Digest of the root; empty: it is in doubt until the node is heard of again (`rotateRoot`). */
  readonly issuer: string;
  readonly notAfter: Timestamp;
}

export type NodeRole = "manager" | "worker";

/** Active takes tasks, pause takes no new ones, drain gives up those it has. */
export type Availability = "active" | "pause" | "drain";

/** What the user wants of a node. */
export interface NodeSpec {
  readonly availability: Availability;
  readonly labels: ReadonlyMap<string, string>;
  readonly desiredRole: NodeRole;
}

export interface NodeDescription {
  readonly hostname: string;
  readonly resources: Resources;
  /** By kind of resource. */
  readonly genericResources: ReadonlyMap<string, GenericResource>;
  readonly platform: Platform;
  readonly engineLabels: ReadonlyMap<string, string>;
  /** What its engine has beyond the usual, such as `Volume/nfs`; null: not known, so anything. */
  readonly plugins: readonly string[] | null;
  /** Of its engine, for people; left out: it has none. */
  readonly engineVersion?: string;
  /** Where other nodes reach it: an IP address, or empty. */
  readonly address: string;
  /** Of its remote API at `address`; left out: nobody has said it. */
  readonly remoteApiPort?: number;
  /** The newest feature level that it speaks (see `level.ts`). */
  readonly level: number;
}

/** What a node says of its engine and its machine: it may change while the node is up. */
export type EngineParts = Pick<
  NodeDescription,
  "resources" | "engineLabels" | "plugins" | "engineVersion"
>;

/** Names as the Go toolchain has them, such as `linux` and `amd64`. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
}

/** Unknown: a new leader has not heard of it yet. Down: its heartbeats stopped. */
export type NodeState = "unknown" | "down" | "ready";

export interface NodeStatus {
  readonly state: NodeState;
  readonly message: string;
  /**
   * When it was called down, on the cluster's clock; null: it is not. In SwarmKit only the leader
   * of the time knows, so that each change of leader gives a node's tasks another day.
   */
  readonly downSince: Timestamp | null;
}

/** A node as it is listed: what is stored of it, and its part in Raft. */
export interface ListedNode extends Node {
  /** Null on a worker. */
  readonly managerStatus: ManagerStatus | null;
}

export interface ManagerStatus {
  readonly leader: boolean;
  /**
   * Whether the leader hears it. It tells other managers with the answer to each linearizable read;
   * a stale one of theirs knows no more than of the leader and of themselves. Unknown of one who
   * has no vote yet: it does not count when others are lost.
   */
  readonly reachability: "unknown" | "unreachable" | "reachable";
}

/** A node that is to be let into the cluster, which does not know it. */
export interface Newcomer {
  readonly id: string;
  readonly description: NodeDescription;
  readonly availability: Availability;
  readonly status: NodeStatus;
  /** What its join token makes it; a worker, if it comes with a certificate alone. */
  readonly role: NodeRole;
}

/** Host and port where other nodes reach it, or only its host; empty: not known. */
export function remoteApiOf({ address, remoteApiPort }: NodeDescription): string {
  if (address === "" || remoteApiPort === undefined) return address;
  return address.includes(":") ? `[${address}]:${remoteApiPort}` : `${address}:${remoteApiPort}`;
}

/** True once the node has shown a certificate of its own. */
export function hasProven({ certificate }: Node): boolean {
  return certificate !== null && certificate.proven !== null;
}

/** True when the node may be given tasks (SwarmKit `ReadyFilter`). */
export function takesTasks(node: Node): boolean {
  return node.status.state === "ready" && node.spec.availability === "active";
}
