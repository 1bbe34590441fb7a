import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ms } from "../../core/base/time.ts";
import type { ServiceSpec } from "../../core/model/service.ts";
import { serviceSpec } from "../../core/model/service-defaults.ts";
import type { Task } from "../../core/model/task.ts";
import { StateDir } from "../../real/daemon/state-dir.ts";
import { withVersion } from "../support/container-sleeper.ts";
import { Machines } from "../support/machines.ts";
import { RealCluster, until } from "../support/real-cluster.ts";
import { User } from "../support/user.ts";
import { Visitor } from "../support/visitor.ts";

// Goal: every node answers on a published port, and nobody who connects is turned away while tasks
// behind it come and go.
// Method: a manager and two workers, each in a network of its own, with plain processes as tasks;
// somebody on a fourth machine connects all the while.

const published = 8080;

let cluster: RealCluster;
let machines: Machines;
let visitor: Visitor;
let user: User;

beforeAll(async () => {
  machines = new Machines();
  cluster = new RealCluster({ machines, engine: null });
  visitor = new Visitor(machines);
  await cluster.start(1, 2);
  user = new User(cluster);
});

afterAll(async () => {
  visitor?.stop();
  await cluster?.stop();
});

/**
 * Says its version and its task; when it is asked to stop, it ends what it has begun. It goes on
 * listening for a moment: the kernel resets what it has taken for a program that did not accept it.
 */
const program = `
const { createServer } = require("node:net");
const { TASK_ID, VERSION } = process.env;
const server = createServer((socket) => {
  socket.on("error", () => undefined);
  setTimeout(() => socket.end(VERSION + " " + TASK_ID), 20);
}).listen(9000);
process.on("SIGTERM", () => setTimeout(() => server.close(() => process.exit(0)), 200));
`;

/** One task on each node at most: two would want the same port. */
function web(replicas: number): ServiceSpec {
  const spec = serviceSpec("web", "web", replicas);
  const port = { name: "", protocol: "tcp", targetPort: 9000, publishedPort: published } as const;
  const { container, placement, restart } = spec.task;
  const task = {
    ...spec.task,
    container: { ...container, command: [process.execPath], args: ["-e", program] },
    placement: { ...placement, maxReplicas: 1 },
    restart: { ...restart, delay: ms(0) },
  };
  const update = { ...spec.update, parallelism: 1, delay: ms(500), monitor: ms(200) };
  const endpoint = { mode: "vip", ports: [{ ...port, publishMode: "ingress" }] } as const;
  return withVersion({ ...spec, task, update, endpoint }, "1");
}

function hostOf(name: string): string {
  return cluster.named(name).address.replace(/:\d+$/, "");
}

const visit = (name: string) => visitor.visit(hostOf(name), published);

/** Connects to all nodes in turn, four at a time, until `isOver`: what was heard, each once. */
async function crowd(isOver: () => boolean): Promise<ReadonlySet<string>> {
  const heard = new Set<string>();
  const guest = async (first: number) => {
    for (let at = first; !isOver(); at += 1) {
      heard.add(await visit(["m1", "w1", "w2"][at % 3] as string));
    }
  };
  await Promise.all(Array.from({ length: 4 }, (_, at) => guest(at)));
  return heard;
}

/** What the crowd hears while `happens`. */
async function meanwhile(happens: () => Promise<unknown>): Promise<ReadonlySet<string>> {
  let isOver = false;
  const heard = crowd(() => isOver);
  try {
    await happens();
  } finally {
    isOver = true;
  }
  return heard;
}

const refusals = (heard: ReadonlySet<string>) => [...heard].filter((each) => each.startsWith("!"));

async function answersEverywhere(): Promise<void> {
  for (const name of ["m1", "w1", "w2"]) {
    await until(`an answer of ${name}`, async () => !(await visit(name)).startsWith("!") || null);
  }
}

/** Kills the task's program, not asking it. */
async function kill({ id, nodeId }: Task): Promise<void> {
  const node = cluster.nodes.find((each) => each.id === nodeId);
  const { tasks } = new StateDir(node?.folder ?? "");
  const pid = await until("its process", async () => {
    return Number(readFileSync(join(tasks, id, "pid"), "utf8")) || null;
  });
  process.kill(pid, "SIGKILL");
}

test("every node leads to the one task, wherever it runs", async () => {
  await user.create(web(1));
  const [task] = await user.running("web", 1);
  await answersEverywhere();
  for (const name of ["m1", "w1", "w2"]) expect(await visit(name)).toBe(`1 ${task?.id}`);
});

test("connections go to all tasks, by way of any node", async () => {
  await user.scale("web", 2);
  const tasks = await user.running("web", 2);
  const expected = tasks.map(({ id }) => `1 ${id}`).sort();
  await until("both tasks", async () => {
    const heard = new Set([await visit("m1"), await visit("m1"), await visit("m1")]);
    return [...heard].sort().join() === expected.join() || null;
  });
});

test("nobody is turned away while a task dies and another takes its place", async () => {
  const before = await user.running("web", 2);
  const heard = await meanwhile(async () => {
    await kill(before[0] as Task);
    await until("another task", async () => {
      const running = await user.running("web", 2);
      return running.some(({ id }) => before.every((each) => each.id !== id)) || null;
    });
    await delay(500);
  });
  // What has died had connections: those break, as anywhere.
  expect(refusals(heard).filter((each) => each !== "! ECONNRESET")).toEqual([]);
  const now = await user.running("web", 2);
  await until("the new task", async () => {
    const said = [await visit("w1"), await visit("w1")];
    return now.every(({ id }) => said.includes(`1 ${id}`)) || null;
  });
});

test("nobody is turned away while the service is updated, task by task, and scaled", async () => {
  const heard = await meanwhile(async () => {
    await user.change("web", (spec) => withVersion(spec, "2"));
    await until("the end of the update", async () => {
      return (await user.service("web")).updateStatus?.state === "completed" || null;
    });
    await user.scale("web", 1);
    await user.running("web", 1);
    await delay(1_000);
    await user.scale("web", 2);
    await user.running("web", 2);
  });
  expect(refusals(heard)).toEqual([]);
  const expected = (await user.running("web", 2)).map(({ id }) => `2 ${id}`).sort();
  await until("both new tasks", async () => {
    let visits = 0;
    const after = await crowd(() => {
      visits += 1;
      return visits > 40;
    });
    return [...after].sort().join() === expected.join() || null;
  });
});

/** A worker that runs one of the tasks, and the other one. */
async function busyWorker(): Promise<{ readonly busy: string; readonly other: string }> {
  const tasks = await user.running("web", 2);
  const ids = new Set(tasks.map(({ nodeId }) => nodeId));
  const isBusy = ids.has((await user.listed("w1")).id);
  return isBusy ? { busy: "w1", other: "w2" } : { busy: "w2", other: "w1" };
}

test("a node that is drained goes on answering, and nobody is turned away meanwhile", async () => {
  const { busy } = await busyWorker();
  const { id } = await user.listed(busy);
  const heard = await meanwhile(async () => {
    await user.changeNode(busy, { availability: "drain" });
    await until("its task elsewhere", async () => {
      return (await user.running("web", 2)).every(({ nodeId }) => nodeId !== id) || null;
    });
    await delay(1_000);
  });
  expect(refusals(heard)).toEqual([]);
  expect(await visit(busy)).toMatch(/^2 /);
  await user.changeNode(busy, { availability: "active" });
});

test("a node that is cut off costs time at most, and none once it is called down", async () => {
  const { busy, other } = await busyWorker();
  machines.cut(busy);
  const others = async () => [await visit("m1"), await visit(other), await visit("m1")];
  expect((await others()).every((said) => said.startsWith("2 "))).toBe(true);
  await until("its being called down", async () => {
    return (await user.listed(busy)).status.state === "down" || null;
  });
  await until("answers without waiting for it", async () => {
    const begun = Date.now();
    expect((await others()).every((said) => said.startsWith("2 "))).toBe(true);
    return Date.now() - begun < 1_500 || null;
  });
  machines.heal(busy);
  await user.ready(3);
  await until("an answer of it", async () => (await visit(busy)).startsWith("2 ") || null);
});

test("no node answers once the service is gone, and the port is free", async () => {
  await user.remove("web");
  for (const name of ["m1", "w1", "w2"]) {
    await until(`no answer of ${name}`, async () => {
      return (await visit(name)) === "! ECONNREFUSED" || null;
    });
  }
});
