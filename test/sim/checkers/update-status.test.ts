import { expect, test } from "vitest";
import { seconds } from "../../../core/base/time.ts";
import type { Actor } from "../../../core/model/change.ts";
import type { Service } from "../../../core/model/service.ts";
import type { UpdateState, UpdateStatus } from "../../../core/model/update-config.ts";
import { UpdateHeedsFailures, UpdateStatusMachine } from "../../../sim/checkers/update-status.ts";
import { moment, type ServiceTraits, service, spec, task } from "../../support/model.ts";
import { objection } from "./entries.ts";

// Goal: each step that an update may not take, and each end that its failures do not ask for, is
// seen.

const first = spec("web", { image: "web:1" });
const second = spec("web", { image: "web:2" });
const third = spec("web", { image: "web:3" });
const scaled = spec("web", { image: "web:2", replicas: 2 });

function as(
  state: UpdateState | null,
  change: Partial<Service> = {},
  message = "",
  slots: number | null = 2,
): Service {
  const status: UpdateStatus | null = state && {
    ...{ state, message, slots, startedAt: moment(0) },
    completedAt: state.endsWith("completed") ? moment(9) : null,
  };
  const of = { spec: second, specVersion: 2, previousSpec: first, updateStatus: status };
  return { ...service("web"), ...of, ...change };
}

function step(from: Service, to: Service, by: Actor): string | null {
  return objection(() => new UpdateStatusMachine(), [from], { at: 10, by, to: [to] });
}

const states = [
  ...(["updating", "paused", "completed"] as const),
  ...(["rollback_started", "rollback_paused", "rollback_completed"] as const),
];
const legal = new Set([
  ...["none updating", "updating paused", "updating completed", "completed updating"],
  ...["rollback_started rollback_paused", "rollback_started rollback_completed"],
  "rollback_completed rollback_started",
]);

test.each([null, ...states])("the updater goes on from %s as it may, and only so", (from) => {
  for (const to of states) {
    if (from === to || (from === "updating" && to === "rollback_started")) continue;
    const name = `${from ?? "none"} ${to}`;
    const problem = `web: its update goes from ${name.replace(" ", " to ")}`;
    expect([name, step(as(from), as(to), "updater")]).toEqual([
      name,
      legal.has(name) ? null : problem,
    ]);
  }
});

const back = { spec: first, specVersion: 3, previousSpec: null };
const other = "web: a rollback would not lead to what its tasks were before the user's change";

test.each<readonly [string, Actor, Service, Service, string | null]>([
  ["the updater rolls back", "updater", as("updating"), as("rollback_started", back), null],
  [
    "the updater rolls back to something else",
    "updater",
    as("updating"),
    as("rollback_started", { ...back, spec: third }),
    "web: it is not rolled back to what it was",
  ],
  [
    "the updater rolls back and could do so again",
    "updater",
    as("updating"),
    as("rollback_started", { ...back, previousSpec: second }),
    "web: a rollback leaves something to roll back to",
  ],
  [
    "the updater completes something else",
    "updater",
    as("updating"),
    as("completed", { spec: third }),
    "web: the updater changes its spec, which is not a rollback",
  ],
  [
    "the updater counts the slots of a rollback",
    "updater",
    as("rollback_started", {}, "", null),
    as("rollback_started"),
    null,
  ],
  [
    "the updater counts the slots again",
    "updater",
    as("rollback_started"),
    as("rollback_started", {}, "", 3),
    "web: its update goes from rollback_started to rollback_started",
  ],
  [
    "a user rolls back",
    "control",
    as("completed"),
    as("rollback_started", { spec: first, previousSpec: second }, "", null),
    null,
  ],
  [
    "a user rolls back to something else",
    "control",
    as("completed"),
    as("rollback_started", { spec: third, previousSpec: second }, "", null),
    "web: a user's change makes its update rollback_started",
  ],
  [
    "a user rolls back, and the slots are counted at once",
    "control",
    as("completed"),
    as("rollback_started", { spec: first, previousSpec: second }),
    "web: a user's change makes its update rollback_started",
  ],
  [
    "a user publishes a port, and the spec before stays",
    "control",
    as("updating"),
    as(null, { spec: { ...second, endpoint: { mode: "dnsrr", ports: [] } } }),
    other,
  ],
  [
    "somebody else pauses",
    "orchestrator",
    as("updating"),
    as("paused"),
    "web: its update is changed by the orchestrator",
  ],
  [
    "somebody else changes the spec",
    "orchestrator",
    as(null),
    as(null, { spec: third }),
    "web: its update is changed by the orchestrator",
  ],
  [
    "a user changes the image",
    "control",
    as(null),
    as(null, { spec: third, previousSpec: second }),
    null,
  ],
  [
    "a user changes the image amid an update",
    "control",
    as("updating"),
    as(null, { spec: third, previousSpec: second }),
    null,
  ],
  ["a user's change leaves the spec before", "control", as(null), as(null, { spec: third }), other],
  [
    "a user's change leaves nothing to go back to",
    "control",
    as(null),
    as(null, { spec: third, previousSpec: null }),
    other,
  ],
  ["a user scales", "control", as(null), as(null, { spec: scaled, previousSpec: second }), null],
  [
    "a user scales, and the spec before stays",
    "control",
    as(null),
    as(null, { spec: scaled }),
    other,
  ],
  [
    "a user scales amid an update",
    "control",
    as("updating"),
    as("updating", { spec: scaled }),
    null,
  ],
  [
    "a user scales amid an update, which loses its way back",
    "control",
    as("paused"),
    as(null, { spec: scaled, previousSpec: second }),
    other,
  ],
  ["a user changes nothing", "control", as(null), as(null), null],
  [
    "a user completes an update",
    "control",
    as("updating"),
    as("completed"),
    "web: a user's change makes its update completed",
  ],
])("%s", (_what, by, from, to, problem) => {
  expect(step(from, to, by)).toBe(problem);
});

/** An update of two slots with so many failures ends like this. */
function end(to: Service, failures: number, update: ServiceTraits["update"]): string | null {
  const asked = { ...second, update: { ...second.update, ...update, monitor: seconds(5) } };
  const attempts = [1, 2].map((slot) => {
    const state = slot <= failures ? "FAILED" : "RUNNING";
    return task(`t${slot}`, {
      slot,
      state,
      isUpdate: true,
      specVersion: 2,
      createdAt: 1,
      appliedAt: 2,
    });
  });
  const before = [as("updating", { spec: asked }), ...attempts];
  const ended = { at: 10, by: "updater" as const, to: [to] };
  return objection((history) => new UpdateHeedsFailures(history), before, ended);
}

const pause = { failureAction: "pause", maxFailureRatioPpm: 0 } as const;
const rollback = { failureAction: "rollback", maxFailureRatioPpm: 0 } as const;
const goOn = { failureAction: "continue", maxFailureRatioPpm: 0 } as const;
const why = "update paused due to failure or early termination of task t1";
const whyNot = `${why}; there is no previous spec to roll back to`;

test.each<readonly [string, Service, number, ServiceTraits["update"], string | null]>([
  ["is completed", as("completed"), 0, pause, null],
  [
    "is completed though some failed",
    as("completed"),
    1,
    pause,
    "web: it is completed though 1 tasks have failed",
  ],
  ["is completed though some failed, as it may", as("completed"), 1, goOn, null],
  [
    "is completed with as many failures as it may have",
    as("completed"),
    1,
    { ...pause, maxFailureRatioPpm: 500_000 },
    null,
  ],
  ["is paused", as("paused", {}, why), 1, pause, null],
  [
    "is paused for nothing",
    as("paused", {}, why),
    0,
    pause,
    "web: it stops for 0 failures, which it may have",
  ],
  ["is paused for want of progress", as("paused", {}, "since no slot got on"), 0, rollback, null],
  [
    "is paused and not rolled back",
    as("paused", {}, why),
    1,
    rollback,
    "web: it is paused for failures, for which it is to rollback",
  ],
  ["is paused, as it can't be rolled back", as("paused", {}, whyNot), 1, rollback, null],
  [
    "is paused and was to go on",
    as("paused", {}, whyNot),
    1,
    goOn,
    "web: it is paused for failures, for which it is to continue",
  ],
  ["is rolled back", as("rollback_started", {}, why), 1, rollback, null],
  [
    "is rolled back and not paused",
    as("rollback_started", {}, why),
    1,
    pause,
    "web: it is rollback_started for failures, for which it is to pause",
  ],
  ["waits in its rollback", as("rollback_paused", {}, why), 1, rollback, null],
])("an update that %s", (_what, to, failures, config, problem) => {
  expect(end(to, failures, config)).toBe(problem);
});

test("an update is not completed while its last slot is still watched", () => {
  const early = { at: 6.9, by: "updater" as const, to: [as("completed")] };
  const late = task("t1", { isUpdate: true, specVersion: 2, createdAt: 1, appliedAt: 2 });
  const watched = { ...second, update: { ...second.update, monitor: seconds(5) } };
  const proven = task("t2", { slot: 2, isUpdate: true, specVersion: 2, createdAt: 1 });
  const before = [as("updating", { spec: watched }), late, proven];
  const verdict = objection((history) => new UpdateHeedsFailures(history), before, early);
  expect(verdict).toBe("web: it is completed before its last slot was watched");
});
