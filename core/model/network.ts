import type { Meta } from "./meta.ts";
import type { Overlay } from "./overlay.ts";

/**
 * A network that tasks can be attached to. Each node's engine makes one of its own for it: a
 * bridge, by which only tasks on the same node reach each other, or its part of an overlay between
 * nodes.
 */
export interface Network {
  readonly kind: "network";
  readonly id: string;
  readonly meta: Meta;
  readonly spec: NetworkSpec;
  /** Null: a bridge. Written at its creation. */
  readonly overlay: Overlay | null;
}

/** Never changes. Names follow SwarmKit's `NetworkSpec`. */
export interface NetworkSpec {
  /** Unique in the cluster, and none of those that are predefined. */
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** `overlay`, or what else the user asked for, which a node makes a bridge. */
  readonly driver: string;
  /** Options of the driver, for the node's engine. */
  readonly options: ReadonlyMap<string, string>;
  /** No way leads out of it. */
  readonly internal: boolean;
  /** Containers that are not of a service may join; kept for the user's sake. */
  readonly attachable: boolean;
  /** It has addresses of IPv6 too. */
  readonly enableIpv6: boolean;
  /** The same on each node. None: the cluster chooses for an overlay, an engine for a bridge. */
  readonly subnets: readonly IpamConfig[];
}

/** Addresses of a network; names are SwarmKit's. Empty texts leave it to the engine. */
export interface IpamConfig {
  /** `10.5.0.0/24` */
  readonly subnet: string;
  /** The part of it that tasks get their addresses from. */
  readonly range: string;
  readonly gateway: string;
}

/** A task's place in a network. */
export interface NetworkAttachment {
  /** Id of a `Network`, or the name of one that is predefined. */
  readonly target: string;
  /** What others in the network call the task, besides the name of its service. */
  readonly aliases: readonly string[];
  /** For the driver of the network on the task's node. Left out where there are none. */
  readonly driverOptions?: ReadonlyMap<string, string>;
}

/** What every node's engine has by itself. */
const predefined = ["bridge", "host", "none"] as const;

/** Every node answers for the ports that are published in ingress mode; no task joins it. */
export const ingress = "ingress";

/** True of a network that every node's engine has without being told. */
export function isPredefined(name: string): boolean {
  return predefined.some((each) => each === name);
}

/** A network as a task knows it, which is all that its node is told of it. */
export interface AttachedNetwork extends Pick<Network, "id" | "spec" | "overlay"> {
  /** The task's own, which no other task in the network has: `10.0.1.5`. Empty: of a bridge. */
  readonly address: string;
}
