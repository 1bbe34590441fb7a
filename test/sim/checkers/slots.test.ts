import { expect, test } from "vitest";
import type { StoreObject } from "../../../core/model/change.ts";
import { SlotNotDoubled, TaskRunsOnce } from "../../../sim/checkers/slots.ts";
import type { Commit } from "../../../sim/world/history.ts";
import type { Host } from "../../../sim/world/host.ts";
import { node, service, type TaskTraits, task } from "../../support/model.ts";
import { type Entry, MadeUpCluster, objection, problemOf } from "./entries.ts";

// Goal: a slot that runs twice though somebody could know, and a container that is started a second
// time, are seen.

const nodes = [node("n1"), node("n2"), node("n3", { state: "down" })];
const web = service("web");
const parked: TaskTraits = { state: "READY", desired: "READY", createdAt: 10, startAt: 20 };
const old = (traits: TaskTraits = {}) =>
  task("old", { node: "n2", desired: "SHUTDOWN", ...traits });
const still = "web.1 starts while its predecessor still runs on n2";

/** The parked task is started beside this. */
function started(beside: readonly StoreObject[], entry: Partial<Entry> = {}): string | null {
  const to = [task("new", { ...parked, desired: "RUNNING" })];
  const before = [...nodes, web, task("new", parked), ...beside];
  return objection((history) => new SlotNotDoubled(history), before, { at: 30, to, ...entry });
}

test.each<readonly [string, readonly StoreObject[], Partial<Entry>, string | null]>([
  ["nothing", [], {}, null],
  ["one that has stopped", [old({ state: "SHUTDOWN" })], {}, null],
  ["one that is to stop", [old()], {}, still],
  ["one that is to stop and has just been assigned", [old({ state: "ASSIGNED" })], {}, still],
  ["one that never came to a node", [old({ state: "PENDING", node: null })], {}, null],
  ["one that its node was never given", [old({ state: "PENDING" })], {}, null],
  ["one that goes on", [old({ desired: "RUNNING" })], {}, null],
  ["one on a node that is down", [old({ node: "n3" })], {}, null],
  ["one on a node that is gone", [old({ node: "n9" })], {}, null],
  ["one of another slot", [old({ slot: 2 })], {}, null],
  ["one of another service", [old({ service: "db" })], {}, null],
  ["one that will not stop for almost a minute", [old()], { at: 69.9 }, still],
  ["one that will not stop for a minute", [old()], { at: 70 }, null],
  ["nothing, too early", [], { at: 19 }, "web.1 starts before its restart delay is over"],
  ["one that is to stop, in a cluster begun anew", [old()], { isForced: true }, null],
])("a parked task is started beside %s", (_what, beside, entry, problem) => {
  expect(started(beside, entry)).toBe(problem);
});

test("what is not started is not looked at", () => {
  const as = (desired: "READY" | "SHUTDOWN") =>
    started([old()], { to: [task("new", { ...parked, desired })] });
  expect([as("READY"), as("SHUTDOWN")]).toEqual([null, null]);
});

interface Machines {
  readonly isMeddledWith?: boolean;
}

function machines({ isMeddledWith = false }: Machines = {}) {
  const executor = { isMeddledWith: () => isMeddledWith };
  const hosts = [0, 1].map((number) => ({ name: `w${number}`, number, executor }));
  const checker = new TaskRunsOnce(hosts as unknown as Host[]);
  const cluster = new MadeUpCluster(task("t1", { node: "w0" }));
  const boot = (number: number, rejoins: boolean) =>
    checker.recovered({ number, rejoins } as unknown as Host);
  const commit = (entry: Entry) => checker.committed(cluster.commit(entry) as Commit);
  const start = (number: number) => problemOf(() => checker.started(number, "t1"));
  return { boot, commit, start };
}

const twice = "the container of task t1 is started a second time";

test("a container is started once, on whatever machine", () => {
  for (const again of [0, 1]) {
    const { start } = machines();
    expect([start(0), start(again)]).toEqual([null, twice]);
  }
});

test("a container may be started again by somebody, or where nobody can know that it was", () => {
  const meddled = machines({ isMeddledWith: true });
  expect([meddled.start(0), meddled.start(0)]).toEqual([null, null]);
  const wiped = machines();
  expect(wiped.start(0)).toBeNull();
  wiped.boot(1, true);
  wiped.boot(0, false);
  expect(wiped.start(0)).toBe(twice);
  wiped.boot(0, true);
  expect(wiped.start(0)).toBeNull();
});

test("a container may be started again where a cluster begun anew has placed it", () => {
  const to = (where: string) => [task("t1", { node: where })];
  const same = machines();
  same.start(0);
  same.commit({ at: 1, isForced: true, to: to("w0") });
  expect(same.start(0)).toBe(twice);
  same.commit({ at: 2, to: to("w1") });
  expect(same.start(1)).toBe(twice);
  same.commit({ at: 3, isForced: true, to: to("w0") });
  expect(same.start(1)).toBeNull();
  same.commit({ at: 4, gone: ["t1"] });
  expect(same.start(1)).toBeNull();
});
