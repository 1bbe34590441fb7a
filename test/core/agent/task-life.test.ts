import { describe, expect, test } from "vitest";
import type { ExecutorEvent } from "../../../core/agent/executor-request.ts";
import { seconds } from "../../../core/base/time.ts";
import type { Task } from "../../../core/model/task.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { type TaskTraits, task } from "../../support/model.ts";
import { AgentHost } from "./agent-host.ts";

// Goal: a task moves one step at a time, each safe on disk before the next (SwarmKit exec.Do).
// Method: the executor and the disk are driven by hand.

const assigned = (traits: TaskTraits = {}) => task("a", { state: "ASSIGNED", ...traits });

function worker(...tasks: ReturnType<typeof task>[]): AgentHost {
  return new AgentHost().open().assign(...tasks);
}

function prepared(traits: TaskTraits = {}): AgentHost {
  return worker(assigned(traits)).sync().executed({ kind: "prepared", task: "a" }).sync();
}

function running(): AgentHost {
  return prepared().executed({ kind: "started", task: "a" }).sync();
}

const failed = (step: "prepare" | "start", temporary: boolean): ExecutorEvent => ({
  kind: "failed",
  task: "a",
  step,
  error: "no space left",
  temporary,
});

describe("the whole life of a task", () => {
  test("passes through every state, and asks the executor for each step once", () => {
    const life = worker(assigned()).sync();
    expect(life.asked()).toEqual(["prepare a"]);
    life.executed({ kind: "prepared", task: "a" }).sync();
    expect(life.asked()).toEqual(["start a"]);
    life.executed({ kind: "started", task: "a" }).sync();
    life.executed({ kind: "exited", task: "a", exitCode: 0 }).sync();
    expect(life.asked()).toEqual([]);
    expect(life.states.map((each) => each.slice(2))).toEqual([
      "ACCEPTED",
      "PREPARING",
      "READY",
      "STARTING",
      "RUNNING",
      "COMPLETE",
    ]);
  });

  test("is written to disk once before each step of the executor, and once at the end", () => {
    const life = prepared().executed({ kind: "started", task: "a" }).sync();
    expect([life.state("a"), life.writes]).toEqual(["RUNNING", 3]);
  });

  test("reports nothing and takes no step before its state is safe", () => {
    const life = worker(assigned());
    expect(life.asked()).toEqual([]);
    expect(life.reported()).toEqual([]);
    life.sync();
    expect(life.asked()).toEqual(["prepare a"]);
    life.later(0.5).executed({ kind: "prepared", task: "a" });
    expect([life.asked(), life.reported()]).toEqual([[], ["a:PREPARING"]]);
    life.sync();
    expect(life.asked()).toEqual(["start a"]);
    life.executed({ kind: "started", task: "a" });
    expect(life.reported()).toEqual([]);
    expect(life.sync().reported()).toEqual(["a:RUNNING"]);
  });

  test("takes no other write for its own: not of another task, nor an earlier one", () => {
    const waiting = { state: "ASSIGNED", desired: "READY" } as const;
    const life = worker(task("a", waiting), task("b", waiting)).sync();
    life.later(0.5).reported();
    const safe = (before: readonly Task[], id: string) => {
      const task = before.find((each) => each.id === id) as Task;
      life.agent.written(new Map([[id, task]]), life.now);
      life.executed({ kind: "pong" });
      return life.later(0.5).reported();
    };
    const preparing = life.agent.tasks();
    life.executed({ kind: "prepared", task: "a" }).executed({ kind: "prepared", task: "b" });
    expect(safe(preparing, "a")).toEqual([]);
    expect(safe(life.agent.tasks(), "b")).toEqual(["b:READY"]);
    expect(safe(life.agent.tasks(), "a")).toEqual(["a:READY"]);
  });

  test("reports at once that it runs, and in half a second how far it has come before", () => {
    expect(running().reported()).toEqual(["a:RUNNING"]);
    const waiting = prepared({ desired: "READY" });
    expect(waiting.later(0.49).reported()).toEqual([]);
    expect(waiting.later(0.02).reported()).toEqual(["a:READY"]);
  });

  test("goes with the reports of other tasks, however far it has come", () => {
    const [a, b] = [assigned(), task("b", { state: "ASSIGNED" })];
    const life = worker(a, b).sync().executed({ kind: "prepared", task: "a" }).sync();
    expect(life.executed({ kind: "started", task: "a" }).sync().reported()).toEqual([
      "a:RUNNING",
      "b:PREPARING",
    ]);
    expect(life.later(0.6).reported()).toEqual([]);
  });

  test("hands its container's spec and its grace period to the executor", () => {
    const life = worker(assigned({ image: "web:7", stopGracePeriod: seconds(3) })).sync();
    expect(life.requests).toMatchObject([
      { kind: "prepare", assigned: { spec: { container: { image: "web:7" } } } },
    ]);
    life.change([task("a", { state: "ASSIGNED", desired: "SHUTDOWN" })]).sync();
    expect(life.requests[1]).toEqual({ kind: "shutdown", task: "a", grace: seconds(3) });
  });
});

describe("a task that is parked", () => {
  test("is prepared but not started before it is wanted", () => {
    const life = prepared({ desired: "READY" });
    expect([life.asked(), life.state("a")]).toEqual([["prepare a"], "READY"]);
    life.change([assigned({ desired: "RUNNING" })]).sync();
    expect([life.asked(), life.state("a")]).toEqual([["start a"], "STARTING"]);
  });
});

describe("a task that ends by itself", () => {
  test("is COMPLETE with exit code 0 and FAILED with any other", () => {
    const complete = running().executed({ kind: "exited", task: "a", exitCode: 0 });
    expect(complete.agent.tasks()[0]?.status).toMatchObject({
      state: TaskState.COMPLETE,
      exitCode: 0,
      err: "",
    });
    const broken = running().executed({ kind: "exited", task: "a", exitCode: 137 });
    expect(broken.agent.tasks()[0]?.status).toMatchObject({
      state: TaskState.FAILED,
      exitCode: 137,
      err: "task: non-zero exit (137)",
    });
  });

  test("is not asked to stop any more, and stays as it ended", () => {
    const life = running().executed({ kind: "exited", task: "a", exitCode: 1 }).sync();
    life.asked();
    life.change([task("a", { desired: "SHUTDOWN" })]).sync();
    life.executed({ kind: "stopped", task: "a" }).sync();
    expect([life.asked(), life.state("a")]).toEqual([[], "FAILED"]);
  });
});

describe("a step that fails", () => {
  test("rejects the task before STARTING and fails it from then on", () => {
    const rejected = worker(assigned()).sync().executed(failed("prepare", false)).sync();
    expect(rejected.state("a")).toBe("REJECTED");
    expect(rejected.agent.tasks()[0]?.status.err).toBe("no space left");
    expect(prepared().executed(failed("start", false)).state("a")).toBe("FAILED");
  });

  test("for a passing reason is tried again after a second, as often as needed", () => {
    const life = worker(assigned()).sync();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(life.asked()).toEqual(["prepare a"]);
      const second = life.now / 1e6;
      life.executed(failed("prepare", true));
      expect(life.at(second + 0.99).asked()).toEqual([]);
      life.at(second + 1);
    }
    life.executed({ kind: "prepared", task: "a" }).sync();
    expect([life.asked(), life.state("a")]).toEqual([["prepare a", "start a"], "STARTING"]);
  });

  test("for a passing reason is not tried again once the task is to stop", () => {
    const life = worker(assigned()).sync().executed(failed("prepare", true));
    life.change([assigned({ desired: "SHUTDOWN" })]).sync();
    expect(life.asked()).toEqual(["prepare a", "shutdown a"]);
    life.executed({ kind: "stopped", task: "a" }).sync().at(10);
    expect([life.asked(), life.state("a")]).toEqual([[], "SHUTDOWN"]);
  });
});

describe("shutdown", () => {
  const stop = (life: AgentHost, desired: "SHUTDOWN" | "REMOVE" = "SHUTDOWN") =>
    life.change([task("a", { desired })]).sync();

  test("of a running task asks the executor and waits for its answer", () => {
    const life = stop(running());
    expect([life.asked().at(-1), life.state("a")]).toEqual(["shutdown a", "RUNNING"]);
    expect(life.executed({ kind: "stopped", task: "a" }).state("a")).toBe("SHUTDOWN");
  });

  test("tells with what its container ended", () => {
    const life = stop(running()).executed({ kind: "stopped", task: "a", exitCode: 137 });
    const [ended] = life.agent.tasks();
    expect(ended?.status).toMatchObject({ state: TaskState.SHUTDOWN, exitCode: 137 });
  });

  test("overtakes a prepare and a start under way", () => {
    const preparing = stop(worker(assigned()).sync());
    expect(preparing.asked()).toEqual(["prepare a", "shutdown a"]);
    expect(preparing.executed({ kind: "stopped", task: "a" }).state("a")).toBe("SHUTDOWN");
    const starting = stop(prepared());
    expect(starting.asked()).toEqual(["prepare a", "start a", "shutdown a"]);
    expect(starting.executed({ kind: "stopped", task: "a" }).state("a")).toBe("SHUTDOWN");
  });

  test.each([
    ["prepared", "PREPARING", { kind: "prepared", task: "a" }],
    ["started", "STARTING", { kind: "started", task: "a" }],
    ["failed", "STARTING", failed("start", false)],
  ] as const)("goes on when the overtaken step answers first: %s", (_, state, answer) => {
    const life = stop(state === "STARTING" ? prepared() : worker(assigned()).sync());
    life.asked();
    life.executed(answer).sync();
    expect([life.asked(), life.state("a")]).toEqual([[], state]);
    expect(life.executed({ kind: "stopped", task: "a" }).state("a")).toBe("SHUTDOWN");
  });

  test("is asked for once, though the step before it was to be tried again", () => {
    const life = stop(worker(assigned()).sync().executed(failed("prepare", true)));
    expect(life.asked()).toEqual(["prepare a", "shutdown a"]);
    expect(life.at(10).asked()).toEqual([]);
  });

  test("before anything was prepared needs no executor", () => {
    const life = worker(assigned({ desired: "SHUTDOWN" }));
    expect([life.asked(), life.state("a")]).toEqual([[], "SHUTDOWN"]);
  });

  test("is asked for once, however often it is wanted", () => {
    const life = stop(stop(stop(running())), "REMOVE");
    expect(life.asked().filter((each) => each === "shutdown a")).toEqual(["shutdown a"]);
  });

  test("is never taken back: a desired state does not go down", () => {
    const life = stop(prepared({ desired: "READY" }));
    life.change([task("a", { desired: "RUNNING" })]).sync();
    life.executed({ kind: "stopped", task: "a" }).sync();
    expect(life.asked()).not.toContain("start a");
    expect(life.state("a")).toBe("SHUTDOWN");
    expect(life.agent.tasks()[0]?.desiredState).toBe(TaskState.SHUTDOWN);
  });
});

describe("a task that is no longer assigned", () => {
  test("is stopped, forgotten and cleaned up", () => {
    const life = running().assign().sync();
    expect(life.asked().at(-1)).toBe("shutdown a");
    life.executed({ kind: "stopped", task: "a" }).sync();
    expect([life.asked(), life.state("a")]).toEqual([["remove a"], "forgotten"]);
    expect(life.disk.size).toBe(0);
  });

  test("and has ended is cleaned up at once", () => {
    const life = running().executed({ kind: "exited", task: "a", exitCode: 0 }).sync();
    life.asked();
    life.change([], ["a"]).sync();
    expect([life.asked(), life.disk.size]).toEqual([["remove a"], 0]);
  });

  test("is kept, ended as it is, for as long as the leader lists it", () => {
    const life = running().executed({ kind: "exited", task: "a", exitCode: 0 }).sync();
    life.assign(task("a")).sync();
    expect(life.asked()).not.toContain("remove a");
    expect(life.state("a")).toBe("COMPLETE");
  });

  test("is left alone by an incremental set that does not name it", () => {
    const life = running().change([task("b", { state: "ASSIGNED" })]);
    life.sync();
    expect(life.state("a")).toBe("RUNNING");
  });
});

describe("an answer about a task that is not there", () => {
  test("changes nothing", () => {
    const life = worker();
    life.executed({ kind: "started", task: "x" }).executed({ kind: "stopped", task: "x" });
    expect(life.states).toEqual([]);
  });
});
