import { afterAll, beforeAll, expect, test } from "vitest";
import { Machines } from "../support/machines.ts";
import { fileReference, spec } from "../support/model.ts";
import { RealCluster, until } from "../support/real-cluster.ts";

// Goal: a link on which a large message takes longer than any answer is waited for brings it, and
// the node behind it is taken for what it is: there.
// Method: two managers and a worker, each with a network of its own, at a megabit a second.

const bitsPerSecond = 1_000_000;
/** Takes some eight seconds, in base64. */
const configBytes = 700_000;

let machines: Machines;
let cluster: RealCluster;

beforeAll(async () => {
  machines = new Machines();
  cluster = new RealCluster({ machines, engine: null });
  await cluster.start(2, 1);
  for (const way of ["to", "from"] as const) {
    for (const name of ["m2", "w1"]) machines.throttle(name, way, bitsPerSecond);
  }
});

afterAll(() => cluster?.stop());

test("a large config gets to the other manager, and to the worker, and both stay", async () => {
  const { client, log } = cluster.first;
  const patient = cluster.first.newClient(60_000);
  const data = Buffer.alloc(configBytes, "x").toString("base64");
  const large = { name: "large", labels: new Map(), data };
  const id = await patient.command({ kind: "create-config", spec: large });
  patient.close();
  const { task, ...others } = spec("heavy", { constraints: ["node.hostname==w1"] });
  const configs = [{ ...fileReference("large"), id }];
  const container = { ...task.container, command: ["sleep", "1000"], configs };
  const heavy = { ...others, task: { ...task, container } };
  await client.command({ kind: "create-service", spec: heavy });
  await cluster.running("heavy", 1);
  const since = cluster.first.log.slice(log.length);
  expect(since).not.toMatch(/is down|read nothing|"role"/);
});

test("a manager that comes back behind a slow link gets what it has missed", async () => {
  const m2 = cluster.named("m2");
  await m2.end("SIGKILL");
  m2.start();
  await until("a leader", async () => (await cluster.listed(m2.client)).length === 3 || null);
});
