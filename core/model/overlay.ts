import { found } from "../base/gather.ts";
import type { AttachedNetwork } from "./network.ts";
import type { Node } from "./node.ts";
import { serviceNameOf, type Task } from "./task.ts";
import { isTerminal, isWanted, TaskState } from "./task-state.ts";

/** What makes a network one between the nodes: VXLAN (RFC 7348). Never changes. */
export interface Overlay {
  /** Its number in each packet, 24 bits; no other overlay has it. */
  readonly vni: number;
  /** `10.0.1.0/24`, with no bit set behind the prefix. IPv4; no other overlay has any of it. */
  readonly subnet: string;
  /** The node's own address in it, which is the same on every node: `10.0.1.1`. */
  readonly gateway: string;
  /** The UDP port on which nodes take its packets: the cluster's `dataPathPort`. */
  readonly port: number;
}

/** The driver's option that shows, or asks for, the `vni`. */
export const vniOption = "com.docker.network.driver.overlay.vxlanid_list";

/** How overlays are made. Fixed when the cluster is; names are of `docker swarm init`. */
export interface OverlaySettings {
  /** What subnets are taken from, in this order: `10.0.0.0/8`. Never empty. */
  readonly defaultAddressPool: readonly string[];
  /** The prefix length of a subnet that the user did not choose. */
  readonly subnetSize: number;
  readonly dataPathPort: number;
}

/** Docker's. */
export const defaultOverlaySettings: OverlaySettings = {
  defaultAddressPool: ["10.0.0.0/8"],
  subnetSize: 24,
  dataPathPort: 4789,
};

/** A task on any node, as the others in an overlay see it. */
export interface OverlayPeer {
  readonly task: string;
  /** `web.1`, for people; with the task's id behind it the name of its container. */
  readonly name: string;
  /** In the overlay: `10.0.1.5`. */
  readonly address: string;
  /** The IP address of the node that runs it. Empty: it is not known, and no packet gets there. */
  readonly node: string;
  /** What leads to it while it serves: its service's name, then its aliases. */
  readonly names: readonly string[];
  /** False: it may be sent packets, but nobody is to begin with it. */
  readonly serves: boolean;
}

/** An overlay as a node knows it that has a task in it. */
export interface NodeOverlay extends Overlay {
  readonly id: string;
  /** Of the network. */
  readonly name: string;
}

/** What a node is told of one overlay. */
export type OverlayNews =
  /** Everything: the node has its first task in it, or is told all anew. */
  | {
      readonly kind: "whole";
      readonly overlay: NodeOverlay;
      /** Those of this node among them, sorted by task. */
      readonly peers: readonly OverlayPeer[];
    }
  | {
      readonly kind: "changed";
      readonly id: string;
      readonly peers: readonly OverlayPeer[];
      /** Tasks that have ended. */
      readonly parted: readonly string[];
    }
  /** The node has no task in it any more. */
  | { readonly kind: "left"; readonly id: string };

/** All that a node's engine is to make of an overlay. */
export interface OverlayState extends NodeOverlay {
  /** This node's address, from which it sends packets to others: as in `OverlayPeer.node`. */
  readonly own: string;
  /** Those of this node among them, sorted by task. Null: no task here is in it any more. */
  readonly peers: readonly OverlayPeer[] | null;
}

/** A task's place in an overlay, with an address. */
export interface OverlayPlace {
  readonly overlay: NodeOverlay;
  readonly address: string;
}

const nowhere: readonly OverlayPlace[] = [];

/** Where the task has an address of its own: once it is allocated, until it is forgotten. */
export function overlayPlaces({ networks }: Task): readonly OverlayPlace[] {
  return networks.length === 0 ? nowhere : found(networks, placeIn);
}

function placeIn({ id, spec, overlay, address }: AttachedNetwork): OverlayPlace | null {
  if (overlay === null || address === "") return null;
  const { vni, subnet, gateway, port } = overlay;
  return { overlay: { id, name: spec.name, vni, subnet, gateway, port }, address };
}

/** True while its container may run: nobody else is given its addresses. */
export function holdsAddresses({ status }: Task): boolean {
  return !isTerminal(status.state);
}

/**
 * The task as its peers in the network are told of it: from when it has a node until it has ended
 * for good. It serves while it runs and is to run, on a node that is not down.
 */
export function overlayPeer(
  task: Task,
  place: OverlayPlace,
  node: Node | undefined,
): OverlayPeer | null {
  const { state } = task.status;
  if (state < TaskState.ASSIGNED || state > TaskState.RUNNING) return null;
  const isUp = state === TaskState.RUNNING && node?.status.state !== "down";
  return {
    task: task.id,
    name: task.name,
    address: place.address,
    node: node?.description.address ?? "",
    names: namesIn(place.overlay.id, task),
    serves: isUp && isWanted(task.desiredState),
  };
}

function namesIn(network: string, task: Task): string[] {
  const { aliases = [] } = task.spec.networks.find(({ target }) => target === network) ?? {};
  return [...new Set([serviceNameOf(task), ...aliases])];
}
