import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Timestamp } from "../../../core/base/time.ts";
import type { Service } from "../../../core/model/service.ts";
import { serviceSpec } from "../../../core/model/service-defaults.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import type { ControlClient } from "../../../real/api/control-client.ts";
import { controlService } from "../../../real/grpc/services.ts";
import type { LogEntry, LogRange } from "../../../real/wire/logs.ts";
import { ran, running } from "../../support/programs.ts";
import { atBest, RealCluster, type RealNode, until } from "../../support/real-cluster.ts";
import { unreadCall } from "../../support/unread-call.ts";

// Goal: any manager gives what a service's tasks have written, wherever they run.
// Method: two managers and a worker as processes; services that write, read by way of the manager
// that does not lead, so that the leader has to pass on what the worker says.

const cluster = new RealCluster();
beforeAll(() => cluster.start(2, 1));
afterAll(() => cluster.stop());

const within = { timeout: 20_000 };
const all: LogRange = { follow: false, tail: null, since: 0 as Timestamp, until: 0 as Timestamp };

async function create(name: string, replicas: number, script: string): Promise<Service> {
  const spec = serviceSpec(name, "any", replicas);
  const container = { ...spec.task.container, command: ["/bin/sh", "-c", script] };
  const task = { ...spec.task, container };
  await cluster.first.client.command({ kind: "create-service", spec: { ...spec, task } });
  await cluster.running(name, replicas);
  const query = { kind: "get-service", name } as const;
  return (await cluster.first.client.query(query))[0] as Service;
}

async function written(service: Service, client: ControlClient, range = all) {
  const entries: LogEntry[] = [];
  for await (const entry of client.logs({ services: [service.id], tasks: [], range })) {
    entries.push(entry);
  }
  return entries;
}

function textOf(entry: LogEntry): string {
  if (entry.kind === "missing") return `missing ${entry.reason}`;
  return `${entry.taskName} ${entry.line.stream} ${entry.line.text}`;
}

/** The manager that follows. */
function follower(): RealNode {
  const isLeader = ({ log }: RealNode) => log.includes('"manager-started"');
  return (
    cluster.nodes.slice(0, 2).find((node) => !isLeader(node)) ?? (cluster.nodes[1] as RealNode)
  );
}

test("every task's lines come, from every node, with stream and name", async () => {
  const service = await create("talk", 3, "echo one; echo two >&2; sleep 1000");
  const entries = await until("all lines", async () => {
    const found = await written(service, follower().client);
    return found.length === 6 ? found : null;
  });
  const expected = [1, 2, 3].flatMap((slot) => [
    `talk.${slot} stderr two`,
    `talk.${slot} stdout one`,
  ]);
  expect(entries.map(textOf).sort()).toEqual(expected);
  const places = new Set(entries.map((entry) => (entry.kind === "written" ? entry.nodeId : "")));
  expect(places.size).toBe(3);
  const last = await written(service, cluster.first.client, { ...all, tail: 1 });
  expect(last).toHaveLength(3);
});

test("many tasks are read at once, and the daemon warns of nothing", async () => {
  const service = await create("crowd", 18, "echo one; sleep 1000");
  const entries = await until("all lines", async () => {
    const found = await written(service, follower().client);
    return found.length === 18 ? found : null;
  });
  expect(new Set(entries.map(textOf)).size).toBe(18);
  expect(follower().log).not.toContain("Warning");
  await cluster.first.client.command({ kind: "remove-service", id: service.id });
});

test("swarmctl prints each line on the stream that it was written to", async () => {
  const said = await ran("swarmctl", ["--socket", follower().socket, "logs", "--raw", "talk"]);
  expect(said).toEqual({ code: 0, out: "one\n".repeat(3), err: "two\n".repeat(3) });
});

test("swarmctl prints logs as JSON on one stream, each line with whose it is", async () => {
  const words = [
    "--socket",
    follower().socket,
    "--format",
    "json",
    "logs",
    "--tail",
    "1",
    "talk.1",
  ];
  const { code, out, err } = await ran("swarmctl", words);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(JSON.parse(out)).toMatchObject({
    taskName: "talk.1",
    line: { stream: "stderr", text: "two", at: expect.stringMatching(/^20..-.*Z$/) },
  });
});

test("swarmctl says that a name is of no service and no task", async () => {
  const said = await ran("swarmctl", ["--socket", follower().socket, "logs", "talks"]);
  const err = "swarmctl: there is no service or task 'talks': see 'swarmctl service ls'\n";
  expect(said).toEqual({ code: 1, out: "", err });
});

test("what a task wrote is there for as long as the cluster knows of the task", async () => {
  const spec = serviceSpec("brief", "any", 1);
  const command = ["/bin/sh", "-c", "echo one; echo two >&2; exit 3"];
  const restart = { ...spec.task.restart, condition: "none" } as const;
  const task = { ...spec.task, restart, container: { ...spec.task.container, command } };
  const { client } = cluster.first;
  const id = await client.command({ kind: "create-service", spec: { ...spec, task } });
  await until("a failed task", async () => {
    const found = await client.query({ kind: "list-tasks", service: id });
    return found.some(({ status }) => status.state === TaskState.FAILED) || null;
  });
  for (const range of [all, { ...all, follow: true }]) {
    const found: LogEntry[] = [];
    const stop = new AbortController();
    for await (const entry of client.logs({ services: [id], tasks: [], range }, stop.signal)) {
      found.push(entry);
      if (found.length === 2) stop.abort();
    }
    expect(found.map(textOf).sort()).toEqual(["brief.1 stderr two", "brief.1 stdout one"]);
  }
});

test("who follows hears of tasks that come later, until the service is removed", async () => {
  const service = await create("tick", 1, "echo begun; sleep 1000");
  const heard: string[] = [];
  const range = { ...all, follow: true };
  const reader = follower().newClient();
  const following = (async () => {
    for await (const entry of reader.logs({ services: [service.id], tasks: [], range })) {
      heard.push(textOf(entry));
    }
  })();
  await expect.poll(() => heard).toEqual(["tick.1 stdout begun"]);
  const query = { kind: "get-service", name: "tick" } as const;
  const [now] = (await cluster.first.client.query(query)) as readonly [Service];
  const spec = { ...now.spec, mode: { kind: "replicated", replicas: 2 } as const };
  const { id, meta } = now;
  await cluster.first.client.command({ kind: "update-service", id, version: meta.version, spec });
  await expect.poll(() => heard).toContain("tick.2 stdout begun");
  await cluster.first.client.command({ kind: "remove-service", id });
  await following;
  reader.close();
});

test("who follows goes on after its node, or itself, did nothing for a while", async () => {
  const service = await create("clock", 1, "while :; do date; sleep 0.2; done");
  const node = follower();
  const reader = running("swarmctl", ["--socket", node.socket, "logs", "--follow", "clock"]);
  const hears = () => {
    const before = reader.out.length;
    return expect.poll(() => reader.out.length - before, within).toBeGreaterThan(100);
  };
  await hears();
  for (const pid of [reader.child.pid as number, node.pid]) {
    process.kill(pid, "SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    process.kill(pid, "SIGCONT");
    await hears();
  }
  reader.child.kill();
  await cluster.first.client.command({ kind: "remove-service", id: service.id });
});

test("a reader that takes its time holds back what is read, and nothing grows", async () => {
  const lines = "i=0; while [ $i -lt 40000 ]; do echo line number $i of many; i=$((i+1)); done";
  const service = await create("flood", 1, `${lines}; sleep 1000`);
  const client = follower().newClient();
  const request = { services: [service.id], tasks: [], range: { ...all, follow: true } };
  const stop = new AbortController();
  let count = 0;
  for await (const entry of client.logs(request, stop.signal)) {
    expect(textOf(entry)).toBe(`flood.1 stdout line number ${count} of many`);
    count += 1;
    if (count === 100) await new Promise((resolve) => setTimeout(resolve, 500));
    if (count === 40_000) stop.abort();
  }
  expect(count).toBe(40_000);
  client.close();
});

/** Megabytes of memory of each of the nodes' processes. */
function memory(): number[] {
  return cluster.nodes.map(({ pid }) => {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  });
}

/** Files of tasks' logs that the nodes have open. */
function openLogs(): string[] {
  return cluster.nodes.flatMap(({ pid }) =>
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const file = readlinkSync(`/proc/${pid}/fd/${fd}`);
      return /std(out|err)\.(log|times)$/.test(file) ? [file] : [];
    }),
  );
}

/** For five seconds, in milliseconds. */
async function slowestAnswer(): Promise<number> {
  let slowestMs = 0;
  for (const end = performance.now() + 5_000; performance.now() < end; ) {
    const at = performance.now();
    await cluster.listed(follower().client);
    slowestMs = Math.max(slowestMs, performance.now() - at);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return slowestMs;
}

test("who reads nothing of a log costs no memory, and keeps nobody waiting", async () => {
  const lines = "head -c 1000000 /dev/zero | tr '\\0' x | fold -w 1000; sleep 0.1";
  const service = await create("spate", 3, `while :; do ${lines}; done`);
  const { path, requestSerialize } = controlService.logs;
  const asked = { services: [service.id], tasks: [], range: { ...all, follow: true } };
  const before = memory();
  const calls = await Promise.all(
    Array.from({ length: 5 }, () =>
      unreadCall(connect(follower().socket), path, requestSerialize(asked)),
    ),
  );
  await atBest(4_000, slowestAnswer);
  for (const [at, megabytes] of memory().entries()) {
    expect(megabytes).toBeLessThan((before[at] ?? 0) + 80);
  }
  const [late] = calls;
  let bytes = 0;
  late?.call.on("data", (some: Buffer) => {
    bytes += some.length;
  });
  await until("lines for who begins to read", async () => bytes > 1_000_000 || null);
  expect(openLogs()).not.toEqual([]);
  for (const { session } of calls) session.destroy();
  await expect.poll(openLogs).toEqual([]);
  await cluster.first.client.command({ kind: "remove-service", id: service.id });
});

test("a node that is gone is named, and the others' lines come all the same", async () => {
  const service = await create("spread", 3, "echo here; sleep 1000");
  const lines = () => written(service, cluster.first.client);
  await until("what each has written", async () => (await lines()).length === 3 || null);
  const worker = cluster.nodes[2] as RealNode;
  const { id } = worker;
  await worker.end("SIGKILL");
  const found = await lines();
  expect(found.map(textOf).filter((text) => text.endsWith("stdout here"))).toHaveLength(2);
  expect(found.at(-1)).toMatchObject({ kind: "missing", reason: expect.stringContaining(id) });
});
