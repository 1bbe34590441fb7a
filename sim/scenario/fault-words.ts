import type { Mood } from "./authority-words.ts";
import type { NetworkFault } from "./network-words.ts";
import type { NodePlan, Selector } from "./topology-words.ts";
import type { Span } from "./units.ts";

/** The words for what goes wrong with machines in a scenario, and for what mends it again. */

/** What happens to single nodes, and needs no more words. */
export const nodeFaults = [
  ...(["crash", "kill", "restart", "pause", "freeze", "resume"] as const),
  ...(["fail-sync", "fill-disk", "free-disk"] as const),
  ...(["corrupt-disk", "misdirect-write", "corrupt-read", "wipe-disk", "leave"] as const),
  ...(["hang-daemon", "free-daemon", "force-new-cluster", "upgrade", "downgrade"] as const),
  ...(["back-up", "restore-backup"] as const),
] as const;
export type NodeFault = (typeof nodeFaults)[number];

type NodeAction = {
  [Kind in NodeFault]: { readonly do: Kind; readonly nodes: Selector };
}[NodeFault];

export type Fault =
  | NetworkFault
  | NodeAction
  | {
      readonly do: "crash-loop";
      readonly nodes: Selector;
      readonly after: Span;
      readonly times: number;
    }
  | { readonly do: "disk"; readonly nodes: Selector; readonly conditions: DiskPlan }
  | { readonly do: "skew-clock"; readonly nodes: Selector; readonly ahead: Span | `-${Span}` }
  | { readonly do: "drift-clock"; readonly nodes: Selector; readonly ppm: number }
  | { readonly do: "jump-clock"; readonly nodes: Selector; readonly ahead: Span }
  | { readonly do: "refit"; readonly nodes: Selector; readonly parts: MachineParts }
  | { readonly do: "meddle"; readonly nodes: Selector; readonly deed: Meddling }
  | { readonly do: "containers"; readonly conditions: ContainerFaults }
  | { readonly do: "bad-image"; readonly image: string; readonly crashesAfter: Span }
  | { readonly do: "good-image"; readonly image: string }
  | { readonly do: "give-token"; readonly nodes: Selector }
  | { readonly do: "authority"; readonly name: string; readonly mood: Mood }
  | { readonly do: "forge"; readonly nodes: Selector; readonly guise: Guise };

/**
 * What a machine shows with a forged message: no certificate; one of a root that it has made
 * itself; that of another node; its own, though it may not be good for such words; one that it had
 * before, as when it was a manager; or a manager's of the root before the last rotation, as who has
 * stolen its key can make one, and one of a root of his own that the stolen one vouches for.
 */
export type Guise = (typeof guises)[number];

export const guises = ["nobody", "stranger", "another", "itself", "former", "old-root"] as const;

/** What somebody does to a container of a machine, and tells nobody. */
export type Meddling = (typeof meddlings)[number];

export const meddlings = ["remove", "stop", "start"] as const;

/** What a machine may come to have in place of what the topology says; `labels` are all of them. */
export type MachineParts = Pick<NodePlan, "cpus" | "memory" | "generic" | "labels" | "plugins">;

/** How a disk behaves. */
export interface DiskPlan {
  /** The least a write takes until it is safe. Default 100us. */
  readonly latencyMin?: Span;
  /** What it takes on average beyond that, exponentially spread. Default 400us. */
  readonly latencyMean?: Span;
  /**
   * Percent of syncs that fail. After one nobody knows what is on the disk, so the daemon ends; it
   * is started again two seconds later. Default 0.
   */
  readonly failures?: number;
}

/** How containers fare on every node. */
export interface ContainerFaults {
  /** What a pull takes on average. Default 1s. */
  readonly pullMean?: Span;
  /** What a start takes on average. Default 120ms. */
  readonly startMean?: Span;
  /** Percent of pulls that fail for good, and of starts. Default 0. */
  readonly pullFailures?: number;
  readonly startFailures?: number;
  /** After how long a container that runs ends by itself, on average. Default 0s: never. */
  readonly crashEvery?: Span;
  /** After how long a healthy container with a health check turns unhealthy. Default 0s: never. */
  readonly unhealthyEvery?: Span;
}

/**
 * The machines leave the cluster without a word to it: what they ran and knew is gone. Each may
 * join again as another node: `powerOn("w1~2")`, where it has `lives`.
 */
export function leave(nodes: Selector): Fault {
  return { do: "leave", nodes };
}

/** The machine is off: its containers stop, what its disk had not made safe is lost. */
export function crash(nodes: Selector): Fault {
  return { do: "crash", nodes };
}

/** The daemon ends, as by SIGKILL. The machine goes on, and so do its containers. */
export function kill(nodes: Selector): Fault {
  return { do: "kill", nodes };
}

/**
 * A machine that crashed starts again, or a daemon that was killed, with what its disk holds. One
 * whose disk is empty joins the cluster anew, once the cluster no longer counts on it as a manager.
 */
export function restart(nodes: Selector): Fault {
  return { do: "restart", nodes };
}

/** The daemon ends this long after each start, and is started again a second later. */
export function crashLoop(
  nodes: Selector,
  { after, times }: { readonly after: Span; readonly times: number },
): Fault {
  return { do: "crash-loop", nodes, after, times };
}

/** The node does nothing, like a stopped process, and its clocks go on. */
export function pause(nodes: Selector): Fault {
  return { do: "pause", nodes };
}

/**
 * The node does nothing and its clocks stand still, as those of a virtual machine whose host has
 * stopped it. When it goes on its calendar is behind, until `skewClock(nodes, "0s")`.
 */
export function freeze(nodes: Selector): Fault {
  return { do: "freeze", nodes };
}

/** Nodes that were paused or frozen go on. */
export function resume(nodes: Selector): Fault {
  return { do: "resume", nodes };
}

/** From now on the disks of the nodes behave like this. */
export function disk(nodes: Selector, conditions: DiskPlan): Fault {
  return { do: "disk", nodes, conditions };
}

/** The next sync fails: the daemon ends, and what was not safe is lost. A start takes one too. */
export function failSync(nodes: Selector): Fault {
  return { do: "fail-sync", nodes };
}

/** Nothing more can be written: the daemon ends at its next write, and at each start. */
export function fillDisk(nodes: Selector): Fault {
  return { do: "fill-disk", nodes };
}

/** There is room on the disk again. */
export function freeDisk(nodes: Selector): Fault {
  return { do: "free-disk", nodes };
}

/**
 * At its next crash a bit goes wrong in what the machine's disk had made safe. A manager refuses to
 * start with such a disk, for good.
 */
export function corruptDisk(nodes: Selector): Fault {
  return { do: "corrupt-disk", nodes };
}

/** At its next crash a record is found to have been written over another one. */
export function misdirectWrite(nodes: Selector): Fault {
  return { do: "misdirect-write", nodes };
}

/** The next start reads a wrong bit and refuses; the disk itself is sound, so a later one works. */
export function corruptRead(nodes: Selector): Fault {
  return { do: "corrupt-read", nodes };
}

/**
 * At its next crash everything that the machine's disk held is gone, except for its certificate,
 * which lies elsewhere. `demote` it while it is down if it was a manager, then `restart` it.
 */
export function wipeDisk(nodes: Selector): Fault {
  return { do: "wipe-disk", nodes };
}

/** The calendar of the nodes is off by `ahead`, from now on. */
export function skewClock(nodes: Selector, ahead: Span | `-${Span}`): Fault {
  return { do: "skew-clock", nodes, ahead };
}

/** The clocks of the nodes run fast (or slow, below 0) by `ppm` millionths, from now on. */
export function driftClock(nodes: Selector, ppm: number): Fault {
  return { do: "drift-clock", nodes, ppm };
}

/** Both clocks of the nodes leap ahead, as on a virtual machine that was moved. */
export function jumpClock(nodes: Selector, ahead: Span): Fault {
  return { do: "jump-clock", nodes, ahead };
}

/**
 * The machines come to have other parts, which their engines tell of when they are asked next;
 * their daemons are started again where these are generic resources. Of what is not named a
 * machine has what the topology says.
 */
export function refit(nodes: Selector, parts: MachineParts = {}): Fault {
  return { do: "refit", nodes, parts };
}

/**
 * Somebody removes a container of each of the machines, stops one, or starts one again that has
 * ended, with the engine's own tools: `docker rm -f`, `docker stop`, `docker start`.
 */
export function meddle(nodes: Selector, deed: Meddling): Fault {
  return { do: "meddle", nodes, deed };
}

/** From now on containers fare like this, everywhere. */
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

/** The newest version is installed on the nodes, whose daemons start again with it. */
export function upgrade(nodes: Selector): Fault {
  return { do: "upgrade", nodes };
}

/**
 * The oldest version is installed on the nodes, whose daemons start again with it; they refuse to
 * start over what a newer version has left on their disks.
 */
export function downgrade(nodes: Selector): Fault {
  return { do: "downgrade", nodes };
}

/** What runs the nodes' containers no longer answers; the containers themselves go on. */
export function hangDaemon(nodes: Selector): Fault {
  return { do: "hang-daemon", nodes };
}

/** It answers again, first what it was asked meanwhile. */
export function freeDaemon(nodes: Selector): Fault {
  return { do: "free-daemon", nodes };
}

/** Somebody tells the users of machines that are to join the token of their role, as it is now. */
export function giveToken(nodes: Selector): Fault {
  return { do: "give-token", nodes };
}

/**
 * The machines send messages of all kinds to all others, behind the back of their own nodes: they
 * are in the hands of an intruder. Whoever is not to believe them must not.
 */
export function forge(nodes: Selector, guise: Guise): Fault {
  return { do: "forge", nodes, guise };
}

/** A machine that `joins` is switched on for the first time. */
export function powerOn(nodes: Selector): Fault {
  return { do: "restart", nodes };
}

/**
 * The manager starts again and goes on alone with what it has: for when the others are lost for
 * good. It refuses where it can reach enough of them.
 */
export function forceNewCluster(manager: Selector): Fault {
  return { do: "force-new-cluster", nodes: manager };
}

/** Somebody makes a backup of the managers, each of its own, in the place of an earlier one. */
export function backUp(managers: Selector): Fault {
  return { do: "back-up", nodes: managers };
}

/**
 * The manager is made of its last backup, which knows nothing of what came after it, and goes on
 * alone. It refuses where it can reach enough of the others.
 */
export function restoreBackup(manager: Selector): Fault {
  return { do: "restore-backup", nodes: manager };
}
