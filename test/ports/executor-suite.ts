import { afterAll, test as anyTest, beforeAll, beforeEach, describe, expect } from "vitest";
import type { ExistingContainer } from "../../core/agent/executor-request.ts";
import { seconds } from "../../core/base/time.ts";
import type { Task } from "../../core/model/task.ts";
import { freePort } from "../../real/daemon/dev.ts";
import { network, port } from "../support/model.ts";
import { until } from "../support/real-cluster.ts";
import { Driver, type ExecutorHarness, type Outsider } from "./executor-rig.ts";

// Goal: an executor is what `core/ports/executor.ts` says, whichever it is.

/** Those of one executor follow each other, while others have theirs: much of it is waiting. */
const test = anyTest.sequential;

/** The tests that every executor passes. */
export function executorConformance(harness: ExecutorHarness): void {
  describe.concurrent(harness.name, () => {
    const driver = new Driver();
    beforeAll(() => harness.setUp());
    beforeEach(async () => {
      driver.rig = await harness.open();
    });
    afterAll(() => harness.tearDown());
    pings(driver);
    wholeLives(driver);
    ports(driver);
    if (harness.bindsPorts) takenPorts(driver);
    ends(driver);
    failures(driver);
    overtaking(driver);
    health(driver);
    restarts(driver, harness.checksWhileDown);
    if (harness.outsider !== null) meddling(driver, harness.outsider);
  });
}

function pings(driver: Driver): void {
  test("a ping is answered", async () => {
    const { rig } = driver;
    rig.execute({ kind: "ping" });
    await rig.until(() => rig.events.some(({ kind }) => kind === "pong"));
  });
}

function wholeLives(driver: Driver): void {
  test("prepares, starts and stops a container, and says each once", async () => {
    const task = await driver.running("whole");
    await driver.shutdown(task);
    await driver.rig.quiet();
    expect(driver.kinds(task)).toEqual(["prepared", "started", "stopped"]);
    expect(driver.last(task)).toMatchObject({ exitCode: expect.any(Number) });
    driver.remove(task);
  });

  test("answers a step again that was taken already", async () => {
    const task = driver.rig.task("twice", "runs");
    await driver.prepare(task);
    await driver.prepare(task);
    await driver.start(task);
    await driver.start(task);
    await driver.shutdown(task);
    await driver.shutdown(task);
    const twice = ["prepared", "prepared", "started", "started", "stopped", "stopped"];
    expect(driver.kinds(task)).toEqual(twice);
    driver.remove(task);
  });
}

function ports(driver: Driver): void {
  test("says where its machine answers for the ports of a container that has started", async () => {
    const plain = driver.rig.task("published", "runs");
    const networks = [{ target: "host", aliases: [] }];
    const spec = { ...plain.spec, networks };
    const task = { ...plain, spec, ports: [port({ publishedPort: 8080 })] };
    await driver.prepare(task);
    await driver.start(task);
    const hostPorts = [{ protocol: "tcp", targetPort: 80, hostPort: expect.any(Number) }];
    expect(driver.last(task)).toEqual({ kind: "started", task: task.id, hostPorts });
    const said = driver.last(task);
    await driver.rig.restart();
    await driver.start(task);
    expect(driver.last(task)).toEqual(said);
    driver.remove(task);
  });
}

function takenPorts(driver: Driver): void {
  test("starts none on a port of the machine that another has, until that has ended", async () => {
    const number = await freePort();
    const front = { ...network("taken"), address: "" };
    const ports = [port({ publishMode: "host", publishedPort: number })];
    const published = (name: string): Task => {
      const plain = driver.rig.task(name, "runs");
      const spec = { ...plain.spec, networks: [{ target: front.id, aliases: [] }] };
      return { ...plain, spec, ports, networks: [front] };
    };
    const tasks = [published("first"), published("second"), published("third")] as const;
    const [first, second, third] = tasks;
    for (const task of tasks) await driver.prepare(task);
    await driver.start(first);
    await driver.start(second);
    const taken = expect.stringMatching(/port is already allocated|address already in use/);
    expect(driver.last(second)).toMatchObject({ step: "start", temporary: false, error: taken });
    await driver.shutdown(first);
    await driver.start(third);
    expect(driver.last(third)).toMatchObject({ kind: "started" });
    driver.remove(...tasks);
  });
}

function ends(driver: Driver): void {
  test.each([
    ["ends-with-0", 0],
    ["ends-with-1", 1],
  ] as const)("tells of a container that %s by itself, and how", async (behaviour, exitCode) => {
    const task = driver.rig.task("ends", behaviour);
    await driver.prepare(task);
    await driver.start(task, 2);
    await driver.rig.quiet();
    expect(driver.kinds(task)).toEqual(["prepared", "started", "exited"]);
    expect(driver.last(task)).toMatchObject({ exitCode });
    driver.remove(task);
  });

  test("does not run again what has ended, but tells its end again", async () => {
    const task = driver.rig.task("again", "ends-with-1");
    await driver.prepare(task);
    await driver.start(task, 2);
    await driver.start(task, 2);
    await driver.rig.quiet();
    const twice = ["prepared", "started", "exited", "started", "exited"];
    expect(driver.kinds(task)).toEqual(twice);
    expect(driver.last(task)).toMatchObject({ exitCode: 1 });
    driver.remove(task);
  });

  test("kills a container that does not stop within its grace", async () => {
    const task = await driver.running("stubborn", "ignores-stop");
    await driver.rig.settled(task);
    await driver.shutdown(task, seconds(1));
    expect(driver.last(task)).toMatchObject({ kind: "stopped", exitCode: 137 });
    driver.remove(task);
  });

  test("answers at once that nothing ran where nothing ran", async () => {
    const [absent, created] = [driver.rig.task("absent", "runs"), driver.rig.task("new", "runs")];
    await driver.shutdown(absent);
    await driver.prepare(created);
    await driver.shutdown(created);
    expect(driver.last(absent)).toEqual({ kind: "stopped", task: absent.id });
    expect(driver.last(created)).toEqual({ kind: "stopped", task: created.id });
    driver.remove(absent, created);
  });
}

function failures(driver: Driver): void {
  test("can't start what was never prepared", async () => {
    const task = driver.rig.task("unprepared", "runs");
    await driver.start(task);
    const failure = { kind: "failed", step: "start", error: "no such container" };
    expect(driver.events(task)).toMatchObject([{ ...failure, temporary: false }]);
  });

  test("says for good that a container can't be started", async () => {
    const task = driver.rig.task("broken", "can't-start");
    await driver.prepare(task);
    await driver.start(task);
    await driver.rig.quiet();
    expect(driver.kinds(task)).toEqual(["prepared", "failed"]);
    expect(driver.last(task)).toMatchObject({ step: "start", temporary: false });
    driver.remove(task);
  });

  test("says for good that an image can't be had", async () => {
    const task = driver.rig.task("imageless", "can't-be-prepared");
    await driver.prepare(task);
    const { image } = task.spec.container;
    const failure = { kind: "failed", step: "prepare", error: expect.stringContaining(image) };
    expect(driver.events(task)).toMatchObject([{ ...failure, temporary: false }]);
    await driver.shutdown(task);
    driver.remove(task);
  });
}

/** As the next start finds it, once what was asked for has been done. */
async function nothingIsLeft({ rig }: Driver): Promise<void> {
  await until("an executor with nothing left", async () => {
    return (await rig.restart()).length === 0 ? true : null;
  });
}

function overtaking(driver: Driver): void {
  test("lets a shutdown overtake what is under way", async () => {
    const task = driver.rig.task("overtaken", "runs");
    driver.rig.execute({ kind: "prepare", task: task.id, assigned: task, files: [] });
    driver.rig.execute({ kind: "shutdown", task: task.id, grace: seconds(5) });
    await driver.rig.until(() => driver.last(task)?.kind === "stopped");
    await driver.rig.quiet();
    expect(driver.kinds(task).filter((kind) => kind !== "prepared")).toEqual(["stopped"]);
    driver.remove(task);
    await driver.rig.quiet();
    await nothingIsLeft(driver);
  });

  test("removes a container that runs, and says nothing", async () => {
    const task = await driver.running("removed");
    driver.remove(task);
    await driver.rig.quiet();
    expect(driver.kinds(task)).toEqual(["prepared", "started"]);
    await nothingIsLeft(driver);
  });
}

function health(driver: Driver): void {
  test("calls a container with a health check started once it is healthy", async () => {
    const task = await driver.running("healthy", "becomes-healthy");
    expect(driver.kinds(task)).toEqual(["prepared", "started"]);
    driver.remove(task);
  });

  test.each([
    ["never-healthy", []],
    ["falls-ill", ["started"]],
  ] as const)("says that one which %s is unhealthy, and stops it when asked", async (...row) => {
    const [behaviour, before] = row;
    const task = driver.rig.task("ill", behaviour);
    await driver.prepare(task);
    await driver.start(task, before.length + 1);
    expect(driver.kinds(task)).toEqual(["prepared", ...before, "unhealthy"]);
    await driver.shutdown(task);
    expect(driver.last(task)).toMatchObject({ kind: "stopped", exitCode: expect.any(Number) });
    driver.remove(task);
  });
}

function restarts(driver: Driver, checksWhileDown: boolean): void {
  const found = (task: Task, left: Partial<ExistingContainer>) => [
    { task: task.id, exitCode: null, unhealthy: false, ...left },
  ];

  /** After one restart, or several where the machine takes its time over what is to happen. */
  const finds = (task: Task, left: Partial<ExistingContainer>) => {
    const restarted = () => driver.rig.restart(() => driver.rig.quiet());
    return expect.poll(restarted).toEqual(found(task, left));
  };

  test("finds what runs after a restart of the daemon, and hears of it again", async () => {
    const task = await driver.running("adopted");
    expect(await driver.rig.restart()).toEqual(found(task, { state: "running" }));
    await driver.start(task);
    await driver.shutdown(task);
    expect(driver.kinds(task).slice(-2)).toEqual(["started", "stopped"]);
    driver.remove(task);
  });

  test("finds what ended while the daemon was down, and how it ended", async () => {
    const task = await driver.running("ended", "ends-with-1");
    await finds(task, { state: "ended", exitCode: 1 });
    driver.remove(task);
  });

  test("finds what was created and not started", async () => {
    const task = driver.rig.task("fresh", "runs");
    await driver.prepare(task);
    expect(await driver.rig.restart()).toEqual(found(task, { state: "created" }));
    await driver.start(task);
    expect(driver.last(task)).toMatchObject({ kind: "started" });
    driver.remove(task);
  });

  test("finds what has fallen ill while the daemon was down", async () => {
    const task = await driver.running("sick", "falls-ill");
    await finds(task, { state: "running", unhealthy: checksWhileDown });
    await driver.rig.until(() => checksWhileDown || driver.last(task)?.kind === "unhealthy");
    driver.remove(task);
  });
}

function meddling(driver: Driver, outsider: Outsider): void {
  test("tells of what somebody else has stopped, and lets it not run again", async () => {
    const task = await driver.running("victim");
    await driver.rig.settled(task);
    await outsider.meddle(task, "stop");
    await driver.rig.until(() => driver.last(task)?.kind === "exited");
    expect(driver.last(task)).toMatchObject({ exitCode: 143 });
    await outsider.meddle(task, "start");
    await expect.poll(() => outsider.isUp(task)).toBe(false);
    expect(driver.kinds(task)).toEqual(["prepared", "started", "exited"]);
    driver.remove(task);
  });

  test("misses what somebody else has removed, at once or when it is to start", async () => {
    const [up, fresh] = [await driver.running("up"), driver.rig.task("fresh", "runs")];
    await driver.prepare(fresh);
    for (const task of [up, fresh]) await outsider.meddle(task, "remove");
    await driver.rig.until(() => driver.last(up)?.kind === "exited");
    expect(driver.last(up)).toMatchObject({ exitCode: 137 });
    await driver.start(fresh);
    expect(driver.last(fresh)).toMatchObject({ kind: "failed", step: "start", temporary: false });
    await driver.shutdown(fresh);
    expect(driver.last(fresh)).toEqual({ kind: "stopped", task: fresh.id });
    driver.remove(up, fresh);
  });

  test("finds what somebody else has left of them while the daemon was down", async () => {
    const [up, again] = [await driver.running("up"), await driver.running("again")];
    await driver.rig.settled(again);
    const found = await driver.rig.restart(async () => {
      await outsider.meddle(up, "remove");
      await outsider.meddle(again, "stop");
      await outsider.meddle(again, "start");
    });
    const left = { state: "running", exitCode: null, unhealthy: false };
    expect(found).toEqual([{ task: again.id, ...left }]);
    driver.remove(again);
  });
}
