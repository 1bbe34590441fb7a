import { expect, test } from "vitest";
import type { Actor } from "../../../core/model/change.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { UpdateScene } from "../../../sim/checkers/update-scene.ts";
import type { Commit } from "../../../sim/world/history.ts";
import { moment, service, task } from "../../support/model.ts";
import { storeOf } from "../../support/store.ts";

// Goal: what a checker holds against the updater is what that could have known.

const status = { state: "updating", message: "", startedAt: moment(0), completedAt: null } as const;
const web = { ...service("web", { specVersion: 2 }), updateStatus: { ...status, slots: 3 } };
const failed = task("t1", { state: "FAILED", isUpdate: true, specVersion: 2 });

/** The failures that count when the failed attempt is removed in the same entry. */
function failuresWith(actor: Actor) {
  const removed = { ...failed, desiredState: TaskState.REMOVE };
  const events = [{ kind: "task", id: "t1", actor, previous: failed, current: removed }];
  const commit = { events, entry: { time: moment(9) } } as unknown as Commit;
  return UpdateScene.of(storeOf(web, removed), commit, "web")?.failures.map(({ id }) => id);
}

test("an attempt that a user removes with the entry in which the update is judged counts", () => {
  expect(failuresWith("control")).toEqual(["t1"]);
});

test("an attempt whose slot the leader gives up with the entry counts no longer", () => {
  expect(failuresWith("orchestrator")).toEqual([]);
});
