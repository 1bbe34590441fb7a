import type { BuggifyPoint } from "../../core/base/situations.ts";
import type { Delays, PartitionMode } from "./network-words.ts";
import type { Range, Span } from "./units.ts";

/** How long users have certificates be good, the shortest first. */
export const certLives = ["12h", "24h", "2160h"] as const;

/** A fault that comes again and again, on average this often, and each time lasts for a while. */
interface Recurring {
  readonly every: Range<Span>;
  readonly lasting: Range<Span>;
}

/**
 * Faults that come by themselves. Each range is drawn from once per run, so that every seed is a
 * world of its own: some calm, some terrible, some only flaky in one way.
 *
 * Faults that destroy what a disk held are kept within a budget: the managers whose disks are whole
 * always are a quorum, so that a cluster that does not recover is always a bug.
 */
export interface Chaos {
  readonly from: Span;
  /** After this moment everything that is needed heals, and the cluster must recover. */
  readonly until: Span;
  /**
   * Every kind of fault that is named here happens. Without it each is left out of a third of the
   * runs, so that each run is bad in its own way.
   */
  readonly everyKind?: boolean;
  readonly crashes?: { readonly every: Range<Span>; readonly downFor: Range<Span> };
  /** Daemons that end while their machine and its containers go on. */
  readonly kills?: { readonly every: Range<Span>; readonly downFor: Range<Span> };
  /** Daemons that end soon after each start, this many times. */
  readonly crashLoops?: { readonly every: Range<Span>; readonly times: Range<number> };
  readonly pauses?: Recurring;
  /**
   * Virtual machines that are stopped with their clocks. Of half of them the calendar is set right
   * soon after. Not with lease reads, as `clockJumps`.
   */
  readonly freezes?: Recurring;
  /** `modes` are drawn from anew each time; the default is one machine alone, or any number. */
  readonly partitions?: Recurring & { readonly modes?: readonly PartitionMode[] };
  /** Links that are cut and open in quick turn. */
  readonly flapping?: Recurring;
  /** Links on which everything waits. */
  readonly clogs?: Recurring;
  /** How far each node's calendar is off, either way. */
  readonly clockSkew?: Range<Span>;
  /** How fast each node's clock runs off, in millionths, either way. */
  readonly clockDriftPpm?: Range<number>;
  /** Clocks that leap ahead. Not with lease reads: they trust in clocks that do not. */
  readonly clockJumps?: { readonly every: Range<Span>; readonly ahead: Range<Span> };
  /** In percent. */
  readonly loss?: Range<number>;
  readonly duplicates?: Range<number>;
  readonly reordering?: Range<number>;
  readonly latencyMean?: Range<Span>;
  /** One of these is drawn. */
  readonly delays?: readonly Delays[];
  /** Messages that may be on their way on one link. */
  readonly capacity?: Range<number>;
  /** How long the disk takes to make a write safe, on average. */
  readonly diskLatencyMean?: Range<Span>;
  /** Syncs that fail. */
  readonly diskFailures?: { readonly every: Range<Span> };
  readonly fullDisks?: Recurring;
  /**
   * Disks on which a bit turns, a write goes to the wrong place, a read is wrong, or all is gone.
   * Each time a machine loses power with it.
   */
  readonly diskDamage?: { readonly every: Range<Span>; readonly downFor: Range<Span> };
  /**
   * A majority of the managers lose their disks for good. One that is left goes on alone, the lost
   * ones join anew, and are managers again. With `backups` somebody backs the managers up every so
   * often, and often all are lost: one is made of its backup. What the one that goes on had not
   * heard of is lost, so there can be no `clients`.
   */
  readonly quorumLosses?: {
    readonly every: Range<Span>;
    readonly downFor: Range<Span>;
    readonly backups?: { readonly every: Range<Span> };
  };
  /**
   * Machines that leave without a word, as with `docker swarm leave --force` or a new system on
   * their disk, and join again as another node after a while, as long as they have `lives`. The
   * node that they were stays down until somebody removes it, often soon.
   */
  readonly departures?: { readonly every: Range<Span>; readonly downFor: Range<Span> };
  /** How often, on average, a container that runs ends by itself. */
  readonly containerCrashes?: { readonly every: Range<Span> };
  /** How often, on average, a healthy container with a health check turns unhealthy. */
  readonly unhealthy?: { readonly every: Range<Span> };
  /** Percent of image pulls that fail for good, and of starts. */
  readonly pullFailures?: Range<number>;
  readonly startFailures?: Range<number>;
  /** What a start takes on average. */
  readonly startMean?: Range<Span>;
  /** What runs a node's containers no longer answers. */
  readonly daemonHangs?: Recurring;
  /** Somebody who removes, stops or starts a container behind the back of its node. */
  readonly meddling?: { readonly every: Range<Span> };
  /** Machines that come to have less for a while, other labels, or fewer plugins. */
  readonly refits?: Recurring;
  /** Machines on which the newest version is installed, where the topology begins with older. */
  readonly upgrades?: { readonly every: Range<Span> };
  /** Authorities outside that hang, refuse or lie for a while. */
  readonly authorities?: Recurring;
  /** Machines that send forged messages, in any guise. */
  readonly forgeries?: { readonly every: Range<Span> };
  /**
   * Makes the unusual usual inside of nodes, at these points of `core/base/situations.ts`; with
   * `true` each point is active in one of four runs.
   */
  readonly buggify?: readonly BuggifyPoint[] | true;
  /** How often someone scales or updates a service, drains a node, or changes its role. */
  readonly commands?: {
    readonly every: Range<Span>;
    /** How many people do so at the same time. Default 1. */
    readonly users?: number;
    /**
     * Most services of their own that they have: services of every mode, which they create, change
     * in all their parts and remove. They also remove nodes, and change settings. Default 0.
     */
    readonly creates?: number;
    /**
     * They also do, now and then, what few ever do: authorities outside and a root that only these
     * hold, labels of nodes, volumes, generic resources, neighbours, networks of chosen addresses,
     * services of no task at all. Default no.
     */
    readonly everything?: boolean;
    /** They also remove single tasks, of any service. Default no. */
    readonly upkeep?: boolean;
    /**
     * They also do what is odd: they keep volumes from new tasks for a while, label secrets and
     * configs, publish several ports that are alike, and bring a root of their own. Default no.
     */
    readonly odd?: boolean;
    /**
     * They are also particular: about the platforms of their services, the ranges and gateways of
     * networks, and the labels of networks and volumes. Default no.
     */
    readonly particular?: boolean;
    /**
     * They are also in a hurry: they do several things to one service, machine or setting at once,
     * undo them, and put others in place of services, secrets, networks and managers. Default
     * no.
     */
    readonly hasty?: boolean;
    /**
     * They also want more than there is, of what there is only so much: ports of machines, which
     * their services share, subnets of the cluster's pool, and addresses; and they change how
     * services reach one another. Default no.
     */
    readonly scarce?: boolean;
  };
}
