import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ms } from "../../../core/base/time.ts";
import { serviceSpec } from "../../../core/model/service-defaults.ts";
import { stateName } from "../../../core/model/task-state.ts";
import type {
  ClusterSource,
  CommandOutcome,
  SourceCommand,
  SourceMoment,
} from "../../../core/observe/source.ts";
import { clusterSource } from "../../../real/ctl/top/top-source.ts";
import { RealCluster, type RealNode, until } from "../../support/real-cluster.ts";
import { User } from "../../support/user.ts";

// Goal: whoever watches a real cluster sees what is so, hears plainly when the cluster is lost, and
// goes on by himself with whichever manager is left.
// Method: three managers and a worker, each a process; one story after another on the same cluster.

const cluster = new RealCluster();
const config = mkdtempSync(join(tmpdir(), "cluster-source-"));
const env = { XDG_CONFIG_HOME: config };
let source: ClusterSource;
/** The manager that the source follows first. */
let followed: string;
/** Each moment that was told. */
const moments: SourceMoment[] = [];

beforeAll(async () => {
  await cluster.start(3, 1);
  const spec = serviceSpec("web", "any", 3);
  const container = {
    ...spec.task.container,
    command: ["sleep", "1000"],
    stopGracePeriod: ms(500),
  };
  const restart = { ...spec.task.restart, delay: ms(0) };
  const task = { ...spec.task, container, restart };
  await cluster.first.client.command({ kind: "create-service", spec: { ...spec, task } });
  await cluster.running("web", 3);
  const first = await new User(cluster, cluster.named("m2")).leader();
  const others = cluster.nodes.filter(({ name }) => name !== first.name && name !== "w1");
  followed = first.name;
  source = follow(first, others);
  source.listen((moment) => moments.push(moment));
});

afterAll(async () => {
  source.close();
  await cluster.stop();
  rmSync(config, { recursive: true });
});

function follow(first: RealNode, others: readonly RealNode[]): ClusterSource {
  const managers = others.map(({ socket }) => socket);
  return clusterSource({ socket: first.socket, managers, timeout: "10s" }, env);
}

function send(command: SourceCommand): Promise<CommandOutcome> {
  return new Promise((resolve) => source.send(command, resolve));
}

/** The newest moment, as soon as this holds of it. */
function seen(what: string, holds: (moment: SourceMoment) => boolean): Promise<SourceMoment> {
  return until(what, async () => {
    const newest = moments.at(-1);
    return newest !== undefined && holds(newest) ? newest : null;
  });
}

function runningOn(moment: SourceMoment): string[] {
  const running = moment.frame.tasks.filter(({ state }) => state === "RUNNING");
  return running.map(({ node }) => node ?? "");
}

/** Each task with its state, as a manager lists them. */
async function truth(node: RealNode): Promise<string[]> {
  const tasks = await node.client.query({ kind: "list-tasks", service: null });
  return tasks.map(({ id, status }) => `${id} ${stateName(status.state)}`).sort();
}

test("nothing is called lost before a manager was asked", async () => {
  const first = await until("the first moment", async () => moments[0] ?? null);
  expect(first.connection?.state).toBe("connected");
  expect(first.frame.nodes).toHaveLength(4);
});

test("nodes have their names, and every manager says what part it has in Raft", async () => {
  const { frame, connection } = await seen("all managers", ({ frame: { nodes }, ...moment }) => {
    const said = nodes.filter(({ raft }) => raft !== null);
    const leading = nodes.filter(({ raft }) => raft?.isManaging === true);
    return said.length === 3 && leading.length === 1 && moment.connection?.state === "connected";
  });
  expect(frame.nodes.map(({ id, machine }) => `${id} ${machine}`)).toEqual([
    ...["m1 up", "m2 up", "m3 up", "w1 up"],
  ]);
  expect(connection).toEqual({ state: "connected", to: followed, reason: "" });
  const [leading] = frame.nodes.filter(({ raft }) => raft?.isManaging === true);
  expect(leading?.raft?.progress).toHaveLength(2);
  expect(frame.nodes[0]?.raft?.status.leader).toMatch(new RegExp(`^${leading?.id}(/\\d+)?$`));
  expect(frame.services).toMatchObject([{ name: "web", wanted: 3, running: 3 }]);
});

test("scale, drain and promote do what they say, and are told as they happen", async () => {
  expect(await send({ kind: "scale", service: "web", replicas: 5 })).toMatchObject({ ok: true });
  const scaled = await seen("five tasks", (moment) => runningOn(moment).length === 5);
  expect(scaled.events.map(({ text }) => text)).toContain("web is scaled from 3 to 5");
  expect(scaled.availability.web).toMatchObject({ lowest: 3 });
  const newest = scaled.frame.tasks.find(({ slot }) => slot === 5);
  expect(newest?.history.at(-1)?.state).toBe("RUNNING");
  expect(newest?.history.length).toBeGreaterThan(1);
  const drain = { kind: "availability", node: "w1", availability: "drain" } as const;
  expect(await send(drain)).toEqual({ ok: true, text: "w1 is set to drain" });
  await seen("nothing on w1", (moment) => {
    const places = runningOn(moment);
    return places.length === 5 && !places.includes("w1");
  });
  await send({ ...drain, availability: "active" });
  expect(await send({ kind: "role", node: "w1", role: "manager" })).toMatchObject({ ok: true });
  await seen("w1 a manager", ({ frame }) => frame.nodes.at(-1)?.record?.role === "manager");
  expect(await send({ kind: "role", node: "w1", role: "worker" })).toMatchObject({ ok: true });
  await seen("w1 a worker", ({ frame }) => frame.nodes.at(-1)?.record?.role === "worker");
});

test("what makes no sense is refused, in words", async () => {
  const refused = await send({ kind: "scale", service: "none", replicas: 5 });
  expect(refused).toEqual({ ok: false, text: "there is no service none" });
  expect((await send({ kind: "crash", node: "w1" })).ok).toBe(false);
  expect((await send({ kind: "play", direction: "forward" })).text).toBe(
    "only a simulation can be treated so",
  );
  const other = await send({ kind: "role", node: "nobody", role: "worker" });
  expect(other).toEqual({ ok: false, text: "there is no node nobody" });
});

test("when the leader it follows is killed, it says so and goes on with another", async () => {
  const dead = await new User(cluster, cluster.named("m2")).leader();
  const before = moments.length;
  const told = elections(moments.at(-1)?.events ?? []);
  await dead.end("SIGKILL");
  // What each manager says of itself comes by itself: the new leader may be seen to lead before
  // the one that is followed has told of its term.
  const after = await seen("another leader", ({ frame, connection, events }) => {
    const leading = frame.nodes.filter(({ raft }) => raft?.isManaging === true);
    const isOther = leading.length === 1 && leading[0]?.id !== dead.name;
    return connection?.state === "connected" && isOther && elections(events) > told;
  });
  expect(moments.slice(before).some(({ connection }) => connection?.state === "lost")).toBe(true);
  const texts = after.events.map(({ text }) => text);
  expect(texts.some((text) => text.startsWith(`the connection to ${dead.name} is lost`))).toBe(
    true,
  );
  await seen("the dead one down", ({ frame }) => {
    return frame.nodes.find(({ id }) => id === dead.name)?.machine === "down";
  });
  expect(await send({ kind: "scale", service: "web", replicas: 4 })).toMatchObject({ ok: true });
  await seen("four tasks", (moment) => new Set(runningOn(moment)).size > 0 && wantsFour(moment));
  dead.start();
  await seen("it is back", ({ frame }) => {
    return frame.nodes.find(({ id }) => id === dead.name)?.machine === "up";
  });
});

/** How many are told. */
function elections(events: SourceMoment["events"]): number {
  return events.filter(({ text }) => / leads term \d+$/.test(text)).length;
}

function wantsFour({ frame: { services } }: SourceMoment): boolean {
  return services[0]?.wanted === 4 && services[0].running === 4;
}

test("without a quorum it says so, and comes back by itself; then all is as it is", async () => {
  const managers = cluster.nodes.filter(({ name }) => name.startsWith("m"));
  const [one, ...most] = managers as [RealNode, ...RealNode[]];
  await Promise.all(most.map((node) => node.end("SIGKILL")));
  const lost = await seen("no leader", ({ connection }) => {
    return connection?.state === "lost" && connection.reason.includes("no leader");
  });
  expect(lost.frame.nodes).toHaveLength(4);
  expect((await send({ kind: "scale", service: "web", replicas: 2 })).ok).toBe(false);
  for (const node of most) node.start();
  await seen("connected", ({ connection }) => connection?.state === "connected");
  await cluster.ready(4, one.client);
  await seen("all nodes", ({ frame }) => frame.nodes.every(({ machine }) => machine === "up"));
  await until("the same tasks", async () => {
    const shown = moments
      .at(-1)
      ?.frame.tasks.map(({ id, state }) => `${id} ${state}`)
      .sort();
    return shown?.join() === (await truth(one)).join() || null;
  });
});
