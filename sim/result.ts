import type { EventLine } from "../core/observe/source.ts";

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
  /** Where the first of them comes from: a paper, SwarmKit; null: none, or nothing broke. */
  readonly source: string | null;
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
  /**
   * The last events, oldest first, one line each, to the one in which something broke; empty when
   * nothing did.
   */
  readonly lastEvents: readonly string[];
  /**
   * What is known of all that the violation names, in lines for a person; empty when nothing broke,
   * and in runs that were only to be counted.
   */
  readonly evidence: readonly string[];
}

/** A run in which nothing of a cluster happened, and nothing broke. */
export const emptyResult = {
  verdict: "pass",
  violations: [],
  source: null,
  digest: "",
  events: 0,
  simulatedSeconds: 0,
  messages: { sent: 0, dropped: 0 },
  elections: 0,
  checks: {},
  situations: {},
  recovery: { took: null, bound: 0 },
  services: {},
  refused: {},
  lastEvents: [],
  evidence: [],
} as const satisfies Omit<RunResult, "scenario" | "seed" | "wallSeconds">;

/** One line of the story of a run, as it happens. */
export interface StoryLine {
  /** Simulated seconds. */
  readonly at: number;
  readonly kind: EventLine["kind"];
  readonly text: string;
}
