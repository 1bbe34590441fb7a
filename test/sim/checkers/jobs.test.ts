import { expect, test } from "vitest";
import type { ServiceMode } from "../../../core/model/service.ts";
import { JobCompletesOnce, JobConcurrencyHolds } from "../../../sim/checkers/jobs.ts";
import { node, service, type TaskTraits, task } from "../../support/model.ts";
import { type Entry, objection } from "./entries.ts";

// Goal: a job that runs a slot again, or more of them than it may, is seen.

const mode: ServiceMode = { kind: "replicated-job", totalCompletions: 3, maxConcurrent: 2 };
const job = (iteration = 0, traits: Partial<typeof mode> = {}) => ({
  ...service("job", { mode: { ...mode, ...traits } as ServiceMode }),
  job: { iteration, lastExecution: null as never },
});
const of: TaskTraits = { service: "job", job: 0, desired: "COMPLETE" };
const one = (id: string, traits: TaskTraits = {}) => task(id, { ...of, ...traits });
const nodes = [node("n1"), node("n2", { state: "down" })];

function completions(...entries: Entry[]): string | null {
  const before = [...nodes, job(), one("a"), one("g", { slot: 0 })];
  return objection((history) => new JobCompletesOnce(history), before, ...entries);
}

const done: Entry = { at: 1, by: "agent", to: [one("a", { state: "COMPLETE" })] };
const again = "job.1 is run again, though its slot has completed";
const begin = (traits: TaskTraits = {}) => ({ at: 2, to: [one("b", { state: "NEW", ...traits })] });

test.each<readonly [string, readonly Entry[], string | null]>([
  ["that has completed", [done, begin()], again],
  [
    "that has completed, though its task is forgotten",
    [done, { at: 1, gone: ["a"] }, begin()],
    again,
  ],
  [
    "that completed before another did",
    [
      { at: 1, by: "agent", to: [one("a", { state: "COMPLETE" })] },
      { at: 1, by: "agent", to: [one("g", { state: "COMPLETE", slot: 0 })] },
      begin(),
    ],
    again,
  ],
  ["that has failed", [{ ...done, to: [one("a", { state: "FAILED" })] }, begin()], null],
  [
    "that has completed in an earlier run",
    [done, { at: 1, to: [job(1)] }, begin({ job: 1 })],
    null,
  ],
  [
    "that has completed, of a late earlier run",
    [{ at: 1, to: [one("a", { state: "COMPLETE", job: 1 })] }, done, begin({ job: 1 })],
    again,
  ],
  ["beside one that has completed", [done, begin({ slot: 2 })], null],
  [
    "whose task was to be removed as it completed",
    [{ at: 1, to: [one("a", { state: "COMPLETE", desired: "REMOVE" })] }, begin()],
    null,
  ],
  [
    "on a node where it has completed",
    [{ at: 1, to: [one("g", { state: "COMPLETE", slot: 0 })] }, begin({ slot: 0, node: "n1" })],
    "job.0 is run again, though its slot has completed",
  ],
  [
    "on a node where it has not completed",
    [{ at: 1, to: [one("g", { state: "COMPLETE", slot: 0 })] }, begin({ slot: 0, node: "n2" })],
    null,
  ],
  ["of a service that was removed and made anew", [done, { at: 1, gone: ["job"] }, begin()], null],
  [
    "in a cluster begun anew that does not know it",
    [done, { at: 1, isForced: true, gone: ["a"] }, begin()],
    null,
  ],
  ["in a cluster begun anew that knows it", [done, { at: 1, isForced: true }, begin()], again],
  ["that is parked", [done, begin({ desired: "SHUTDOWN" })], null],
  ["whose turn has come", [begin({ desired: "READY" }), done, begin()], again],
  ["that goes on", [begin(), done, begin({ state: "RUNNING" })], null],
  ["that is one too many", [begin({ slot: 4 })], "job.4 is one more than 3 completions"],
  ["that is the last one", [begin({ slot: 3 })], null],
  [
    "of an earlier run that is one too many by now",
    [{ at: 1, to: [job(1)] }, begin({ slot: 4 })],
    null,
  ],
])("a job begins a slot %s", (_what, entries, problem) => {
  expect(completions(...entries)).toBe(problem);
});

function concurrency(...entries: Entry[]): string | null {
  return objection((history) => new JobConcurrencyHolds(history), nodes, ...entries);
}

const made: Entry = { at: 1, by: "control", to: [job()] };
const slots = (...which: readonly TaskTraits[]): Entry => ({
  at: 2,
  to: which.map((traits, at) => one(`t${at + 1}`, { slot: at + 1, state: "NEW", ...traits })),
});
const three = "job uses 3 slots, and may use 2 at a time";
const third = { at: 3, to: [one("t3", { slot: 3, state: "NEW" })] };

test.each<readonly [string, readonly Entry[], string | null]>([
  ["as many as it may", [slots({}, {})], null],
  ["one too many", [slots({}, {}, {})], three],
  ["one too many later", [slots({}, {}), third], three],
  ["another once one has completed", [slots({}, { state: "COMPLETE" }), third], null],
  ["another once one has failed", [slots({}, { state: "FAILED" }), third], null],
  [
    "another while one that is to stop runs",
    [slots({}, { state: "RUNNING", desired: "SHUTDOWN" }), third],
    three,
  ],
  [
    "another while one that is to stop has no node",
    [slots({}, { desired: "SHUTDOWN" }), third],
    null,
  ],
  [
    "another while one is on a node that is down",
    [slots({}, { state: "RUNNING", node: "n2" }), third],
    null,
  ],
  [
    "another while one is on a node that is gone",
    [slots({}, { state: "RUNNING", node: "n9" }), third],
    null,
  ],
  [
    "another of a slot that is in use",
    [slots({}, {}), { at: 3, to: [one("x", { slot: 2, state: "NEW" })] }],
    null,
  ],
  [
    "another of a slot that was in use, and others run again",
    [
      slots({}, {}, { state: "RUNNING", node: "n2" }),
      { at: 3, by: "dispatcher", to: [node("n2")] },
      {
        at: 4,
        to: [one("t1", { state: "FAILED", desired: "SHUTDOWN" }), one("x", { state: "NEW" })],
      },
    ],
    null,
  ],
  [
    "those of the limit before, in the entry that lowers it",
    [
      { at: 2, by: "control", to: [job(0, { maxConcurrent: 1 })] },
      { ...slots({}), at: 3 },
      {
        at: 4,
        to: [
          job(0, { maxConcurrent: 2 }),
          job(0, { maxConcurrent: 1 }),
          one("t2", { slot: 2, state: "NEW" }),
        ],
      },
    ],
    "job uses 2 slots, and may use 1 at a time",
  ],
  [
    "those of the limit before the entry",
    [
      slots({}),
      { at: 3, to: [job(0, { maxConcurrent: 1 }), one("t2", { slot: 2, state: "NEW" })] },
    ],
    null,
  ],
  [
    "a slot of a global job",
    [slots({}, {}), { at: 3, to: [one("x", { slot: 0, state: "NEW", node: "n1" })] }],
    null,
  ],
])("a job begins %s", (_what, entries, problem) => {
  expect(concurrency(made, ...entries)).toBe(problem);
});
