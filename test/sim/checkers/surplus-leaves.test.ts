import { expect, test } from "vitest";
import type { Actor } from "../../../core/model/change.ts";
import type { Task } from "../../../core/model/task.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { SurplusLeaves } from "../../../sim/checkers/surplus-leaves.ts";
import { service, type TaskTraits, task } from "../../support/model.ts";
import { objection } from "./entries.ts";

// Goal: a slot that is given up instead of one that should go first is seen.

/** Slots 1, 2, ..., of which some are given up so that `replicas` stay. */
function verdict(
  slots: readonly TaskTraits[],
  replicas: number,
  removed: readonly number[],
  by: Actor = "orchestrator",
): string | null {
  const tasks = slots.map((traits, at) => task(`t${at + 1}`, { slot: at + 1, ...traits }));
  const to = removed.map((slot) => {
    return { ...(tasks[slot - 1] as Task), desiredState: TaskState.REMOVE };
  });
  const before = [service("web", { replicas }), ...tasks];
  return objection((history) => new SurplusLeaves(history), before, { at: 1, by, to });
}

const [n1, n2] = [{ node: "n1" }, { node: "n2" }];
const starting: TaskTraits = { node: "n1", state: "STARTING" };
const homeless: TaskTraits = { node: null, state: "PENDING" };

test.each<readonly [string, readonly TaskTraits[], number, readonly number[], string | null]>([
  ["one of the fuller node", [n1, n1, n2], 2, [2], null],
  [
    "one of the emptier node",
    [n1, n1, n1, n2],
    3,
    [4],
    "web gives up web.4 on n2 and keeps web.1 on n1",
  ],
  [
    "the only one of a node",
    [n1, n1, n2],
    2,
    [3],
    "web gives up web.3 on n2 and keeps web.1 on n1",
  ],
  ["any of equals", [n1, n2], 1, [1], null],
  ["one without a node", [n1, homeless, n2], 2, [2], null],
  [
    "one with a node",
    [n1, homeless],
    1,
    [1],
    "web gives up web.1 on n1 and keeps web.2 on no node",
  ],
  ["one that does not run", [n1, starting], 1, [2], null],
  ["one that runs", [starting, n1], 1, [2], "web gives up web.2 on n1 and keeps web.1 on n1"],
  ["one that does not run, of those that do not", [starting, starting], 1, [1], null],
  ["one that does not run elsewhere", [n2, starting], 1, [1], null],
  ["a part of what is to go", [n1, homeless, homeless], 1, [1], null],
  ["one that is not too many", [n1, homeless], 2, [1], null],
])("a service that gives up %s", (_what, slots, replicas, removed, problem) => {
  expect(verdict(slots, replicas, removed)).toBe(problem);
});

test("what a user removes is the user's choice", () => {
  expect(verdict([n1, homeless], 1, [1], "control")).toBeNull();
});

test("a slot counts where its oldest wanted task is, and not as often as it was tried", () => {
  const ended: TaskTraits = { node: "n2", slot: 2, state: "FAILED", desired: "SHUTDOWN" };
  const again: TaskTraits = { node: "n1", slot: 2, createdAt: 5 };
  const slots = [n1, ended, again, { node: "n2", slot: 3 }];
  expect(verdict(slots, 2, [1])).toBeNull();
  expect(verdict(slots, 2, [4])).toBe("web gives up web.3 on n2 and keeps web.1 on n1");
});
