import { readdirSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Timestamp } from "../../core/base/time.ts";
import type { ServiceSpec } from "../../core/model/service.ts";
import { serviceSpec } from "../../core/model/service-defaults.ts";
import type { LogEntry } from "../../real/wire/logs.ts";
import { Machines } from "../support/machines.ts";
import { fileReference } from "../support/model.ts";
import { RealCluster, type RealNode, until } from "../support/real-cluster.ts";
import { User } from "../support/user.ts";

// Goal: whatever goes over a link that is cut, one way or both, or very slow, is given up in its
// time, and goes on once the link is back: sessions, logs, watches, commands, joins, certificates,
// messages that take longer than any answer is waited for, and snapshots.
// Method: three managers and a worker, each a process with a network of its own.

/** At this rate a config of that size takes some six seconds, in base64. */
const slowBitsPerSecond = 1_200_000;
const configBytes = 700_000;

let machines: Machines;
let cluster: RealCluster;
let leader: RealNode;
/** Does not lead; the other one neither. */
let follower: RealNode;
let worker: RealNode;

beforeAll(async () => {
  machines = new Machines();
  cluster = new RealCluster({ machines, engine: null });
  await cluster.start(3, 1);
  leader = await new User(cluster).leader();
  follower = cluster.nodes.find((node) => node !== leader) as RealNode;
  worker = cluster.named("w1");
});

afterAll(() => cluster?.stop());

function onWorker(
  name: string,
  command: readonly string[],
  configs: readonly string[],
): ServiceSpec {
  const { task, ...others } = serviceSpec(name, "any", 1);
  const files = configs.map((id) => ({ ...fileReference(name), id }));
  const container = { ...task.container, command, configs: files };
  const placement = { ...task.placement, constraints: ["node.hostname==w1"] };
  return { ...others, task: { ...task, container, placement } };
}

async function stateOf(node: RealNode) {
  const { status } = await new User(cluster, leader).listed(node.name);
  return status.state;
}

async function is(state: "ready" | "down", node: RealNode): Promise<void> {
  await until(`${node.name} ${state}`, async () => ((await stateOf(node)) === state ? true : null));
}

function descriptors(): number[] {
  return cluster.nodes.map(({ pid }) => readdirSync(`/proc/${pid}/fd`).length);
}

test("a worker that hears nothing is down, and back with its log as soon as it does", async () => {
  const counts = ["/bin/sh", "-c", "while :; do i=$((i+1)); echo $i; sleep 0.1; done"];
  await leader.client.command({ kind: "create-service", spec: onWorker("counts", counts, []) });
  await cluster.running("counts", 1, leader.client);
  const [service] = await leader.client.query({ kind: "get-service", name: "counts" });
  const range = { follow: true, tail: null, since: 0 as Timestamp, until: 0 as Timestamp };
  const reader = follower.newClient();
  const lines: LogEntry[] = [];
  const end = new AbortController();
  const request = { services: [service?.id ?? ""], tasks: [], range };
  const reads = (async () => {
    for await (const entry of reader.logs(request, end.signal)) lines.push(entry);
  })();
  await until("its first lines", async () => lines.length > 3 || null);
  machines.throttle(worker.name, "to", 0);
  await is("down", worker);
  machines.unthrottle(worker.name, "to");
  const healed = Date.now();
  const before = lines.length;
  await is("ready", worker);
  await until("further lines", async () => lines.length > before + 20 || null);
  expect(Date.now() - healed).toBeLessThan(20_000);
  end.abort();
  await reads;
  reader.close();
  const byTask = new Map<string, number[]>();
  for (const entry of lines) {
    if (entry.kind === "missing") throw new Error(entry.reason);
    const { taskId, line } = entry;
    byTask.set(taskId, [...(byTask.get(taskId) ?? []), Number(line.text)]);
  }
  for (const numbers of byTask.values()) {
    expect(numbers).toEqual(numbers.map((_, at) => at + 1));
  }
});

test("a follower that hears nothing takes no command, and its watchers miss nothing", async () => {
  const [names, before] = [new Set<string>(), descriptors()];
  const watcher = follower.newClient();
  const heard = new Set<string>();
  const stop = watcher.watch(
    { tables: ["service"] },
    ({ current }) => current?.kind === "service" && heard.add(current.spec.name),
    () => undefined,
  );
  const create = async (name: string, { client } = leader) => {
    await client.command({ kind: "create-service", spec: serviceSpec(name, "any", 0) });
    names.add(name);
  };
  machines.throttle(follower.name, "to", 0);
  for (let number = 1; number <= 20; number += 1) await create(`meanwhile-${number}`);
  const asked = follower.newClient(2_000);
  await expect(create("lost", { ...follower, client: asked } as RealNode)).rejects.toThrow();
  asked.close();
  machines.unthrottle(follower.name, "to");
  await create("afterwards", follower);
  await until("all that was created", async () => {
    return [...names].every((name) => heard.has(name)) || null;
  });
  stop();
  watcher.close();
  expect(await new User(cluster, leader).leader()).toBe(leader);
  const after = descriptors();
  for (const [at, count] of before.entries()) expect(after[at]).toBeLessThan(count + 20);
});

test("a join and a new certificate that a cut interrupts come about after it", async () => {
  const joining = await cluster.join("w2", "worker");
  machines.unplug("w2");
  machines.cut(worker.name);
  await leader.client.command({ kind: "rotate-root", root: null });
  await is("down", worker);
  machines.plug("w2");
  machines.heal(worker.name);
  await is("ready", joining);
  await until("the end of the rotation", async () => {
    const [found] = await leader.client.query({ kind: "get-cluster" });
    return found?.ca?.rotation === null || null;
  });
  await is("ready", worker);
});

test("a large config gets over slow links, and all stay what they are", async () => {
  const slow = cluster.nodes.filter((node) => node !== leader);
  for (const { name } of slow) {
    for (const way of ["to", "from"] as const) machines.throttle(name, way, slowBitsPerSecond);
  }
  const { log } = leader;
  const patient = leader.newClient(60_000);
  const data = Buffer.alloc(configBytes, "x").toString("base64");
  const large = { name: "heavy", labels: new Map(), data };
  const id = await patient.command({ kind: "create-config", spec: large });
  patient.close();
  const spec = onWorker("heavy", ["sleep", "1000"], [id]);
  await leader.client.command({ kind: "create-service", spec });
  await cluster.running("heavy", 1, leader.client);
  for (const { name } of slow) {
    for (const way of ["to", "from"] as const) machines.unthrottle(name, way);
  }
  expect(leader.log.slice(log.length)).not.toMatch(/heartbeat failure|read nothing|"role"/);
});

test("a snapshot whose link breaks half way, and then its leader, arrives in the end", async () => {
  const [found] = await leader.client.query({ kind: "get-cluster" });
  if (found === undefined) throw new Error("there is a cluster");
  const spec = { ...found.spec, snapshotInterval: 4, logEntriesForSlowFollowers: 1 };
  const { version } = found.meta;
  await leader.client.command({ kind: "update-cluster", version, spec });
  machines.cut(follower.name);
  const data = Buffer.alloc(configBytes, "y").toString("base64");
  const names = Array.from({ length: 6 }, (_, at) => `config-${at}`);
  for (const name of names) {
    await leader.client.command({ kind: "create-config", spec: { name, labels: new Map(), data } });
  }
  machines.throttle(follower.name, "to", 8_000_000);
  const gets = async (bytes: number) => {
    const before = machines.received(follower.name);
    await until(
      `${bytes} bytes`,
      async () => machines.received(follower.name) > before + bytes || null,
    );
  };
  machines.heal(follower.name);
  await gets(1_500_000);
  machines.cut(follower.name);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  machines.heal(follower.name);
  await gets(1_500_000);
  await leader.end("SIGKILL");
  await until("all configs", async () => {
    const configs = await follower.client.query({ kind: "list-configs" }, "stale");
    const found = configs.map(({ spec }) => spec.name);
    return names.every((name) => found.includes(name)) || null;
  });
});
