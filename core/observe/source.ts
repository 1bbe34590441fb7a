import type { Availability, NodeRole } from "../model/node.ts";
import type { ClusterFrame } from "./frame.ts";

/**
 * A cluster to look at and to act on: moments come out, commands go in. A simulation and a real
 * cluster are both one, so that whoever shows them need not know which it is.
 */
export interface ClusterSource {
  readonly kind: "simulation" | "cluster";
  /** What is watched, such as a scenario with its seed, or the name of a context. */
  readonly title: string;
  /** Tells the newest moment, if there is one yet, and each later one; returns what ends that. */
  listen(heard: (moment: SourceMoment) => void): () => void;
  /** `done` hears once what came of it. */
  send(command: SourceCommand, done: (outcome: CommandOutcome) => void): void;
  /** Ends it; nothing is heard any more. */
  close(): void;
}

/** What there is to show at one time. Plain data. */
export interface SourceMoment {
  readonly frame: ClusterFrame;
  /** What has happened up to now, oldest first; the oldest may be forgotten. */
  readonly events: readonly EventLine[];
  /** Of each service by name, since all its tasks first ran. */
  readonly availability: Readonly<Record<string, AvailabilityFrame>>;
  readonly violations: readonly ViolationFrame[];
  /** Null: there is no connection to be lost. */
  readonly connection: ConnectionFrame | null;
  /** Null: it can't be stopped or turned back. */
  readonly playback: PlaybackFrame | null;
}

/** Something that happened, in words for a person. */
export interface EventLine {
  /** Microseconds, as `ClusterFrame.at`. */
  readonly at: number;
  readonly kind:
    | "election"
    | "fault"
    | "heal"
    | "node"
    | "task"
    | "command"
    | "service"
    | "verdict";
  readonly text: string;
}

/** How well a service has done. */
export interface AvailabilityFrame {
  /** The fewest tasks that ran at once. */
  readonly lowest: number;
  /** For this many microseconds fewer ran than wanted. */
  readonly below: number;
  /** How long it was watched, in microseconds. */
  readonly watched: number;
}

/** A broken invariant. */
export interface ViolationFrame {
  readonly invariant: string;
  /** Microseconds, as `ClusterFrame.at`. */
  readonly at: number;
  readonly node: string | null;
  readonly detail: string;
}

export interface ConnectionFrame {
  readonly state: "connected" | "lost";
  /** The manager that answers, or that did last. */
  readonly to: string;
  /** Why it is lost; empty while it is not. */
  readonly reason: string;
}

export interface PlaybackFrame {
  /** Which way time goes; null: it stands still. */
  readonly playing: Direction | null;
  /** Simulated seconds in a second; null: as fast as it goes. */
  readonly speed: number | null;
  /** Microseconds that are known so far: one can go on from any of them. */
  readonly known: number;
  /** Whether the run is over at `known`. */
  readonly isOver: boolean;
  /** Of all that is known, oldest first. */
  readonly marks: readonly TimeMark[];
  /** What takes a while; null: nothing. */
  readonly underWay: UnderWay | null;
}

export type Direction = "forward" | "back";

/** Something that one may want to go to. */
export interface TimeMark {
  /** Microseconds, as `ClusterFrame.at`. */
  readonly at: number;
  readonly kind: "election" | "fault" | "heal" | "violation";
}

/** A way through the run that is longer than one can wait without a word. */
export interface UnderWay {
  /** Such as `to the next election`. */
  readonly what: string;
  /** It has been played up to here, in microseconds. */
  readonly at: number;
}

export type SourceCommand = PlaybackCommand | FaultCommand | OperatorCommand;

/** Moves in the time of a simulation. */
export type PlaybackCommand =
  | { readonly kind: "play"; readonly direction: Direction }
  | { readonly kind: "pause" }
  /** Gives up what is under way, and nothing else. */
  | { readonly kind: "stop" }
  /** Below 0: backwards. */
  | { readonly kind: "step"; readonly by: "event" | "second"; readonly count: number }
  | { readonly kind: "speed"; readonly speed: number | null }
  | {
      readonly kind: "jump";
      readonly to: "election" | "fault" | "violation" | "start" | "end";
      readonly direction: Direction;
    };

/** Does something to a simulated world, now. */
export type FaultCommand =
  /** Both ways. */
  | { readonly kind: "cut"; readonly from: string; readonly to: string }
  | { readonly kind: "isolate"; readonly node: string }
  | { readonly kind: "heal" }
  | { readonly kind: "crash"; readonly node: string }
  | { readonly kind: "restart"; readonly node: string }
  | { readonly kind: "pause-node"; readonly node: string }
  | { readonly kind: "resume-node"; readonly node: string }
  /** Writes the run with all that was done by hand as a scenario; `done` hears where. */
  | { readonly kind: "save" };

/** Asks the cluster itself, as a user would. */
export type OperatorCommand =
  | { readonly kind: "availability"; readonly node: string; readonly availability: Availability }
  | { readonly kind: "role"; readonly node: string; readonly role: NodeRole }
  /** `service` is an id or a name. */
  | { readonly kind: "scale"; readonly service: string; readonly replicas: number };

export interface CommandOutcome {
  readonly ok: boolean;
  /** What was done, or why not, in one sentence. */
  readonly text: string;
}
