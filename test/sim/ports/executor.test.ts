import { describe, expect, test } from "vitest";
import type { ExecutorEvent, ExecutorRequest } from "../../../core/agent/executor-request.ts";
import { ms, seconds } from "../../../core/base/time.ts";
import { EventKind, Kernel } from "../../../sim/kernel.ts";
import type { ContainerConditions } from "../../../sim/ports/container-conditions.ts";
import { SimExecutor } from "../../../sim/ports/executor.ts";
import { calmContainers } from "../../../sim/world/plan.ts";
import { task } from "../../support/model.ts";
import { random } from "../../support/store.ts";
import { runOut, runUntil } from "../../support/world.ts";

// Goal: containers behave as the executor's port says, also when requests repeat and overtake.

const calm = { ...calmContainers(), startMean: 100_000, healthyMean: 500_000 };
const assigned = task("a");
const prepare: ExecutorRequest = { kind: "prepare", task: "a", assigned, files: [] };
const start: ExecutorRequest = { kind: "start", task: "a" };
const stop: ExecutorRequest = { kind: "shutdown", task: "a", grace: seconds(10) };
const remove: ExecutorRequest = { kind: "remove", task: "a" };

function setUp(conditions: Partial<ContainerConditions> = {}) {
  const kernel = new Kernel();
  const events: ExecutorEvent[] = [];
  const really: string[] = [];
  const executor = new SimExecutor(
    kernel,
    3,
    random(),
    { ...calm, ...conditions },
    {
      created: () => undefined,
      started: (host, task) => really.push(`${host}:${task} starts`),
      ended: (host, task) => really.push(`${host}:${task} ends`),
      healthy: (host, task) => really.push(`${host}:${task} is healthy`),
      unhealthy: (host, task) => really.push(`${host}:${task} is unhealthy`),
    },
    (event) => events.push(event),
  );
  const run = (...requests: ExecutorRequest[]) => {
    for (const request of requests) {
      executor.execute(request);
      runOut(kernel);
    }
  };
  return { kernel, executor, events, really, run, kinds: () => events.map(({ kind }) => kind) };
}

describe("a container", () => {
  test("that is being stopped is not started again by a daemon that knows nothing of it", () => {
    const { kernel, executor, really, run } = setUp();
    run(prepare, start);
    executor.execute(stop);
    executor.abandon();
    executor.execute(start);
    runOut(kernel);
    expect(really).toEqual(["3:a starts", "3:a ends"]);
  });

  test("that was stopped before it ever ran is started by a daemon that knows nothing", () => {
    const { executor, really, run } = setUp();
    run(prepare, stop);
    expect(executor.existing()[0]?.state).toBe("created");
    expect(executor.isUnwanted("a")).toBe(false);
    run(start);
    expect(really).toEqual(["3:a starts"]);
    expect(executor.isUnwanted("a")).toBe(true);
    run(remove);
    expect(executor.isUnwanted("a")).toBe(false);
  });

  test("whose start was under way when its daemon began to hang runs, and is then stopped", () => {
    const { kernel, executor, really, run } = setUp();
    run(prepare);
    executor.execute(start);
    executor.hang();
    executor.execute(stop);
    runOut(kernel);
    expect(really).toEqual(["3:a starts"]);
    expect(executor.isUnwanted("a")).toBe(false);
    executor.free();
    executor.execute(stop);
    runOut(kernel);
    expect(really).toEqual(["3:a starts", "3:a ends"]);
  });

  test("is prepared, started and stopped, each after a while", () => {
    const { kernel, run, kinds, really, executor } = setUp();
    run(prepare);
    const pulledAt = kernel.now;
    expect(pulledAt).toBeGreaterThan(0);
    expect(executor.existing()).toEqual([
      { task: "a", state: "created", exitCode: null, unhealthy: false },
    ]);
    run(start);
    expect(executor.existing()).toEqual([
      { task: "a", state: "running", exitCode: null, unhealthy: false },
    ]);
    run(stop, remove);
    expect(kinds()).toEqual(["prepared", "started", "stopped"]);
    expect(really).toEqual(["3:a starts", "3:a ends"]);
    expect(executor.existing()).toEqual([]);
  });

  test("that does not stop within its grace period is killed then", () => {
    const { kernel, run } = setUp({ stopMean: 1_000_000_000 });
    run(prepare, start);
    const before = kernel.now;
    run({ ...stop, grace: ms(50) });
    expect(kernel.now - before).toBeLessThanOrEqual(50_000);
  });

  test("that ends by itself says so, with its exit code", () => {
    const { run, events, really } = setUp({ crashMean: 1_000_000 });
    run(prepare, start);
    expect(events.at(-1)).toMatchObject({ kind: "exited", task: "a" });
    expect(really).toEqual(["3:a starts", "3:a ends"]);
  });

  test("that is removed while it runs ends", () => {
    const { run, really, kinds } = setUp();
    run(prepare, start, remove);
    expect(really).toEqual(["3:a starts", "3:a ends"]);
    expect(kinds()).toEqual(["prepared", "started"]);
  });
});

describe("a container of a bad image", () => {
  const afterwards = (after: number) => setUp({ badImages: new Map([["web:1", after]]) });

  test("fails at its start", () => {
    const { run, events, really } = afterwards(0);
    run(prepare, start);
    expect(events.at(-1)).toMatchObject({ kind: "failed", step: "start" });
    expect(really).toEqual([]);
  });

  test("or ends with an error when its time has come", () => {
    const { run, kernel, events, really } = afterwards(3_000_000);
    run(prepare, start);
    expect(events.at(-1)).toEqual({ kind: "exited", task: "a", exitCode: 1 });
    expect(really).toEqual(["3:a starts", "3:a ends"]);
    expect(kernel.now).toBeGreaterThan(3_000_000);
  });
});

describe("a failure", () => {
  test("to pull is final, and one to start too", () => {
    const pull = setUp({ pullFailuresPerMillion: 1_000_000 });
    pull.run(prepare);
    expect(pull.events).toEqual([
      {
        kind: "failed",
        task: "a",
        step: "prepare",
        error: "image web:1 could not be pulled",
        temporary: false,
      },
    ]);
    const begin = setUp({ startFailuresPerMillion: 1_000_000 });
    begin.run(prepare, start);
    expect(begin.events.at(-1)).toMatchObject({ kind: "failed", step: "start" });
    expect(begin.really).toEqual([]);
  });

  test("comes when a container is started that was never prepared", () => {
    const { run, events } = setUp();
    run(start);
    expect(events).toMatchObject([{ kind: "failed", step: "start", error: "no such container" }]);
  });

  test("to pull does not come for an image that is there already", () => {
    const conditions = { ...calm };
    const { run, executor, kinds, kernel } = setUp(conditions);
    run(prepare);
    const before = kernel.now;
    executor.execute({ ...prepare, task: "b" });
    runOut(kernel);
    expect(kernel.now - before).toBeLessThan(1_000_000);
    expect(kinds()).toEqual(["prepared", "prepared"]);
  });
});

describe("a request", () => {
  test("that is repeated once its step was taken is only answered again", () => {
    const { run, kinds, really } = setUp();
    run(prepare, prepare, start, start, stop, stop);
    expect(kinds()).toEqual(["prepared", "prepared", "started", "started", "stopped", "stopped"]);
    expect(really).toEqual(["3:a starts", "3:a ends"]);
  });

  test("to stop overtakes one to prepare or to start, of which nothing more is heard", () => {
    for (const before of [[], [prepare]]) {
      const { run, executor, kernel, kinds, really } = setUp();
      run(...before);
      executor.execute(before.length === 0 ? prepare : start);
      runUntil({ kernel }, kernel.now / 1e6);
      executor.execute(stop);
      runOut(kernel);
      expect(kinds().slice(before.length)).toEqual(["stopped"]);
      expect(really).toEqual([]);
    }
  });

  test("to stop what is not there is answered all the same, and one to remove it is not", () => {
    const { run, kinds } = setUp();
    run(stop, remove);
    expect(kinds()).toEqual(["stopped"]);
  });
});

describe("a container with a health check", () => {
  const health = {
    test: ["CMD", "check"],
    interval: seconds(5),
    timeout: seconds(1),
    retries: 3,
    startPeriod: seconds(10),
  };
  const checked: ExecutorRequest = { ...prepare, assigned: task("a", { health }) };

  test("has started once it is healthy, later than it runs", () => {
    const { run, kinds, really } = setUp();
    run(checked, start);
    expect(kinds()).toEqual(["prepared", "started"]);
    expect(really).toEqual(["3:a starts", "3:a is healthy"]);
  });

  test("turns unhealthy, says so, and runs until it is stopped", () => {
    const { run, events, really, executor } = setUp({ unhealthyMean: 1_000_000 });
    run(checked, start);
    expect(executor.existing()).toEqual([
      { task: "a", state: "running", exitCode: null, unhealthy: true },
    ]);
    run(start);
    run(stop);
    expect(events.map(({ kind }) => kind)).toEqual([
      "prepared",
      "started",
      "unhealthy",
      "unhealthy",
      "stopped",
    ]);
    expect(events.at(-1)).toMatchObject({ exitCode: 143 });
    expect(really.slice(2)).toEqual(["3:a is unhealthy", "3:a ends"]);
  });

  test("of a sick image is unhealthy when its checks are used up", () => {
    const { run, kernel, kinds } = setUp({ sickImages: new Set(["web:1"]), startMean: 0 });
    run(checked);
    const before = kernel.now;
    run(start);
    expect(kinds()).toEqual(["prepared", "unhealthy"]);
    expect(kernel.now - before).toBeGreaterThanOrEqual(seconds(25));
    expect(kernel.now - before).toBeLessThan(seconds(26));
  });

  test("is told of again when it is started again, but not before it is healthy", () => {
    const { executor, kernel, kinds, run } = setUp();
    run(checked);
    executor.execute(start);
    runUntil({ kernel }, kernel.now / 1e6 + 0.2);
    run(start);
    expect(kinds()).toEqual(["prepared", "started"]);
    run(start);
    expect(kinds()).toEqual(["prepared", "started", "started"]);
  });
});

describe("a crash of the machine", () => {
  test("ends what runs, keeps what was created, and answers nobody", () => {
    const { executor, kernel, run, really, events } = setUp();
    run(prepare, start);
    executor.execute({ ...prepare, task: "b" });
    executor.crash();
    const heard = events.length;
    runOut(kernel);
    expect(events).toHaveLength(heard);
    expect(really).toEqual(["3:a starts", "3:a ends"]);
    expect(executor.existing()).toEqual([
      { task: "a", state: "ended", exitCode: null, unhealthy: false },
    ]);
  });

  test("does not answer what was asked before it", () => {
    const { executor, kernel, events } = setUp();
    executor.execute(start);
    executor.execute(stop);
    executor.crash();
    runOut(kernel);
    expect(events).toEqual([]);
  });
});

describe("a daemon that hangs", () => {
  test("has failed for a time after half a minute, and does not do it later", () => {
    const { executor, kernel, events, kinds } = setUp();
    executor.hang();
    executor.execute(prepare);
    executor.execute(remove);
    runUntil({ kernel }, 29);
    expect(events).toEqual([]);
    runUntil({ kernel }, 31);
    expect(events).toMatchObject([{ kind: "failed", step: "prepare", temporary: true }]);
    executor.free();
    runOut(kernel);
    expect(kinds()).toEqual(["failed"]);
    expect(executor.existing()).toEqual([]);
  });

  test.each([
    ["goes on hanging when nobody had an answer in between", false, 0],
    ["hangs anew when somebody had", true, 15],
  ])("%s", (_what, asks, from) => {
    const { executor, kernel } = setUp();
    for (const second of [10, 15]) {
      kernel.schedule(second * 1e6, EventKind.EXECUTOR, 0, "", () => true);
    }
    executor.hang();
    runUntil({ kernel }, 10);
    executor.free();
    expect(executor.hung).toEqual({ from: 0, to: 10_000_000 });
    if (asks) executor.execute({ kind: "ping" });
    runUntil({ kernel }, 15);
    executor.hang();
    expect(executor.hung).toEqual({ from: from * 1e6, to: Infinity });
  });

  test("answers what it was asked in between when it is soon free again", () => {
    const { executor, kernel, kinds } = setUp();
    executor.hang();
    executor.execute(prepare);
    runUntil({ kernel }, 10);
    executor.free();
    runOut(kernel);
    expect(kinds()).toEqual(["prepared"]);
  });
});
