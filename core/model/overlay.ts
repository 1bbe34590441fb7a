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
  /** Of the node that runs it, where other nodes reach it: an IP address. */
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
