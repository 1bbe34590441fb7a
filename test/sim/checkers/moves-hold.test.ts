import { expect, test } from "vitest";
import type { Cluster } from "../../../core/model/cluster.ts";
import type { Service } from "../../../core/model/service.ts";
import { MovesHold } from "../../../sim/checkers/moves-hold.ts";
import { PreemptionHolds } from "../../../sim/checkers/preemption-holds.ts";
import { moment, node, service, settings, type TaskTraits, task } from "../../support/model.ts";
import { type Entry, objection } from "./entries.ts";

// Goal: a task that has to leave its place for another, or for another node, without a right to be
// asked to is seen.

const allowed = (rebalancePerMinute: number): Cluster => settings({ rebalancePerMinute });
const asked: Service = { ...service("web", { replicas: 4 }), rebalanceRequestedAt: moment(1) };
const web = service("web", { replicas: 4 });
const there = [1, 2, 3, 4].map((slot) => task(`t${slot}`, { slot }));

/** The task of a slot is moved from n1 to n2. */
const move = (
  slot: number,
  at: number,
  traits: TaskTraits = {},
  more: Partial<Entry> = {},
): Entry => {
  const origin = { slot, node: "n2", isMove: true, replaces: `t${slot}`, createdAt: at };
  return { at, to: [task(`m${slot}`, { state: "NEW", ...origin, ...traits })], ...more };
};

const settled = (slot: number, at: number): Entry => ({ at, gone: [`t${slot}`] });
const second = "web.2 is moved to n2 as the 2th within a minute; 1 are allowed";
const third = "web.3 is moved to n2 where there are 3 then, and 1 where it was";

test.each<readonly [string, Cluster, Service, readonly Entry[], string | null]>([
  ["once", allowed(1), web, [move(1, 10)], null],
  [
    "though none may be",
    allowed(0),
    web,
    [move(1, 10)],
    "web.1 is moved to n2 as the 1th within a minute; 0 are allowed",
  ],
  ["and another within a minute", allowed(1), web, [move(1, 10), move(2, 69)], second],
  ["and another after a minute", allowed(1), web, [move(1, 10), move(2, 70)], null],
  ["as a user has asked", allowed(0), asked, [move(1, 10)], null],
  [
    "and another on its way, as a user has asked",
    allowed(0),
    asked,
    [move(1, 10), move(2, 11)],
    "web.2 is moved to n2 while another task of the service is on its way",
  ],
  [
    "and another that has moved, as a user has asked",
    allowed(0),
    asked,
    [move(1, 10), settled(1, 11), move(2, 12)],
    null,
  ],
  ["in a cluster begun anew", allowed(0), web, [move(1, 10, {}, { isForced: true })], null],
  [
    "where it does not run",
    allowed(9),
    web,
    [{ at: 9, to: [task("t1", { state: "STARTING" })] }, move(1, 10)],
    "web.1 is moved to n2 from where it does not run",
  ],
  [
    "from nowhere",
    allowed(9),
    web,
    [{ at: 9, gone: ["t1"] }, move(1, 10)],
    "web.1 is moved to n2 from where it does not run",
  ],
  [
    "and is stopped before",
    allowed(9),
    web,
    [{ at: 9, to: [task("t1", { desired: "SHUTDOWN" })] }, move(1, 10)],
    "web.1 is moved to n2 and stopped before it runs there",
  ],
  ["to a node that has more then", allowed(9), web, [move(1, 10), move(2, 11), move(3, 12)], third],
  [
    "to a node that has more then, of its zone fewer",
    allowed(9),
    web,
    [move(1, 10), move(2, 11), move(3, 12, { placement: { preferences: ["node.labels.zone"] } })],
    null,
  ],
  [
    "by the limit of before the entry",
    allowed(1),
    web,
    [{ at: 10, to: [allowed(0), ...(move(1, 10).to ?? [])] }],
    null,
  ],
])("a task is moved %s", (_what, cluster, of, entries, problem) => {
  const before = [cluster, node("n1"), node("n2"), of, ...there];
  expect(objection((history) => new MovesHold(history), before, ...entries)).toBe(problem);
});

const urgent: TaskTraits = { slot: 2, priority: 5, state: "PENDING", nominated: "n1" };
const victim = (traits: TaskTraits = {}) => task("t1", { preemptedBy: "new", ...traits });
const leaves = "web.1 is to make room on n1";

test.each<readonly [string, boolean, TaskTraits | null, TaskTraits, string | null]>([
  ["one of higher priority", true, urgent, {}, null],
  [
    "one where it is not allowed",
    false,
    urgent,
    {},
    `${leaves} though the cluster does not allow it`,
  ],
  ["one that does not exist", true, null, {}, `${leaves} for a task that does not exist`],
  [
    "one that has a place",
    true,
    { ...urgent, state: "ASSIGNED" },
    {},
    `${leaves} for web.2, which is not pending`,
  ],
  [
    "one that goes elsewhere",
    true,
    { ...urgent, nominated: "n2" },
    {},
    `${leaves} for web.2, which does not go there`,
  ],
  [
    "its equal",
    true,
    urgent,
    { priority: 5 },
    `${leaves} for web.2, whose priority 5 is not above 5`,
  ],
])("a task makes room for %s", (_what, preemption, by, traits, problem) => {
  const other = by === null ? [] : [task("new", by)];
  const before = [settings({ preemption }), node("n1"), web, task("t1", traits), ...other];
  const entry = { at: 10, by: "scheduler" as const, to: [victim(traits)] };
  expect(objection((history) => new PreemptionHolds(history), before, entry)).toBe(problem);
});

test("a task that is to make room already is not looked at again", () => {
  const before = [settings(), node("n1"), web, victim()];
  const entry = { at: 10, by: "agent" as const, to: [victim({ state: "FAILED" })] };
  expect(objection((history) => new PreemptionHolds(history), before, entry)).toBeNull();
});
