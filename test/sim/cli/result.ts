import type { RunResult } from "../../../sim/result.ts";

/** A run that passed, with a few figures of every kind. */
export const passed: RunResult = {
  scenario: "leader cut off",
  seed: "7",
  verdict: "pass",
  violations: [],
  digest: "0123456789abcdef",
  events: 48_213,
  simulatedSeconds: 180,
  wallSeconds: 0.16,
  messages: { sent: 12_001, dropped: 210 },
  elections: 3,
  checks: { "election-safety": 48_213, "log-matching": 172 },
  situations: { "two-leaders": 2 },
  recovery: { took: 4, bound: 65.25 },
  services: {
    web: { wanted: 6, running: 6, lowestRunning: 4, secondsBelow: 12.34, starts: 2 },
    "long-name": { wanted: 1_000, running: 0, lowestRunning: null, secondsBelow: 0, starts: 0 },
  },
  refused: {},
  source: null,
  lastEvents: [],
  evidence: [],
};

/** A run in which something broke. */
export const failed: RunResult = {
  ...passed,
  verdict: "fail",
  violations: [
    {
      invariant: "slot-not-doubled",
      at: 41.203,
      node: "w3",
      detail: "web.2 runs twice:\n w1 and w3",
    },
  ],
  recovery: { took: null, bound: 65.25 },
  source: "SwarmKit: one task a slot",
  lastEvents: ["41.202000 message m1 -> w3 assignments", "41.203000 executor w3 started"],
  evidence: ["w3  up; agent at m1", "", "what changed them last:", "  web.2 is created"],
};
