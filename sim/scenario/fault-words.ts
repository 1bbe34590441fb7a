import type { Span } from "./units.ts";

/**
 * Which nodes a step is about, found out when the step happens: a node's name, or `leader`,
 * `followers`, `a follower`, `managers`, `workers`, `a worker`, `all`, or `zone:NAME`.
 */
export type Selector = string;

/** Something that goes wrong, or right again. */
export type Fault =
  | {
      readonly do: "partition";
      readonly from: readonly Selector[];
      readonly to: readonly Selector[] | "rest";
      /** Only what `from` sends to `to` is lost. */
      readonly oneWay: boolean;
    }
  /** Ends the partition of just these sides. */
  | {
      readonly do: "mend";
      readonly from: readonly Selector[];
      readonly to: readonly Selector[] | "rest";
      readonly oneWay: boolean;
    }
  | { readonly do: "heal" }
  | { readonly do: "crash"; readonly nodes: Selector }
  | { readonly do: "restart"; readonly nodes: Selector }
  | { readonly do: "pause"; readonly nodes: Selector }
  | { readonly do: "resume"; readonly nodes: Selector }
  | { readonly do: "corrupt-disk"; readonly nodes: Selector }
  | { readonly do: "skew-clock"; readonly nodes: Selector; readonly ahead: Span | `-${Span}` }
  | { readonly do: "drift-clock"; readonly nodes: Selector; readonly ppm: number }
  | { readonly do: "network"; readonly conditions: NetworkConditions }
  | { readonly do: "disk"; readonly nodes: Selector; readonly conditions: DiskPlan }
  | { readonly do: "containers"; readonly conditions: ContainerFaults }
  | { readonly do: "bad-image"; readonly image: string; readonly crashesAfter: Span }
  | { readonly do: "good-image"; readonly image: string };

/** How the network behaves between nodes that can reach each other. */
export interface NetworkConditions {
  /** Percent of messages lost. Default 0. */
  readonly loss?: number;
  /** Percent of messages that arrive twice. Default 0. */
  readonly duplicates?: number;
  /** The least a message takes. Default 200us. */
  readonly latencyMin?: Span;
  /** What it takes on average beyond that, exponentially distributed. Default 300us. */
  readonly latencyMean?: Span;
}

/** How long a machine's disk takes to make a write safe. */
export interface DiskPlan {
  /** Default 100us. */
  readonly latencyMin?: Span;
  /** On average beyond that, exponentially distributed. Default 400us. */
  readonly latencyMean?: Span;
}

/** What goes wrong with containers, on every machine. */
export interface ContainerFaults {
  /** Percent of image pulls that fail for good, and of starts. Default 0. */
  readonly pullFailures?: number;
  readonly startFailures?: number;
  /** After how long a container that runs ends by itself, on average. Default 0s: never. */
  readonly crashEvery?: Span;
  /** After how long a healthy container with a health check turns unhealthy. Default 0s: never. */
  readonly unhealthyEvery?: Span;
}

/** Nodes of `from` and nodes of `to` no longer reach each other. */
export function partition(from: readonly Selector[], to: readonly Selector[] | "rest"): Fault {
  return { do: "partition", from, to, oneWay: false };
}

/** What `from` sends to `to` is lost; the way back works. */
export function partitionOneWay(
  from: readonly Selector[],
  to: readonly Selector[] | "rest",
): Fault {
  return { do: "partition", from, to, oneWay: true };
}

/** That partition ends; others go on. Sides as `partition` was given them. */
export function mend(from: readonly Selector[], to: readonly Selector[] | "rest"): Fault {
  return { do: "mend", from, to, oneWay: false };
}

/** The same for `partitionOneWay`. */
export function mendOneWay(from: readonly Selector[], to: readonly Selector[] | "rest"): Fault {
  return { do: "mend", from, to, oneWay: true };
}

/** Every partition ends. */
export function heal(): Fault {
  return { do: "heal" };
}

/** The machine is off: its containers stop, what its disk had not made safe is lost. */
export function crash(nodes: Selector): Fault {
  return { do: "crash", nodes };
}

/** A machine that crashed starts again, with what its disk holds. */
export function restart(nodes: Selector): Fault {
  return { do: "restart", nodes };
}

/** The node does nothing, like a stopped virtual machine, and knows nothing of it. */
export function pause(nodes: Selector): Fault {
  return { do: "pause", nodes };
}

export function resume(nodes: Selector): Fault {
  return { do: "resume", nodes };
}

/**
 * At its next crash a bit goes wrong in what the machine's disk had made safe. A manager refuses to
 * start with such a disk, for good.
 */
export function corruptDisk(nodes: Selector): Fault {
  return { do: "corrupt-disk", nodes };
}

/** The calendar of the nodes is off by `ahead`, from now on. */
export function skewClock(nodes: Selector, ahead: Span | `-${Span}`): Fault {
  return { do: "skew-clock", nodes, ahead };
}

/** The clocks of the nodes run fast (or slow, below 0) by `ppm` millionths, from now on. */
export function driftClock(nodes: Selector, ppm: number): Fault {
  return { do: "drift-clock", nodes, ppm };
}

/** From now on the network behaves like this. */
export function network(conditions: NetworkConditions): Fault {
  return { do: "network", conditions };
}

/** From now on the disks of the nodes are so fast, or so slow. */
export function disk(nodes: Selector, conditions: DiskPlan): Fault {
  return { do: "disk", nodes, conditions };
}

/** From now on containers fare like this, on every machine. */
export function containers(conditions: ContainerFaults): Fault {
  return { do: "containers", conditions };
}

/**
 * Containers of this image fail at their start from now on, or end by themselves with an error
 * after they have run for `crashesAfter`.
 */
export function badImage(image: string, crashesAfter: Span = "0s"): Fault {
  return { do: "bad-image", image, crashesAfter };
}

/** An image that was bad is as good as any other from now on. */
export function goodImage(image: string): Fault {
  return { do: "good-image", image };
}
