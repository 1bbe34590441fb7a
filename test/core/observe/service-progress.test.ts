import { expect, test } from "vitest";
import type { UpdateStatus } from "../../../core/model/update-config.ts";
import { type Progress, serviceProgress } from "../../../core/observe/service-progress.ts";
import { moment, service, type TaskTraits, task } from "../../support/model.ts";

// Goal: what a user is told while a service comes up or is updated is what its tasks say.
// Method: services and tasks as they are stored, on the way and at the end.

const web = service("s1", { name: "web", replicas: 2, specVersion: 2 });

function of(traits: readonly TaskTraits[], updateStatus: UpdateStatus | null = null): Progress {
  const tasks = traits.map((each, at) => task(`t${at}`, { service: "s1", ...each }));
  return serviceProgress({ ...web, updateStatus }, tasks, new Map());
}

function updating(state: UpdateStatus["state"], message = ""): UpdateStatus {
  return { state, startedAt: moment(0), completedAt: null, message, slots: 2 };
}

test("serviceProgress() counts the running tasks of the newest spec", () => {
  const some = of([
    { state: "RUNNING", specVersion: 2 },
    { state: "STARTING", specVersion: 2 },
  ]);
  expect(some).toEqual({ isDone: false, isStuck: null, line: "web: 1 of 2 RUNNING" });
  const all = of([
    { state: "RUNNING", specVersion: 2 },
    { state: "RUNNING", specVersion: 2 },
  ]);
  expect(all).toMatchObject({ isDone: true, line: "web: 2 of 2 RUNNING" });
});

test("serviceProgress() is not done while the update goes on, and stuck when it is paused", () => {
  const both = [
    { state: "RUNNING", specVersion: 2 },
    { state: "RUNNING", specVersion: 2 },
  ] as const;
  expect(of(both, updating("updating"))).toMatchObject({ isDone: false, isStuck: null });
  expect(of(both, updating("paused", "too many failures")).isStuck).toBe(
    "the update of web is paused: too many failures",
  );
  expect(of(both, updating("completed")).isDone).toBe(true);
});

test("serviceProgress() counts a task of an earlier spec that the update need not replace", () => {
  const kept = { state: "RUNNING", specVersion: 1 } as const;
  expect(of([kept, kept])).toMatchObject({ isDone: true, line: "web: 2 of 2 RUNNING" });
  expect(of([{ ...kept, image: "web:0" }, kept]).line).toBe("web: 1 of 2 RUNNING");
});

test("serviceProgress() says why the task before failed while its slot tries again", () => {
  const failed = (err: string, createdAt: number, specVersion = 2) =>
    ({ slot: 1, state: "FAILED", desired: "SHUTDOWN", err, createdAt, specVersion }) as const;
  const again = { slot: 1, state: "STARTING", specVersion: 2 } as const;
  const line = (...traits: readonly TaskTraits[]) => of(traits).line;
  expect(line(failed("newer", 2), failed("older", 1), again)).toBe(
    "web: 0 of 2 RUNNING  (s1.1: newer)",
  );
  expect(line(failed("of the spec before", 1, 1), again)).toBe("web: 0 of 2 RUNNING");
  expect(line(failed("over", 1), { ...again, state: "RUNNING" })).toBe("web: 1 of 2 RUNNING");
  expect(line(failed("elsewhere", 1), { ...again, slot: 2 })).toBe("web: 0 of 2 RUNNING");
});

test("serviceProgress() is stuck where a task has ended that no other may follow", () => {
  const ended = { slot: 1, state: "FAILED", desired: "SHUTDOWN", err: "exit 1" } as const;
  const current = { ...ended, specVersion: 2 };
  const serving = { slot: 2, state: "RUNNING", specVersion: 2 } as const;
  expect(of([current, serving]).isStuck).toBe(
    "s1.1 has ended, and no other may take its place by its restart policy: exit 1",
  );
  expect(of([{ ...current, state: "COMPLETE", err: "" }, serving]).isStuck).toContain("COMPLETE");
  expect(of([{ ...current, state: "SHUTDOWN" }, serving]).isStuck).toBeNull();
  expect(of([current, { slot: 1, state: "STARTING", specVersion: 2 }]).isStuck).toBeNull();
  expect(of([current, serving], updating("updating")).isStuck).toBeNull();
  expect(of([{ ...ended, image: "web:0", specVersion: 1 }, serving]).isStuck).toBeNull();
});
