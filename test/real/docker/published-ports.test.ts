import { connect as connectTo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PortConfig } from "../../../core/model/endpoint.ts";
import type { Task } from "../../../core/model/task.ts";
import { freePort } from "../../../real/daemon/dev.ts";
import { dockerRig } from "../../ports/docker-executor.ts";
import { type RealRig, withContainer } from "../../ports/real-rig.ts";
import { dockerEngine } from "../../support/docker.ts";
import { network, port } from "../../support/model.ts";
import { until } from "../../support/real-cluster.ts";

// Goal: what a container says of its ports is where its machine really answers for them.
// Method: containers of a real engine in a bridge of their own, and connections to the machine.

const nodeId = `published${process.pid}`;
const front = network("published");
let rig: RealRig;
beforeAll(async () => {
  const address = await dockerEngine();
  rig = await dockerRig(address, nodeId);
});
afterAll(() => rig.close());

/** A container that says hi on its port 80. */
function greeter(...ports: PortConfig[]): Task {
  const command = ["/bin/sh", "-c", "while :; do echo hi | nc -l -p 80; done"];
  const plain = withContainer(rig.task("greeter", "runs"), { command, stopSignal: "SIGKILL" });
  const networks = [{ target: front.id, aliases: [] }];
  const spec = { ...plain.spec, networks };
  return { ...plain, ports, spec, networks: [{ ...front, address: "" }] };
}

/** Where the machine answers, as the engine says once the container runs. */
async function published(task: Task): Promise<readonly number[]> {
  await rig.prepare(task);
  const started = await rig.step({ kind: "start", task: task.id }, "started", "failed");
  if (started.kind !== "started") throw new Error(JSON.stringify(started));
  return started.hostPorts?.map(({ hostPort }) => hostPort) ?? [];
}

/** A container is started before its program listens. */
function greeted(hostPort: number): Promise<string> {
  return until("a greeting", async () => {
    return (await text(connectTo({ host: "127.0.0.1", port: hostPort }))) || null;
  });
}

test("two tasks of a service on one node have a port each, and answer there", async () => {
  const tasks = [1, 2].map(() => greeter(port({ publishedPort: 8080 })));
  const [one, two] = await Promise.all(tasks.map(published));
  expect([one?.length, two?.length]).toEqual([1, 1]);
  expect(one).not.toEqual(two);
  expect(await greeted(one?.[0] ?? 0)).toBe("hi\n");
  expect(await greeted(two?.[0] ?? 0)).toBe("hi\n");
  for (const task of tasks) rig.remove(task);
});

test("a port on hosts has the number that was asked for, and serves any other", async () => {
  const number = await freePort();
  const onHost = port({ publishMode: "host", publishedPort: number });
  const task = greeter(onHost, port({ publishedPort: 8080 }));
  expect(await published(task)).toEqual([number]);
  expect(await greeted(number)).toBe("hi\n");
  rig.remove(task);
});

test("a port on hosts that no number was asked for says which it was given", async () => {
  const task = greeter(port({ publishMode: "host" }));
  const [number = 0] = await published(task);
  expect(await greeted(number)).toBe("hi\n");
  rig.remove(task);
});
