import { expect, test } from "vitest";
import type { StoreObject } from "../../../core/model/change.ts";
import type { Member } from "../../../core/node/member.ts";
import { ParkedIsStarted } from "../../../sim/checkers/parked-is-started.ts";
import type { Kernel } from "../../../sim/kernel.ts";
import type { Host } from "../../../sim/world/host.ts";
import { node, service, type TaskTraits, task } from "../../support/model.ts";
import { MadeUpCluster, problemOf } from "./entries.ts";

// Goal: a replacement that nothing holds back is missed after ten looks at a leader at rest, and
// not while there is a reason to wait.

const host = { name: "m1" } as unknown as Host;
const parked = (traits: TaskTraits = {}) =>
  task("new", { state: "READY", desired: "READY", createdAt: 10, startAt: 10, ...traits });

interface Look {
  /** What the leader has on its way; default: nothing. */
  readonly behind?: number;
  readonly leader?: Host;
}

/** A leader is seen once a second with these objects, from second 11 on. */
function verdict(before: readonly StoreObject[], looks: readonly Look[]): string | null {
  const cluster = new MadeUpCluster();
  const kernel = { now: 10_000_000 };
  const checker = new ParkedIsStarted(kernel as unknown as Kernel, cluster.history);
  checker.committed(cluster.commit({ at: 10, to: before }));
  return problemOf(() => {
    for (const { behind = 0, leader = host } of looks) {
      kernel.now += 1_000_000;
      const { index } = cluster.view;
      const raft = { commit: index, lastIndex: index + behind };
      checker.leading(leader, { raft, store: { index } } as unknown as Member);
    }
  });
}

const rest = (seconds: number): Look[] => Array.from({ length: seconds }, () => ({}));
const nodes = [node("n1"), node("n2")];
const web = service("web");
const missed = "web.1 is not started, though nothing of its slot may run any more";
const old = (traits: TaskTraits) => task("old", { node: "n2", desired: "SHUTDOWN", ...traits });
const away = (state: "down" | "unknown") => [node("n1"), node("n2", { state })];

test.each<readonly [string, readonly StoreObject[], string | null]>([
  ["what was there has stopped", [...nodes, web, parked(), old({ state: "SHUTDOWN" })], missed],
  ["there was nothing", [...nodes, web, parked()], missed],
  ["what was there still runs", [...nodes, web, parked(), old({})], null],
  ["it runs on a node that is down", [...away("down"), web, parked(), old({})], missed],
  ["it runs where nobody knows of it", [...away("unknown"), web, parked(), old({})], null],
  ["its node is gone", [node("n1"), web, parked(), old({})], missed],
  ["it never came to its node", [...nodes, web, parked(), old({ state: "PENDING" })], missed],
  ["it goes on", [...nodes, web, parked(), old({ desired: "RUNNING" })], null],
  ["another slot's still runs", [...nodes, web, parked(), old({ slot: 2 })], missed],
  ["its own node is down", [node("n1", { state: "down" }), web, parked()], null],
  ["it has no node", [...nodes, web, parked({ state: "PENDING" })], missed],
  ["it has ended itself", [...nodes, web, parked({ state: "FAILED" })], null],
  ["it was started", [...nodes, web, parked({ desired: "RUNNING" })], null],
  ["its delay is not over", [...nodes, web, parked({ startAt: 30 })], null],
  ["its service is gone", [...nodes, parked()], null],
  ["its service waits", [...nodes, service("web", { waitsFor: ["db"] }), parked()], null],
])("a parked task, where %s", (_what, before, problem) => {
  expect(verdict(before, rest(15))).toBe(problem);
});

test("its delay is that of a clock that may be slow", () => {
  const before = [...nodes, web, parked({ startAt: 20 })];
  expect(verdict(before, rest(24))).toBeNull();
  expect(verdict(before, rest(25))).toBe(missed);
});

test("ten looks are as many as it takes, and those of a leader that is busy do not count", () => {
  const before = [...nodes, web, parked()];
  expect(verdict(before, rest(9))).toBeNull();
  expect(verdict(before, [...rest(9), { behind: 1 }])).toBeNull();
  expect(verdict(before, rest(10))).toBe(missed);
  const other = { leader: { name: "m2" } as unknown as Host };
  expect(verdict(before, [...rest(9), other, ...rest(9)])).toBeNull();
});
