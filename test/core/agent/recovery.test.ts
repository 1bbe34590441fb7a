import { describe, expect, test } from "vitest";
import type { ExistingContainer } from "../../../core/agent/executor-request.ts";
import { limits } from "../../../core/base/limits.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { type StateName, task } from "../../support/model.ts";
import { AgentHost } from "./agent-host.ts";

// Goal: after a crash a task goes on from what the disk holds, and no container starts twice.

function recovered(state: StateName, container: "none" | ExistingContainer["state"]): AgentHost {
  const containers =
    container === "none" ? [] : [{ task: "a", state: container, exitCode: null, unhealthy: false }];
  return new AgentHost({ tasks: [task("a", { state })], containers }).sync();
}

describe("a node that starts with a task on its disk", () => {
  test.each([
    ["ASSIGNED", "none", ["prepare a"], "PREPARING"],
    ["ACCEPTED", "none", ["prepare a"], "PREPARING"],
    ["PREPARING", "none", ["prepare a"], "PREPARING"],
    ["PREPARING", "created", ["prepare a"], "PREPARING"],
    ["READY", "created", ["start a"], "STARTING"],
    ["STARTING", "created", ["start a"], "STARTING"],
    ["STARTING", "ended", [], "FAILED"],
    ["STARTING", "none", [], "FAILED"],
    ["STARTING", "running", ["start a"], "STARTING"],
    ["RUNNING", "running", [], "RUNNING"],
    ["RUNNING", "ended", [], "FAILED"],
    ["RUNNING", "none", [], "FAILED"],
    ["COMPLETE", "ended", [], "COMPLETE"],
    ["FAILED", "created", [], "FAILED"],
    ["SHUTDOWN", "none", [], "SHUTDOWN"],
  ] as const)("in %s, with its container %s, asks %j and is %s", (state, container, asked, now) => {
    const worker = recovered(state, container);
    expect(worker.asked()).toEqual(asked);
    expect(worker.state("a")).toBe(now);
  });

  test("whose container has ended meanwhile knows how", () => {
    const ended = (state: StateName, exitCode: number) => {
      const left = { task: "a", state: "ended" as const, exitCode, unhealthy: false };
      const worker = new AgentHost({ tasks: [task("a", { state })], containers: [left] });
      return worker.agent.tasks()[0]?.status;
    };
    for (const state of ["STARTING", "RUNNING"] as const) {
      expect(ended(state, 0)).toMatchObject({ state: TaskState.COMPLETE, exitCode: 0 });
      expect(ended(state, 3)).toMatchObject({ state: TaskState.FAILED, exitCode: 3 });
      expect(ended(state, 3)?.isLost).toBeUndefined();
    }
  });

  test("that was to be stopped stops it, without a leader", () => {
    const stopping = task("a", { state: "RUNNING", desired: "SHUTDOWN" });
    const worker = new AgentHost({
      tasks: [stopping],
      containers: [{ task: "a", state: "running", exitCode: null, unhealthy: false }],
    });
    expect(worker.asked()).toEqual(["shutdown a"]);
  });

  test.each([
    ["PREPARING", "none"],
    ["STARTING", "created"],
    ["RUNNING", "ended"],
    ["RUNNING", "none"],
  ] as const)(
    "in %s, which was to be stopped, with its container %s, has it stopped",
    (state, left) => {
      const before = new AgentHost({
        tasks: [task("a", { state })],
        containers: [{ task: "a", state: "running", exitCode: null, unhealthy: false }],
      });
      before.open().assign(task("a", { state, desired: "SHUTDOWN" }));
      expect(before.asked()).not.toContain("shutdown a");
      before.sync();
      expect(before.asked()).toContain("shutdown a");
      const containers =
        left === "none" ? [] : [{ task: "a", state: left, exitCode: 143, unhealthy: false }];
      const after = new AgentHost({ tasks: [...before.disk.values()], containers }).sync();
      expect(after.asked()).toEqual(["shutdown a"]);
      after.executed({ kind: "stopped", task: "a" });
      expect(after.state("a")).toBe("SHUTDOWN");
    },
  );

  test("whose leader had forgotten it stops it, without a leader", () => {
    const before = recovered("RUNNING", "running").open().assign().sync();
    expect(before.asked()).toEqual(["shutdown a"]);
    const containers = [{ task: "a", state: "running" as const, exitCode: null, unhealthy: false }];
    const after = new AgentHost({ tasks: [...before.disk.values()], containers });
    expect(after.asked()).toEqual(["shutdown a"]);
  });

  test("reports what it knows to the first leader that it finds", () => {
    const worker = recovered("RUNNING", "running").open();
    expect(worker.reported()).toEqual(["a:RUNNING"]);
  });

  test("keeps its own status when it is assigned the task with an older one", () => {
    const worker = recovered("RUNNING", "none")
      .open()
      .assign(task("a", { state: "RUNNING" }));
    expect(worker.state("a")).toBe("FAILED");
  });
});

describe("a node that starts with a task that has ended", () => {
  test("does not let its container run", () => {
    expect(recovered("FAILED", "running").asked()).toEqual(["remove a"]);
  });
});

describe("a node that starts without a task", () => {
  test("removes containers that it knows nothing of", () => {
    const worker = new AgentHost({
      containers: [{ task: "x", state: "running", exitCode: null, unhealthy: false }],
    });
    expect(worker.asked()).toEqual(["remove x"]);
  });

  test("does not miss one that has ended", () => {
    const worker = new AgentHost()
      .open()
      .assign(task("a", { state: "COMPLETE" }))
      .sync();
    expect([worker.asked(), worker.state("a")]).toEqual([[], "forgotten"]);
    expect(worker.disk.size).toBe(0);
  });

  test("calls a task that it should run FAILED when nothing of it is left", () => {
    for (const state of ["STARTING", "RUNNING"] as const) {
      const worker = new AgentHost().open().assign(task("a", { state })).sync();
      expect([worker.asked(), worker.state("a")]).toEqual([[], "FAILED"]);
      expect(worker.reported()).toEqual(["a:FAILED"]);
      expect(worker.agent.tasks()[0]?.status.err).toBe(
        "container is gone after a restart of its node",
      );
    }
  });
});

describe("a crash", () => {
  /** The states that a task passes through, each written before it is acted upon. */
  const life: readonly ((worker: AgentHost) => unknown)[] = [
    (worker) => worker.open().assign(task("a", { state: "ASSIGNED" })),
    (worker) => worker.sync(),
    (worker) => worker.executed({ kind: "prepared", task: "a" }),
    (worker) => worker.sync(),
    (worker) => worker.executed({ kind: "started", task: "a" }),
    (worker) => worker.sync(),
    (worker) => worker.executed({ kind: "exited", task: "a", exitCode: 1 }),
    (worker) => worker.sync(),
  ];

  test("at any moment lets no container be started twice, and no state go back", () => {
    for (let crashAfter = 0; crashAfter <= life.length; crashAfter += 1) {
      const before = new AgentHost();
      for (const act of life.slice(0, crashAfter)) act(before);
      const starts = before.requests.filter(({ kind }) => kind === "start").length;
      const reported = highest(before.reported());
      const tasks = [...before.disk.values()];
      const after = new AgentHost({
        tasks,
        containers: [{ task: "a", state: "ended", exitCode: null, unhealthy: false }],
      }).sync();
      const again = after.requests.filter(({ kind }) => kind === "start").length;
      expect(starts + again, `a crash after step ${crashAfter}`).toBeLessThanOrEqual(1);
      const known = after.agent.tasks()[0]?.status.state ?? 0;
      expect(known).toBeGreaterThanOrEqual(reported);
    }
  });

  test("that loses an unsafe write repeats the step that came before it", () => {
    const before = new AgentHost()
      .open()
      .assign(task("a", { state: "ASSIGNED" }))
      .sync();
    before.executed({ kind: "prepared", task: "a" });
    const after = new AgentHost({ tasks: [...before.disk.values()] }).sync();
    expect([after.asked(), after.state("a")]).toEqual([["prepare a"], "PREPARING"]);
  });
});

function highest(reports: readonly string[]): number {
  const states = reports.map((report) => TaskState[report.slice(2) as StateName]);
  return Math.max(0, ...states);
}

test("what a node has to report of many tasks goes out in parts that are small enough", () => {
  const failed = (at: number) => {
    const { status, ...rest } = task(`t${at}`, { state: "FAILED" });
    return { ...rest, status: { ...status, err: "x".repeat(10_000) } };
  };
  const worker = new AgentHost({ tasks: Array.from({ length: 150 }, (_, at) => failed(at)) });
  worker.sync().open().sync();
  const parts = worker.sent.flatMap(({ message }) =>
    message.kind === "task-status" ? [message.reports] : [],
  );
  expect(parts.map(({ length }) => length)).toEqual([64, 64, 22]);
  expect(new Set(parts.flat().map(({ task: id }) => id)).size).toBe(150);
  expect(parts.flat().every(({ status }) => status.err.length === limits.statusText)).toBe(true);
});
