import { expect, test } from "vitest";
import {
  isTerminal,
  mayStep,
  stateName,
  stepOwner,
  TaskState,
} from "../../../core/model/task-state.ts";
import type { StateName } from "../../support/model.ts";

// Goal: a task's steps and their owners are SwarmKit's (design/tla/Tasks.tla, api/types.proto), but
// that the orchestrator makes what needs no allocator pending at once.
// Method: a table written by hand, held against stepOwner over all pairs of states.

const names = Object.keys(TaskState) as StateName[];

test("TaskState has SwarmKit's values", () => {
  expect(TaskState).toEqual({
    NEW: 0,
    PENDING: 64,
    ASSIGNED: 192,
    ACCEPTED: 256,
    PREPARING: 320,
    READY: 384,
    STARTING: 448,
    RUNNING: 512,
    COMPLETE: 576,
    SHUTDOWN: 640,
    FAILED: 704,
    REJECTED: 768,
    REMOVE: 800,
    ORPHANED: 832,
  });
});

test("stateName() gives the name of every state, and something for what is none", () => {
  for (const name of names) expect(stateName(TaskState[name])).toBe(name);
  expect(stateName(1 as TaskState)).toBe("STATE_1");
});

test("isTerminal() is true of what comes after RUNNING", () => {
  const ended = names.filter((name) => isTerminal(TaskState[name]));
  expect(ended).toEqual(["COMPLETE", "SHUTDOWN", "FAILED", "REJECTED", "REMOVE", "ORPHANED"]);
});

/**
 * A row a state, a column a state: `o`rchestrator, `l` allocator, `s`cheduler, `a`gent,
 * `d`ispatcher, `.` no legal step. An agent may report several of its steps at once.
 */
const table = `
             NEW PEN ASS ACC PRE REA STA RUN COM SHU FAI REJ REM ORP
  (nothing)   o   o   .   .   .   .   .   .   .   .   .   .   .   .
  NEW         .   l   .   .   .   .   .   .   .   .   .   .   .   .
  PENDING     .   .   s   .   .   .   .   .   .   s   .   .   .   .
  ASSIGNED    .   .   .   a   a   a   a   a   a   a   a   a   .   d
  ACCEPTED    .   .   .   .   a   a   a   a   a   a   a   a   .   d
  PREPARING   .   .   .   .   .   a   a   a   a   a   a   a   .   d
  READY       .   .   .   .   .   .   a   a   a   a   a   a   .   d
  STARTING    .   .   .   .   .   .   .   a   a   a   a   .   .   d
  RUNNING     .   .   .   .   .   .   .   .   a   a   a   .   .   d
  COMPLETE    .   .   .   .   .   .   .   .   .   .   .   .   .   .
  SHUTDOWN    .   .   .   .   .   .   .   .   .   .   .   .   .   .
  FAILED      .   .   .   .   .   .   .   .   .   .   .   .   .   .
  REJECTED    .   .   .   .   .   .   .   .   .   .   .   .   .   .
  REMOVE      .   .   .   .   .   .   .   .   .   .   .   .   .   .
  ORPHANED    .   .   .   .   .   .   .   .   .   .   .   .   .   .
`;

const owners: Readonly<Record<string, string | null>> = {
  o: "orchestrator",
  l: "allocator",
  s: "scheduler",
  a: "agent",
  d: "dispatcher",
  ".": null,
};

test("stepOwner() agrees with the table for every pair of states", () => {
  const rows = table.trim().split("\n").slice(1);
  expect(rows).toHaveLength(names.length + 1);
  for (const row of rows) {
    const [fromName = "", ...cells] = row.trim().split(/\s+/);
    const from = fromName === "(nothing)" ? null : TaskState[fromName as StateName];
    expect(cells).toHaveLength(names.length);
    for (const [at, cell] of cells.entries()) {
      const to = names[at] as StateName;
      expect(stepOwner(from, TaskState[to]), `${fromName} to ${to}`).toBe(owners[cell]);
    }
  }
});

test("stepOwner() allows no step back and none from a final state", () => {
  for (const from of names) {
    for (const to of names) {
      const owner = stepOwner(TaskState[from], TaskState[to]);
      if (owner === null) continue;
      expect(TaskState[to]).toBeGreaterThan(TaskState[from]);
      expect(isTerminal(TaskState[from])).toBe(false);
    }
  }
});

test("mayStep() also lets the enforcer reject what is on a node and has not ended", () => {
  const rejected = names.filter((from) => mayStep("enforcer", TaskState[from], TaskState.REJECTED));
  const onNode = ["ASSIGNED", "ACCEPTED", "PREPARING", "READY", "STARTING", "RUNNING"];
  expect(rejected).toEqual(onNode);
  expect(mayStep("enforcer", TaskState.RUNNING, TaskState.FAILED)).toBe(false);
  expect(mayStep("agent", TaskState.RUNNING, TaskState.FAILED)).toBe(true);
  expect(mayStep("agent", TaskState.RUNNING, TaskState.REJECTED)).toBe(false);
});
