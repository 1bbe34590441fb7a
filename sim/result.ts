import type { EventLine } from "../core/observe/source.ts";
import type { Taps } from "./choices.ts";
import type { ClientEvent } from "./client-history.ts";
import type { SimEvent } from "./kernel.ts";
import type { PartialObserver } from "./observer.ts";
import type { Action } from "./scenario/dsl.ts";
import type { World } from "./world.ts";

/** One broken property. */
export interface Violation {
  readonly invariant: string;
  /** Simulated seconds since the start. */
  readonly at: number;
  /** Null when the property is not about one node. */
  readonly node: string | null;
  readonly detail: string;
}

/** How well one service did. */
export interface ServiceReport {
  readonly wanted: number;
  readonly running: number;
  /** The fewest tasks that ran at once, after all wanted first did; null if they never did. */
  readonly lowestRunning: number | null;
  /** Containers that began to run after that moment: replacements, updates, new replicas. */
  readonly starts: number;
  /** Simulated seconds with fewer running than wanted, counted from the same moment. */
  readonly secondsBelow: number;
}

/** What one run came to. */
export interface RunResult {
  readonly scenario: string;
  readonly seed: string;
  readonly verdict: "pass" | "fail";
  /** In the order in which they were found; a run ends at the first. */
  readonly violations: readonly Violation[];
  /** Sixteen digits that depend on every event: equal runs, equal digests. */
  readonly digest: string;
  /** Handled events: messages, timers, disk and executor answers, requests, faults. */
  readonly events: number;
  readonly simulatedSeconds: number;
  readonly wallSeconds: number;
  readonly messages: { readonly sent: number; readonly dropped: number };
  readonly elections: number;
  /** How often each invariant was checked. */
  readonly checks: Readonly<Record<string, number>>;
  /** How often each rare situation was reached; those that were not are left out. */
  readonly situations: Readonly<Record<string, number>>;
  /** From the last fault to the desired state, and the bound computed for it, in seconds. */
  readonly recovery: { readonly took: number | null; readonly bound: number };
  readonly services: Readonly<Record<string, ServiceReport>>;
  /** The machines that refuse to start at the end of the run, and why. */
  readonly refused: Readonly<Record<string, string>>;
  /** The last events before a violation, oldest first, one line each; empty when nothing broke. */
  readonly lastEvents: readonly string[];
}

/** One line of the story of a run, as it happens. */
export interface StoryLine {
  /** Simulated seconds. */
  readonly at: number;
  readonly kind: EventLine["kind"];
  readonly text: string;
}

/** Who watches a run. All may be left out; none changes what happens. */
export interface RunObserver {
  readonly story?: (line: StoryLine) => void;
  /** One JSON object per event, without line end: the same bytes for the same seed. */
  readonly trace?: (line: string) => void;
  /** At the end, whatever the verdict: what clients asked and were told. */
  readonly clients?: (history: readonly ClientEvent[]) => void;
  /** What a step or chaos does to the cluster, just before, with nodes for selectors. */
  readonly acted?: (action: Action, at: number) => void;
  /** After the last fault, when what must recover is known and healed. */
  readonly healed?: (recovery: RecoveryStart) => void;
  /** Makes someone who looks at the world itself, at every event. Look, don't touch. */
  readonly watch?: (world: World) => Watcher;
}

/** How a cluster was left to recover. */
export interface RecoveryStart {
  /** Microseconds since the start. */
  readonly at: number;
  /** The machines that must recover. */
  readonly core: readonly string[];
  /** What was done for it and, after chaos, to the others: these actions were told as well. */
  readonly actions: readonly Action[];
}

/** Told of what happens in a world, and of each event once it has been handled. */
export interface Watcher extends PartialObserver {
  handled?(event: SimEvent): void;
}

export interface RunOptions extends Taps {
  /** Stop after this much simulated time, in microseconds; then only safety was checked. */
  readonly until?: number;
  /** How many clients use a few services as registers. Default: as many as the scenario says. */
  readonly clients?: number;
  readonly observer?: RunObserver;
}
