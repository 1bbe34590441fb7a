import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "../../../real/docker/client.ts";
import { createOptions } from "../../../real/docker/convert.ts";
import { DockerEngine } from "../../../real/docker/docker-engine.ts";
import { dockerRig } from "../../ports/docker-executor.ts";
import type { RealRig } from "../../ports/real-rig.ts";
import { containerOf, dockerEngine, isThere } from "../../support/docker.ts";
import { newOverlays } from "../../support/node-overlays.ts";
import { Relay } from "../../support/relay.ts";

// Goal: an engine that is gone is answered with failures that pass, and nothing that happens to a
// container meanwhile is missed.

const owner = { clusterId: "c1", nodeId: `outage${process.pid}` };
const folder = mkdtempSync(join(tmpdir(), "simswarm-outage-"));
const outages: (string | null)[] = [];
let address = "";
let relay: Relay;
let rig: RealRig;

beforeAll(async () => {
  address = await dockerEngine();
  relay = new Relay(join(folder, "docker.sock"), address.replace("unix://", ""));
  await relay.open();
  const onOutage = (reason: string | null) => outages.push(reason);
  rig = await dockerRig(`unix://${relay.path}`, owner.nodeId, onOutage);
});
afterAll(async () => {
  await rig.close();
  relay.cut();
  rmSync(folder, { recursive: true });
});

test("what is asked of an engine that is gone fails for a time", async () => {
  const [ready, later] = [rig.task("ready", "runs"), rig.task("later", "runs")];
  const running = await rig.running("running");
  await rig.prepare(ready);
  relay.cut();
  const start = { kind: "start", task: ready.id } as const;
  const grace = running.spec.container.stopGracePeriod;
  const shutdown = { kind: "shutdown", task: running.id, grace } as const;
  expect(await rig.prepare(later)).toMatchObject({ step: "prepare", temporary: true });
  expect(await rig.step(start, "failed")).toMatchObject({ step: "start", temporary: true });
  expect(await rig.step(shutdown, "failed")).toMatchObject({ step: "shutdown", temporary: true });
  await relay.open();
  expect(await rig.prepare(later)).toMatchObject({ kind: "prepared" });
  expect(await rig.step(start, "started", "failed")).toMatchObject({ kind: "started" });
  expect(await rig.step(shutdown, "stopped", "failed")).toMatchObject({ kind: "stopped" });
  for (const task of [ready, later, running]) rig.remove(task);
});

test("an engine that is gone does not answer a ping, and does when it is back", async () => {
  const pongs = () => rig.events.filter(({ kind }) => kind === "pong").length;
  relay.cut();
  const before = pongs();
  rig.execute({ kind: "ping" });
  await rig.quiet();
  expect(pongs()).toBe(before);
  await relay.open();
  rig.execute({ kind: "ping" });
  await rig.until(() => pongs() > before);
  const told = () => rig.events.find((event) => event.kind === "pong" && event.has !== undefined);
  await rig.until(() => told() !== undefined);
  expect(told()).toMatchObject({ has: { plugins: expect.arrayContaining(["Volume/local"]) } });
});

test("that an engine is gone is told once, and that it is back", async () => {
  await rig.until(() => outages.at(-1) === null);
  outages.length = 0;
  relay.cut();
  await rig.until(() => outages.length === 1);
  await rig.quiet();
  await relay.open();
  await rig.until(() => outages.length === 2);
  expect(outages).toEqual([expect.stringMatching(/./), null]);
});

test("what ends while the engine is out of reach is told when it is back", async () => {
  const task = await rig.running("unseen");
  await rig.settled(task);
  relay.cut();
  await containerOf(address, task).kill({ signal: "SIGTERM" });
  await relay.open();
  expect(await rig.hears(task.id, ["exited"])).toMatchObject({ exitCode: 143 });
  rig.remove(task);
});

test("what is to be removed while the engine is out of reach goes when it is back", async () => {
  const task = await rig.running("doomed");
  relay.cut();
  rig.remove(task);
  await rig.quiet();
  await relay.open();
  await expect.poll(() => isThere(address, task)).toBe(false);
});

test("a node that leaves clears an engine that answers late", async () => {
  const task = await rig.running("left");
  const leaving = new DockerEngine({
    address: `unix://${relay.path}`,
    ...owner,
    overlays: newOverlays(),
  });
  relay.hold();
  const cleared = leaving.clear();
  await rig.quiet();
  relay.cut();
  relay.release();
  await relay.open();
  await cleared;
  expect(await isThere(address, task)).toBe(false);
  await leaving.close();
});

test("what appears for a task that was given up is removed", async () => {
  const task = rig.task("stray", "runs");
  const docker = connect(address);
  const attached = { networks: [{ name: "none", endpoint: {} }], nameservers: [] };
  await docker.createContainer(createOptions(task, owner, [], attached));
  await expect.poll(() => isThere(address, task)).toBe(false);
});

test("an engine that is not there at the start is named", async () => {
  const absent = new DockerEngine({
    address: "unix:///no/such/docker.sock",
    ...owner,
    overlays: newOverlays(),
  });
  await expect(absent.existing()).rejects.toThrow(
    "no Docker engine answers at unix:///no/such/docker.sock: connect ENOENT",
  );
  await absent.close();
});

test.each([
  ["docker.sock", "it must be of the form"],
  ["unix://docker.sock", "the path of the socket must be absolute"],
  ["ftp://host", "it must be of the form"],
])("an engine can't be at %s", (place, why) => {
  expect(() => connect(place)).toThrow(why);
});
