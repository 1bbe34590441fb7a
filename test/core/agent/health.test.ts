import { describe, expect, test } from "vitest";
import type { ExistingContainer } from "../../../core/agent/executor-request.ts";
import { seconds } from "../../../core/base/time.ts";
import type { HealthConfig } from "../../../core/model/container-spec.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { type StateName, task } from "../../support/model.ts";
import { AgentHost } from "./agent-host.ts";

// Goal: a task with a health check runs only while it is healthy, whatever crashes in between.

const health: HealthConfig = {
  test: ["CMD", "check"],
  interval: seconds(5),
  timeout: seconds(1),
  retries: 3,
  startPeriod: seconds(0),
};
const error = "dockerexec: unhealthy container";

function starting(): AgentHost {
  const assigned = task("a", { state: "ASSIGNED", health });
  const worker = new AgentHost().open().assign(assigned).sync();
  return worker.executed({ kind: "prepared", task: "a" }).sync();
}

function running(): AgentHost {
  return starting().executed({ kind: "started", task: "a" }).sync();
}

function restarted(state: StateName, left: Partial<ExistingContainer> | null, err = ""): AgentHost {
  const containers: ExistingContainer[] =
    left === null
      ? []
      : [{ task: "a", state: "running", exitCode: null, unhealthy: false, ...left }];
  return new AgentHost({ tasks: [task("a", { state, health, err })], containers }).sync();
}

function statusOf(worker: AgentHost) {
  return worker.agent.tasks()[0]?.status;
}

describe("a task with a health check", () => {
  test("is starting until its container is healthy", () => {
    expect(starting().state("a")).toBe("STARTING");
    expect(running().state("a")).toBe("RUNNING");
  });

  test("is stopped once it is unhealthy, and then has failed", () => {
    const worker = running();
    worker.asked();
    worker.executed({ kind: "unhealthy", task: "a" });
    expect([worker.asked(), worker.state("a")]).toEqual([[], "RUNNING"]);
    worker.sync();
    expect([worker.asked(), worker.state("a")]).toEqual([["shutdown a"], "RUNNING"]);
    worker.executed({ kind: "stopped", task: "a", exitCode: 137 });
    const err = `task: non-zero exit (137): ${error}`;
    expect(statusOf(worker)).toMatchObject({ state: TaskState.FAILED, err, exitCode: 137 });
    expect(statusOf(worker)?.isLost).toBeUndefined();
  });

  test("that never becomes healthy fails while it starts", () => {
    const worker = starting().executed({ kind: "unhealthy", task: "a" }).sync();
    worker.executed({ kind: "started", task: "a" });
    expect(worker.state("a")).toBe("STARTING");
    worker.executed({ kind: "stopped", task: "a" });
    expect(statusOf(worker)).toMatchObject({ state: TaskState.FAILED, err: error });
  });

  test("that is asked to stop meanwhile has shut down", () => {
    const worker = running().executed({ kind: "unhealthy", task: "a" }).sync();
    worker.change([task("a", { state: "RUNNING", desired: "SHUTDOWN", health })]);
    worker.sync().executed({ kind: "stopped", task: "a", exitCode: 143 });
    expect(worker.state("a")).toBe("SHUTDOWN");
  });

  test("that ends by itself while it is unhealthy has failed, whatever its exit code", () => {
    const worker = running().executed({ kind: "unhealthy", task: "a" }).sync();
    worker.executed({ kind: "exited", task: "a", exitCode: 0 });
    expect(worker.state("a")).toBe("FAILED");
  });

  test("is asked to stop once, however often it is called unhealthy", () => {
    const worker = running();
    worker.asked();
    for (let again = 0; again < 3; again += 1) {
      worker.executed({ kind: "unhealthy", task: "a" }).sync();
    }
    expect(worker.asked()).toEqual(["shutdown a"]);
  });
});

describe("after a crash of the node", () => {
  test("a container that was starting is asked for again, and runs once it is healthy", () => {
    const worker = restarted("STARTING", {});
    expect([worker.asked(), worker.state("a")]).toEqual([["start a"], "STARTING"]);
    expect(worker.executed({ kind: "started", task: "a" }).state("a")).toBe("RUNNING");
  });

  test("one that turned unhealthy while nobody listened is found", () => {
    for (const state of ["STARTING", "RUNNING"] as const) {
      const worker = restarted(state, { unhealthy: true });
      expect(worker.asked()).toEqual(["shutdown a"]);
      worker.executed({ kind: "stopped", task: "a", exitCode: 143 });
      expect(worker.state("a")).toBe("FAILED");
    }
  });

  test("one that was found unhealthy before is stopped all the same", () => {
    expect(restarted("RUNNING", {}, error).asked()).toEqual(["shutdown a"]);
  });

  test("one that was unhealthy and is gone has failed by itself, any other was lost", () => {
    expect(statusOf(restarted("RUNNING", null, error))).toMatchObject({ err: error });
    expect(statusOf(restarted("RUNNING", null, error))?.isLost).toBeUndefined();
    expect(statusOf(restarted("RUNNING", null))).toMatchObject({ isLost: true });
  });
});
