import { expect, test } from "vitest";
import { seconds } from "../../../core/base/time.ts";
import type { StoreObject } from "../../../core/model/change.ts";
import type { Service } from "../../../core/model/service.ts";
import type { Task } from "../../../core/model/task.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import type { UpdateState } from "../../../core/model/update-config.ts";
import { BrokenInvariant } from "../../../sim/checkers/checker.ts";
import { StoppedForAReason } from "../../../sim/checkers/stopped-for-a-reason.ts";
import type { Commit, History } from "../../../sim/world/history.ts";
import { moment, node, service, settings, type TaskTraits, task } from "../../support/model.ts";
import { storeOf } from "../../support/store.ts";

// Goal: the reasons to ask a task to stop that the checker lets count excuse that and no more.

type Asked = Readonly<Record<string, Partial<Task>>>;

const { SHUTDOWN, REMOVE } = TaskState;

/** What is wrong where the leader asks this of tasks in one entry, at second 100; null: nothing. */
function verdict(before: readonly StoreObject[], asked: Asked): string | null {
  const after = before.map((each) => ({ ...each, ...asked[each.id] }) as StoreObject);
  const tasks = before.flatMap((previous, at) => {
    if (asked[previous.id] === undefined) return [];
    return [{ kind: "task", id: previous.id, actor: "orchestrator", previous, current: after[at] }];
  });
  const host = { name: "m1" };
  const commit = { events: tasks, tasks, entry: { time: moment(100) }, isForced: false, host };
  const checker = new StoppedForAReason({ view: storeOf(...after) } as unknown as History);
  try {
    checker.committed(commit as unknown as Commit);
    return null;
  } catch (error) {
    if (error instanceof BrokenInvariant) return error.message;
    throw error;
  }
}

const unexcused = "web.1 on n1 is asked to stop without a reason";
const stop = { desiredState: SHUTDOWN };
const leave = { desiredState: REMOVE };
const nodes = [node("n1"), node("n2")];
const drained = [node("n1", { availability: "drain" }), node("n2")];
const onWindows = { placement: { platforms: [{ os: "windows", architecture: "x86_64" }] } };
const web = service("web", { replicas: 1 });
const one = (id: string, traits: TaskTraits = {}) => task(id, traits);

const drainedIn = (order: "start-first" | "stop-first", patience: number) =>
  settings({ drain: { order, patience: seconds(patience) } });

function updated(state: UpdateState): Service {
  const updateStatus = { state, message: "", startedAt: moment(0), completedAt: null, slots: 1 };
  return { ...service("web", { image: "web:2", specVersion: 2 }), updateStatus } as Service;
}

const newer: TaskTraits = { image: "web:2", specVersion: 2, createdAt: 50 };

test.each<readonly [string, readonly StoreObject[], Asked, string | null]>([
  ["no reason at all", [...nodes, web, one("t1")], { t1: stop }, unexcused],
  ["a slot too many", [...nodes, web, one("t1"), one("t2", { slot: 2 })], { t2: leave }, null],
  ["a slot of those that are wanted", [...nodes, web, one("t1")], { t1: leave }, unexcused],
  [
    "more slots than are too many",
    [...nodes, web, one("t1"), one("t2", { slot: 2 })],
    { t1: leave, t2: leave },
    unexcused,
  ],
  [
    "a slot too many, which is not removed",
    [...nodes, web, one("t1"), one("t2", { slot: 2 })],
    { t1: stop },
    unexcused,
  ],
  ["an update", [...nodes, updated("updating"), one("t1")], { t1: stop }, null],
  [
    "an update, of what is as it asks for",
    [...nodes, updated("updating"), one("t1", newer)],
    { t1: stop },
    unexcused,
  ],
  [
    "an update that is paused, and has left another there",
    [...nodes, updated("paused"), one("t1"), one("t2", { ...newer, createdAt: 0 })],
    { t1: stop },
    null,
  ],
  [
    "an update that is paused, and has left nothing there",
    [...nodes, updated("paused"), one("t1"), one("t2", { ...newer, state: "STARTING" })],
    { t1: stop },
    unexcused,
  ],
  [
    "an update that is paused, and has left there one that is as old",
    [...nodes, updated("paused"), one("t1", { createdAt: 10 }), one("t2")],
    { t1: stop },
    unexcused,
  ],
  [
    "an update that is done, and has left another there",
    [
      ...nodes,
      updated("completed"),
      one("t1", { createdAt: 10 }),
      one("t2", { ...newer, createdAt: 0 }),
    ],
    { t1: stop },
    unexcused,
  ],
  [
    "another of its slot that has completed, where it is no job",
    [...nodes, web, one("t1"), one("t2", { state: "COMPLETE" })],
    { t1: stop },
    unexcused,
  ],
  ["an heir", [...nodes, web, one("t1"), one("t2", { createdAt: 9 })], { t1: stop }, null],
  [
    "an heir that is older",
    [...nodes, web, one("t1", { createdAt: 9 }), one("t2")],
    { t1: stop },
    unexcused,
  ],
  [
    "an heir that is to stop too",
    [...nodes, web, one("t1"), one("t2", { node: "n2", createdAt: 9 })],
    { t1: stop, t2: stop },
    unexcused,
  ],
  [
    "an heir of another slot",
    [...nodes, service("web", { replicas: 2 }), one("t1"), one("t2", { slot: 2, createdAt: 9 })],
    { t1: stop },
    unexcused,
  ],
  [
    "one that was to be replaced and goes on",
    [
      ...nodes,
      web,
      one("t1", { replaces: "t2", state: "ASSIGNED", createdAt: 40 }),
      one("t2", { node: "n2" }),
    ],
    { t1: leave },
    null,
  ],
  [
    "one that was to be replaced, is drained, and goes on so far",
    [...drained, web, one("t1", { replaces: "t2", node: "n2", createdAt: 40 }), one("t2")],
    { t1: leave },
    "web.1 on n2 is asked to stop without a reason",
  ],
  [
    "one that was to be replaced and goes on, without being removed",
    [...nodes, web, one("t1", { replaces: "t2", createdAt: 40 }), one("t2", { node: "n2" })],
    { t1: stop },
    unexcused,
  ],
  [
    "a move that takes a minute",
    [
      ...[...nodes, web, one("t2", { node: "n2", createdAt: 1 })],
      one("t1", { replaces: "t2", isMove: true, createdAt: 40, state: "ASSIGNED" }),
    ],
    { t1: leave },
    null,
  ],
  [
    "a move that has just begun",
    [
      ...[...nodes, web, one("t2", { node: "n2", createdAt: 1 })],
      one("t1", { replaces: "t2", isMove: true, createdAt: 41, state: "ASSIGNED" }),
    ],
    { t1: leave },
    unexcused,
  ],
  ...(["down", "ready"] as const).map((state) => {
    const moves = one("t1", {
      node: "n1",
      state: "PENDING",
      replaces: "t2",
      isMove: true,
      createdAt: 41,
    });
    const others = [
      node("n1"),
      node("n2", { state }),
      web,
      moves,
      one("t2", { node: "n2", createdAt: 1 }),
    ];
    const problem = state === "down" ? null : unexcused;
    return [
      `a move of what is on a node that is ${state}`,
      others,
      { t1: leave },
      problem,
    ] as const;
  }),
  [
    "a move of what has ended, which its node has taken",
    [
      ...[...nodes, web, one("t2", { node: "n2", state: "FAILED" })],
      one("t1", { replaces: "t2", isMove: true, createdAt: 41, state: "ASSIGNED" }),
    ],
    { t1: leave },
    unexcused,
  ],
  ["a node that is down", [node("n1", { state: "down" }), web, one("t1")], { t1: stop }, null],
  ["a drained node, at once", [...drained, web, one("t1")], { t1: stop }, unexcused],
  [
    "a drained node, once its patience is over",
    [drainedIn("start-first", 100), ...drained, web, one("t1")],
    { t1: stop },
    null,
  ],
  [
    "a drained node that is to stop its tasks first",
    [drainedIn("stop-first", 500), ...drained, web, one("t1")],
    { t1: stop },
    null,
  ],
  [
    "a global service's node that is as it asks for",
    [...nodes, service("web", { mode: { kind: "global" } }), one("t1", { slot: 0 })],
    { t1: stop },
    "web.0 on n1 is asked to stop without a reason",
  ],
  [
    "a node of another platform, where it is there already",
    [...nodes, service("web", onWindows), one("t1", onWindows)],
    { t1: stop },
    unexcused,
  ],
  [
    "a volume, of which none is drained",
    [...nodes, web, one("t1")],
    { t1: { ...stop, rejectedFor: "volume" } },
    "web.1 on n1 is asked to stop for a volume, of which none is drained",
  ],
  [
    "constraints that its node meets",
    [...drained, web, one("t1")],
    { t1: { ...stop, rejectedFor: "constraints" } },
    "web.1 on n1 is asked to stop for its node, which is as it asks for",
  ],
  [
    "constraints, without a word",
    [settings(), ...nodes, web, one("t1", { constraints: ["node.hostname==n2"] })],
    { t1: stop },
    "web.1 on n1 is asked to stop and is not told why",
  ],
  [
    "constraints",
    [settings(), ...nodes, web, one("t1", { constraints: ["node.hostname==n2"] })],
    { t1: { ...stop, rejectedFor: "constraints" } },
    null,
  ],
])("%s", (_what, before, asked, problem) => {
  expect(verdict(before, asked)).toBe(problem);
});
