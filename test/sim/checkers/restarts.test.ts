import { expect, test } from "vitest";
import { seconds } from "../../../core/base/time.ts";
import type { StoreObject } from "../../../core/model/change.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import type { Checker } from "../../../sim/checkers/checker.ts";
import {
  MaxAttemptsHold,
  RestartConditionHolds,
  RestartDelayHolds,
  Restarts,
} from "../../../sim/checkers/restarts.ts";
import { SlotTasks } from "../../../sim/checkers/slot-tasks.ts";
import {
  at,
  badImage,
  service as declared,
  removeTask,
  scenario,
} from "../../../sim/scenario/dsl.ts";
import { simulate } from "../../../sim/simulate.ts";
import type { Commit, History } from "../../../sim/world/history.ts";
import { moment, node, service, type TaskTraits, task } from "../../support/model.ts";
import { type Entry, objection } from "./entries.ts";

// Goal: a restart against the policy is seen, and one that never comes; what counts for nothing is
// no more than said.

const restarts = () => new Restarts(new SlotTasks());
const conditions = () => new RestartConditionHolds(restarts());
const attempts = () => new MaxAttemptsHold(restarts());
const delays = (history: History) => new RestartDelayHolds(history, restarts());

const nodes = [node("n1"), node("n2", { availability: "drain" })];
const web = service("web");

function verdict(of: (history: History) => Checker, ...entries: Entry[]): string | null {
  return objection(of, [...nodes, web], ...entries);
}

const run = (id: string, at: number, traits: TaskTraits = {}): Entry => ({
  at,
  to: [task(id, { createdAt: at, ...traits })],
});

/** The task has ended by itself. */
function end(id: string, at: number, createdAt: number, traits: TaskTraits = {}): Entry {
  const ended = task(id, { createdAt, appliedAt: at, state: "FAILED", ...traits });
  return { at, by: "agent", to: [ended] };
}

/** One that has ended is followed by another, in one entry. */
function follow(id: string, at: number, createdAt: number, next: string, traits: TaskTraits = {}) {
  const parked: TaskTraits = { state: "NEW", desired: "READY", createdAt: at, ...traits };
  const ended: TaskTraits = { state: "FAILED", ...traits, desired: "SHUTDOWN", appliedAt: at };
  const to: StoreObject[] = [task(id, { createdAt, ...ended }), task(next, parked)];
  return { at, to };
}

/** It fails at once, again and again: a new task at each of these seconds. */
function failing(moments: readonly number[], traits: TaskTraits): Entry[] {
  return moments.flatMap((at, number) => {
    const [id, createdAt] = [`t${number}`, moments[number - 1] ?? 0];
    const first = number === 0 ? [run(id, 0, traits)] : [];
    const attempt = { restarts: { isAttempt: true } };
    const next = follow(id, at, createdAt, `t${number + 1}`, { ...traits, ...attempt });
    return [...first, end(id, at, createdAt, traits), next];
  });
}

/** Its last task is asked to stop, and none follows. */
function givenUp(moments: readonly number[], at: number, traits: TaskTraits): Entry[] {
  const [id, createdAt] = [`t${moments.length}`, moments.at(-1) ?? 0];
  const ended = { createdAt, appliedAt: at, state: "FAILED", ...traits } as const;
  const left = { at: at + 1, to: [task(id, { ...ended, desired: "SHUTDOWN" })] };
  return [...failing(moments, traits), end(id, at, createdAt, traits), left];
}

/** Fails as often before a manager goes on alone, and after it. */
function begunAnew(before: readonly number[], after: readonly number[], traits: TaskTraits) {
  return [...failing(before, traits), { at: 2, isForced: true }, ...failing(after, traits)];
}

const on = (condition: "any" | "none" | "on-failure"): TaskTraits => ({ restart: { condition } });
const done = { state: "COMPLETE" } as const;

test.each<readonly [string, TaskTraits, string | null]>([
  ["any after a failure", on("any"), null],
  ["any after success", { ...on("any"), ...done }, null],
  ["on-failure after a failure", on("on-failure"), null],
  [
    "on-failure after success",
    { ...on("on-failure"), ...done },
    "web.1 is restarted after COMPLETE, with the condition on-failure",
  ],
  ["none after a failure", on("none"), "web.1 is restarted after FAILED, with the condition none"],
  [
    "none after a rejection",
    { ...on("none"), state: "REJECTED" },
    "web.1 is restarted after REJECTED, with the condition none",
  ],
])("a restart with the condition %s", (_what, traits, problem) => {
  const entries = [end("a", 5, 0, traits), follow("a", 6, 0, "b", traits)];
  expect(verdict(conditions, run("a", 0, traits), ...entries)).toBe(problem);
});

const none = on("none");

test.each<readonly [string, readonly Entry[]]>([
  ["was asked to stop", [follow("a", 6, 0, "b", { ...none, state: "RUNNING" })]],
  ["is of an update", [end("a", 5, 0, none), follow("a", 6, 0, "b", { ...none, isUpdate: true })]],
  ["is of another slot", [end("a", 5, 0, none), { at: 6, to: [task("b", { slot: 2, ...none })] }]],
  [
    "is of another version",
    [end("a", 5, 0, none), { at: 6, to: [task("b", { ...none, specVersion: 2 })] }],
  ],
  [
    "follows one that is being removed",
    [
      { at: 5, to: [task("a", { ...none, state: "FAILED", desired: "REMOVE" })] },
      { at: 6, to: [task("b", { ...none, createdAt: 6 })] },
    ],
  ],
  [
    "is of a job's next run",
    [end("a", 5, 0, none), { at: 6, to: [task("b", { ...none, job: 1, createdAt: 6 })] }],
  ],
])("what takes the place of a task that %s is no restart", (_what, entries) => {
  expect(verdict(conditions, run("a", 0, none), ...entries)).toBeNull();
});

test("what the same entry forgets is restarted all the same", () => {
  const next = { at: 6, to: [task("b", { ...none, createdAt: 6 })], gone: ["a"] };
  const problem = "web.1 is restarted after FAILED, with the condition none";
  expect(verdict(conditions, run("a", 0, none), end("a", 5, 0, none), next)).toBe(problem);
});

type Condition = "any" | "none" | "on-failure";

const most = (maxAttempts: number, window = 0, condition: Condition = "any"): TaskTraits => ({
  restart: { condition, maxAttempts, window: seconds(window) },
});

test.each<readonly [string, readonly Entry[], string | null]>([
  ["as often as it may be", failing([1, 2], most(2)), null],
  ["once more", failing([1, 2, 3], most(2)), "web.1 is restarted 3 times, not 2"],
  ["as often as it likes", failing([1, 2, 3], most(0)), null],
  ["again within its window", failing([1, 2, 9], most(2, 10)), "web.1 is restarted 3 times, not 2"],
  ["again after its window", failing([1, 12, 13], most(2, 10)), null],
  ["no more once it is used up", givenUp([1, 2], 3, most(2)), null],
  ["no more before", givenUp([1], 3, most(2)), "web.1 is given up after 1 of 2 restarts"],
  [
    "no more though its window is over",
    givenUp([1, 2], 20, most(2, 10)),
    "web.1 is given up after 0 of 2 restarts",
  ],
  ["no more as it ended well", givenUp([], 3, { ...most(2, 0, "on-failure"), ...done }), null],
  [
    "no more as it failed",
    givenUp([], 3, most(2, 0, "on-failure")),
    "web.1 is given up after 0 of 2 restarts",
  ],
  ["no more as nobody wants it", givenUp([], 3, most(2, 0, "none")), null],
  ["no more as it is stopped", givenUp([], 3, { ...most(2), state: "RUNNING" }), null],
  ["as often again in a cluster begun anew", begunAnew([1], [3], most(1)), null],
  ["no more in a global service", givenUp([], 3, { ...most(2), slot: 0 }), null],
  ["no more in a job", givenUp([], 3, { ...most(2), job: 1 }), null],
  [
    "no more while another of its slot is wanted",
    [run("b", 0, most(2)), ...givenUp([], 3, most(2))],
    null,
  ],
  [
    "no more in a cluster begun anew",
    [{ at: 0, isForced: true }, ...givenUp([], 3, most(2))],
    null,
  ],
])("a slot is restarted %s", (_what, entries, problem) => {
  expect(verdict(attempts, ...entries)).toBe(problem);
});

test("what did not end by itself is no attempt, and must not be counted as one", () => {
  const lost: TaskTraits = { ...most(1), state: "ORPHANED" };
  const twice = [follow("a", 2, 0, "b", lost), follow("b", 4, 2, "c", lost)];
  expect(verdict(attempts, run("a", 0, most(1)), ...twice)).toBeNull();
  const counted = follow("a", 2, 0, "b", { ...lost, restarts: { isAttempt: true } });
  const problem = "web.1 counts as an attempt, and its predecessor did not end by itself";
  expect(verdict(attempts, run("a", 0, most(1)), counted)).toBe(problem);
});

test("a slot whose tasks are all gone, or are to go, begins anew", () => {
  const again = (entry: Entry) => [
    ...failing([1], most(1)),
    entry,
    ...[run("x", 5, most(1)), end("x", 6, 5, most(1)), follow("x", 7, 5, "y", most(1))],
  ];
  expect(verdict(attempts, ...again({ at: 4 }))).toBe("web.1 is restarted 2 times, not 1");
  expect(verdict(attempts, ...again({ at: 4, gone: ["t0", "t1"] }))).toBeNull();
  expect(verdict(attempts, ...again({ at: 4, gone: ["t0"] }))).not.toBeNull();
  const leaving = ["t0", "t1"].map((id) => task(id, { ...most(1), desired: "REMOVE" }));
  expect(verdict(attempts, ...again({ at: 4, to: leaving }))).toBeNull();
});

const waits = (startAt: number, delay: number, maxDelay = 0): TaskTraits => ({
  restart: { delay: seconds(delay), maxDelay: seconds(maxDelay) },
  startAt,
});

const wrong = (is: number, not: number, row: number) =>
  `web.1 is to wait ${is} s and not ${not} s after ${row} failures in a row`;

/** Fails in second 1 and whenever it may start again, which is after so many seconds each time. */
function rows(spans: readonly number[], delay: number, maxDelay: number): Entry[] {
  let [at, createdAt] = [1, 0];
  return spans.flatMap((wait, number) => {
    const id = `t${number}`;
    const traits = { ...waits(at, delay, maxDelay) };
    const first = number === 0 ? [run(id, 0, traits)] : [];
    const startAt = at + wait;
    const next = follow(id, at, createdAt, `t${number + 1}`, { ...traits, startAt });
    const entries = [...first, end(id, at, createdAt, traits), next];
    [createdAt, at] = [at, startAt];
    return entries;
  });
}

test.each<readonly [string, readonly Entry[], string | null]>([
  ["its delay", rows([5], 5, 0), null],
  ["less than its delay", rows([4], 5, 0), wrong(4, 5, 1)],
  ["more than its delay", rows([6], 5, 0), wrong(6, 5, 1)],
  ["the same each time", rows([5, 5, 5], 5, 0), null],
  ["twice as long each time, up to a cap", rows([1, 2, 4, 6, 6], 1, 6), null],
  ["a tenth of a second the next time, without a delay", rows([0, 0.1], 0, 6), null],
  ["as long as before, with a cap", rows([1, 1], 1, 6), wrong(1, 2, 2)],
  ["longer than its cap", rows([1, 2, 4, 8], 1, 6), wrong(8, 6, 4)],
])("a task that failed is followed after %s", (_what, entries, problem) => {
  expect(verdict(delays, ...entries)).toBe(problem);
});

test("a task that ran for longer than its cap begins its row anew", () => {
  const again = (ranFor: number, startAt: number) => {
    const traits = waits(2, 1, 6);
    const ran = task("t1", { ...traits, state: "FAILED", createdAt: 1, appliedAt: 20 });
    const ended = { ...ran, runningSince: moment(20 - ranFor) };
    const stopped = { ...ended, desiredState: TaskState.SHUTDOWN };
    const next = task("t2", {
      ...waits(startAt, 1, 6),
      state: "NEW",
      desired: "READY",
      createdAt: 20,
    });
    return verdict(
      delays,
      ...rows([1], 1, 6),
      { at: 20, by: "agent", to: [ended] },
      { at: 20, to: [stopped, next] },
    );
  };
  expect([again(5, 22), again(7, 21)]).toEqual([null, null]);
  expect([again(5, 21), again(7, 22)]).toEqual([wrong(1, 2, 2), wrong(2, 1, 1)]);
});

test("a task that failed on a drained node may be followed at once", () => {
  const traits = { ...waits(0, 5), node: "n2" };
  const entries = [run("a", 0, traits), end("a", 5, 0, traits), follow("a", 6, 0, "b", traits)];
  expect(verdict(delays, ...entries)).toBeNull();
});

test("a replacement is not started before its delay is over, but may be called off", () => {
  const parked = rows([5], 5, 0);
  const as = (at: number, desired: "RUNNING" | "SHUTDOWN", isForced = false) =>
    verdict(delays, ...parked, {
      ...{
        at,
        isForced,
        to: [task("t1", { state: "ASSIGNED", desired, startAt: 6, createdAt: 1 })],
      },
    });
  expect(as(5, "RUNNING")).toBe("web.1 is started 1 s before its delay is over");
  expect([as(6, "RUNNING"), as(5, "SHUTDOWN"), as(5, "RUNNING", true)]).toEqual([null, null, null]);
});

test("a slot whose tasks a user has removed has all its attempts anew", () => {
  const plan = scenario({
    name: "attempts anew",
    story: "A slot has used up its attempts when a user removes its task.",
    topology: { managers: 1, workers: 2 },
    services: [
      declared("web", {
        image: "web:1",
        restart: { delay: "0s", maxAttempts: 2, window: "10m" },
      }),
    ],
    steps: [at("0s", badImage("web:1", "1s")), at("40s", removeTask("web", 1))],
    expect: [],
  });
  let created = 0;
  const watch = {
    committed: ({ events }: Commit) => {
      for (const { previous, current } of events) {
        if (previous === null && current?.kind === "task") created += 1;
      }
    },
  };
  const { violations } = simulate(plan, "1", {
    until: 60_000_000,
    observer: { watch: () => watch },
  });
  expect(violations).toEqual([]);
  expect(created).toBe(6);
});
