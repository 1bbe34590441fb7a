import { expect, test } from "vitest";
import { TaskState } from "../../../core/model/task-state.ts";
import { allocate } from "../../../core/orchestrate/allocator.ts";
import { moment, task } from "../../support/model.ts";
import { context, storeOf } from "../../support/store.ts";

test("allocate() moves a new task on to PENDING", () => {
  const store = storeOf(task("t1", { state: "NEW" }));
  const [moved, ...others] = allocate(context(store, 3), "t1");
  expect(others).toEqual([]);
  expect(moved?.actor).toBe("allocator");
  expect(moved?.changes[0]).toMatchObject({
    kind: "update",
    object: { status: { state: TaskState.PENDING, appliedAt: moment(3) } },
  });
});

test("allocate() leaves alone what is not new, not wanted or not there", () => {
  const store = storeOf(
    task("t1", { state: "PENDING" }),
    task("t2", { state: "NEW", desired: "SHUTDOWN" }),
    task("t3", { state: "NEW", desired: "REMOVE" }),
  );
  for (const id of ["t1", "t2", "t3", "t4"]) expect(allocate(context(store), id)).toEqual([]);
});

test("allocate() takes a parked task too, so that it is prepared before its turn", () => {
  const store = storeOf(task("t1", { state: "NEW", desired: "READY" }));
  expect(allocate(context(store), "t1")).toHaveLength(1);
});
