import type { Selector } from "./topology-words.ts";
import type { Span } from "./units.ts";

/** The words for what goes wrong with the network in a scenario, and for what mends it again. */

/** The links from some nodes to others. */
interface Links {
  readonly from: readonly Selector[];
  readonly to: readonly Selector[] | "rest";
}

export type NetworkFault =
  | ({
      readonly do: "partition";
      /** Only what `from` sends to `to` is lost. */
      readonly oneWay: boolean;
    } & Links)
  /** Ends the partition of just these sides. */
  | ({ readonly do: "mend"; readonly oneWay: boolean } & Links)
  | {
      readonly do: "partition-at-random";
      readonly mode: PartitionMode;
      readonly oneWay: boolean;
    }
  | ({
      readonly do: "flap";
      readonly oneWay: boolean;
      readonly cut: Span;
      readonly open: Span;
      readonly times: number;
    } & Links)
  | ({ readonly do: "clog"; readonly lasting: Span } & Links)
  | { readonly do: "unclog" }
  | { readonly do: "heal" }
  | { readonly do: "network"; readonly conditions: NetworkConditions };

/**
 * How the nodes are parted: one alone; a random number of them on one side (every size equally
 * likely); each on a side of its own choice (the middle sizes more likely).
 */
export type PartitionMode = "isolate-one" | "uniform-size" | "uniform-partition";

/**
 * How delays beyond the least are spread around their mean: `fixed` always takes the mean,
 * `uniform` from nothing to twice the mean, `exponential` mostly less and sometimes much more,
 * `heavy-tailed` one in fifty takes twenty times as long.
 */
export type Delays = "fixed" | "uniform" | "exponential" | "heavy-tailed";

/** How the network behaves between nodes that can reach each other. */
export interface NetworkConditions {
  /** Percent of messages lost. Default 0. */
  readonly loss?: number;
  /** Percent of messages that arrive twice. Default 0. */
  readonly duplicates?: number;
  /** Percent of messages that take ten times as long, so that later ones overtake. Default 0. */
  readonly reordering?: number;
  /** The least a message takes. Default 200us. */
  readonly latencyMin?: Span;
  /** What it takes on average beyond that. Default 300us. */
  readonly latencyMean?: Span;
  /** Default exponential. */
  readonly delays?: Delays;
  /** Messages on their way on one link at most; more are dropped. 0, the default: any number. */
  readonly capacity?: number;
}

/** Nodes of `from` and nodes of `to` no longer reach each other. */
export function partition(
  from: readonly Selector[],
  to: readonly Selector[] | "rest",
): NetworkFault {
  return { do: "partition", from, to, oneWay: false };
}

/** What `from` sends to `to` is lost; the way back works. */
export function partitionOneWay(
  from: readonly Selector[],
  to: readonly Selector[] | "rest",
): NetworkFault {
  return { do: "partition", from, to, oneWay: true };
}

/** All nodes are parted in two by chance; with `oneWay` one side still hears the other. */
export function partitionAtRandom(mode: PartitionMode, oneWay = false): NetworkFault {
  return { do: "partition-at-random", mode, oneWay };
}

/** A partition that comes and goes: cut for a while, then open for a while, this many times. */
export function flap(
  from: readonly Selector[],
  to: readonly Selector[] | "rest",
  rhythm: {
    readonly cut: Span;
    readonly open: Span;
    readonly times: number;
    readonly oneWay?: boolean;
  },
): NetworkFault {
  return { do: "flap", from, to, oneWay: false, ...rhythm };
}

/** What `from` sends to `to` waits on the way until this is over, and then arrives at once. */
export function clog(
  from: readonly Selector[],
  to: readonly Selector[] | "rest",
  lasting: Span,
): NetworkFault {
  return { do: "clog", from, to, lasting };
}

/** That partition ends; others go on. Sides as `partition` was given them. */
export function mend(from: readonly Selector[], to: readonly Selector[] | "rest"): NetworkFault {
  return { do: "mend", from, to, oneWay: false };
}

/** The same for `partitionOneWay`. */
export function mendOneWay(
  from: readonly Selector[],
  to: readonly Selector[] | "rest",
): NetworkFault {
  return { do: "mend", from, to, oneWay: true };
}

/** No link is clogged any more: what waits arrives. */
export function unclog(): NetworkFault {
  return { do: "unclog" };
}

/** Every partition ends. */
export function heal(): NetworkFault {
  return { do: "heal" };
}

/** From now on the network behaves like this. */
export function network(conditions: NetworkConditions): NetworkFault {
  return { do: "network", conditions };
}
