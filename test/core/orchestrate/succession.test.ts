import { describe, expect, test } from "vitest";
import { seconds } from "../../../core/base/time.ts";
import { newestLevel } from "../../../core/model/level.ts";
import type { Node, NodeDescription } from "../../../core/model/node.ts";
import { noRestarts } from "../../../core/model/task.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import {
  description,
  moment,
  type NodeTraits,
  node,
  service,
  settings,
  task,
} from "../../support/model.ts";
import { Planning } from "../../support/planning.ts";
import { transact, update } from "../../support/store.ts";

// Goal: a slot is handed from one running task to the next without a moment in which none runs.

const running = task("t1", { node: "n1" });
const idle = [node("n1"), node("n2"), service("web")];

function change(planning: Planning, id: string, to: Partial<Node["spec"]>): Planning {
  const before = planning.store.nodes.get(id) as Node;
  planning.commit([transact(update({ ...before, spec: { ...before.spec, ...to } }))]);
  return planning.settle();
}

/** The service has these constraints from now on. */
function constrain(planning: Planning, ...constraints: string[]): void {
  planning.change("web", (web) => {
    const { task } = web.spec;
    const placement = service("web", { constraints }).spec.task.placement;
    const spec = { ...web.spec, task: { ...task, placement } };
    return { ...web, spec, specVersion: web.specVersion + 1 };
  });
}

function describeAnew(planning: Planning, id: string, to: Partial<NodeDescription>): Planning {
  const before = planning.store.nodes.get(id) as Node;
  const description = { ...before.description, ...to };
  planning.commit([transact(update({ ...before, description }))]);
  return planning.settle();
}

function state(planning: Planning, id: string, to: "ready" | "down"): Planning {
  const before = planning.store.nodes.get(id) as Node;
  planning.commit([transact(update({ ...before, status: { ...before.status, state: to } }))]);
  return planning.settle();
}

describe("a node that is drained", () => {
  test("stops its task once another runs elsewhere, and not before", () => {
    const planning = new Planning(...idle, running);
    planning.starts = () => false;
    change(planning.at(10), "n1", { availability: "drain" });
    expect(planning.at(11).living()).toEqual(["1:RUNNING@n1"]);
    planning.starts = () => true;
    expect(planning.at(20).living()).toEqual(["1:RUNNING@n2"]);
    expect(planning.store.tasks.get("t1")?.status.state).toBe(TaskState.SHUTDOWN);
  });

  test("tries again only after a restart's delay when the replacement fails", () => {
    const planning = new Planning(...idle, running);
    planning.starts = () => false;
    change(planning.at(10), "n1", { availability: "drain" });
    planning.at(10);
    const tried = () => planning.tasks().filter(({ replaces }) => replaces === "t1").length;
    expect(tried()).toBe(1);
    planning.at(14);
    expect(tried()).toBe(1);
    planning.at(15);
    expect(tried()).toBe(2);
  });

  test("is left by a task that goes on with the attempts of its version of the spec", () => {
    const paused = { state: "paused", startedAt: moment(0), completedAt: null } as const;
    const updateStatus = { ...paused, message: "update paused", slots: 1 };
    const web = { ...service("web", { image: "web:2", specVersion: 2 }), updateStatus };
    const failed = task("t2", {
      ...{ node: "n2", image: "web:2", specVersion: 2, createdAt: 2 },
      ...{ state: "FAILED", desired: "SHUTDOWN", restarts: { attempts: 2, isAttempt: true } },
    } as const);
    const old = task("t1", { node: "n1", image: "web:1", createdAt: 1 });
    const planning = new Planning(node("n1"), node("n2"), web, old, failed);
    planning.starts = () => false;
    change(planning.at(10), "n1", { availability: "drain" });
    const [next] = planning.tasks().filter(({ replaces }) => replaces === "t1");
    expect(next?.restarts).toMatchObject({ attempts: 2, isAttempt: false });
  });

  test("keeps what fits nowhere else until the cluster's patience is over", () => {
    const patience = seconds(60);
    const small = settings({ drain: { order: "start-first", patience } });
    const planning = new Planning(small, node("n1"), service("web"), running);
    change(planning.at(10), "n1", { availability: "drain" });
    expect(planning.at(69).living()).toEqual(["1:RUNNING@n1", "1:PENDING@-"]);
    expect(planning.at(70).living()).toEqual(["1:PENDING@-"]);
  });

  test("hands on how often its task was tried, too, when the patience is over at once", () => {
    const drain = { order: "start-first", patience: seconds(0) } as const;
    const restarts = { attempts: 2, failuresInRow: 0, isAttempt: true };
    const planning = new Planning(settings({ drain }), ...idle, { ...running, restarts });
    change(planning.at(10), "n1", { availability: "drain" });
    const [next] = planning.running();
    expect(next).toMatchObject({ nodeId: "n2", restarts: { attempts: 2, isAttempt: false } });
  });

  test("keeps its task when it is active again before the replacement runs", () => {
    const planning = new Planning(settings(), node("n1"), service("web"), running);
    change(planning.at(10), "n1", { availability: "drain" });
    change(planning.at(20), "n1", { availability: "active" });
    expect(planning.at(21).living()).toEqual(["1:RUNNING@n1"]);
    expect(planning.running().map(({ id }) => id)).toEqual(["t1"]);
  });

  test.each([
    [
      "which are no attempts of the new one",
      1,
      { attempts: 2, failuresInRow: 0, isAttempt: false },
    ],
    ["but not to another version of the spec", 2, noRestarts],
  ])("hands on how often its task was tried, %s", (_what, specVersion, count) => {
    const restarts = { attempts: 2, failuresInRow: 2, isAttempt: true };
    const failed = { ...running, restarts };
    const planning = new Planning(
      node("n1"),
      node("n2"),
      { ...service("web"), specVersion },
      failed,
    );
    change(planning.at(10), "n1", { availability: "drain" });
    const [next] = planning.at(11).running();
    expect(next).toMatchObject({ nodeId: "n2", restarts: count });
  });

  test("gives up at once what did not run yet", () => {
    const preparing = task("t1", { node: "n1", state: "PREPARING" });
    const planning = new Planning(node("n1", { availability: "drain" }), node("n2"));
    planning.commit([transact({ kind: "create", object: service("web") })]);
    planning.commit([transact({ kind: "create", object: preparing })]);
    expect(planning.at(10).living()).toEqual(["1:RUNNING@n2"]);
  });
});

describe("a node that goes down", () => {
  test("keeps its task when it is back before the replacement was to start", () => {
    const planning = new Planning(...idle, running);
    state(planning.at(10), "n1", "down");
    expect(planning.at(11).living()).toEqual(["1:RUNNING@n1", "1:READY@n2"]);
    state(planning.at(14), "n1", "ready");
    expect(planning.at(14).living()).toEqual(["1:RUNNING@n1"]);
    expect(planning.at(60).living()).toEqual(["1:RUNNING@n1"]);
  });

  test("loses its task to the replacement when it stays away", () => {
    const planning = new Planning(...idle, running);
    state(planning.at(10), "n1", "down");
    expect(planning.at(11).living()).toHaveLength(2);
    const after = planning.at(15);
    expect(after.store.tasks.get("t1")?.desiredState).toBe(TaskState.SHUTDOWN);
    expect(after.living()).toEqual(["1:RUNNING@n1", "1:RUNNING@n2"]);
    state(after, "n1", "ready");
    expect(after.at(16).living()).toEqual(["1:RUNNING@n2"]);
  });

  test("has its task replaced once more when the replacement goes down too", () => {
    const planning = new Planning(...idle, node("n3"), running);
    state(planning.at(10), "n1", "down");
    state(planning.at(11), "n2", "down");
    expect(
      planning
        .at(16)
        .at(30)
        .running()
        .map(({ nodeId }) => nodeId),
    ).toContain("n3");
  });
});

describe("a node whose tasks may no longer be there", () => {
  const constrained = { constraints: ["node.labels.disk==ssd"] };

  test.each([
    [newestLevel, "constraints"],
    [8, undefined],
  ])("loses those that its labels no longer meet: of level %i, for %s", (level, reason) => {
    const planning = new Planning(
      { ...settings(), level },
      node("n1", { labels: { disk: "ssd" } }),
      node("n2", { labels: { disk: "ssd" } }),
      service("web", constrained),
      task("t1", { node: "n1", ...constrained }),
    );
    change(planning.at(10), "n1", { labels: new Map([["disk", "hdd"]]) });
    expect(planning.at(20).living()).toEqual(["1:RUNNING@n2"]);
    expect(planning.store.tasks.get("t1")?.rejectedFor).toBe(reason);
  });

  test("keeps those that its labels no longer meet for as long as it is paused", () => {
    const planning = new Planning(
      node("n1", { labels: { disk: "ssd" }, availability: "pause" }),
      node("n2", { labels: { disk: "ssd" } }),
      service("web", constrained),
      task("t1", { node: "n1", ...constrained }),
    );
    change(planning.at(10), "n1", { labels: new Map() });
    expect(planning.at(20).living()).toEqual(["1:RUNNING@n1"]);
    change(planning, "n1", { availability: "active" });
    expect(planning.at(30).living()).toEqual(["1:RUNNING@n2"]);
  });

  test("keeps those that the service has other constraints for by now, which it meets", () => {
    const planning = new Planning(
      node("n1", { labels: { disk: "ssd", zone: "a" } }),
      node("n2", { labels: { disk: "ssd", zone: "a" } }),
      service("web", constrained),
      task("t1", { node: "n1", ...constrained }),
    );
    planning.at(10).change("web", ({ spec, ...web }) => {
      const placement = { ...spec.task.placement, constraints: ["node.labels.zone==a"] };
      return { ...web, specVersion: 2, spec: { ...spec, task: { ...spec.task, placement } } };
    });
    change(planning.at(20), "n1", { labels: new Map([["zone", "a"]]) });
    expect(
      planning
        .at(30)
        .tasks()
        .map(({ id }) => id),
    ).toEqual(["t1"]);
    change(planning, "n1", { labels: new Map([["disk", "ssd"]]) });
    expect(planning.at(40).living()).toEqual(["1:RUNNING@n2"]);
  });

  test("loses what its service's newer constraints forbid, without an update", () => {
    const labels = { labels: { zone: "a" } };
    const planning = new Planning(
      ...[node("n1", labels), node("n2", labels), service("web", { replicas: 2 })],
      ...[task("t1", { node: "n1" }), task("t2", { node: "n2", slot: 2 })],
    );
    constrain(planning.at(10), "node.labels.zone==a");
    expect(
      planning
        .at(20)
        .tasks()
        .map(({ id }) => id),
    ).toEqual(["t1", "t2"]);
    change(planning, "n1", { labels: new Map() });
    expect(planning.at(30).living()).toEqual(["1:RUNNING@n2", "2:RUNNING@n2"]);
    expect(planning.store.services.get("web")?.updateStatus).toBeNull();
  });

  test("keeps what an update is to replace, which a change of the node does not hurry", () => {
    const planning = new Planning(
      ...[node("n1"), node("n2", { labels: { zone: "a" } }), service("web", { replicas: 2 })],
      ...[task("t1", { node: "n1" }), task("t2", { node: "n1", slot: 2 })],
    );
    planning.holds = ({ specVersion }) => specVersion > 1;
    constrain(planning.at(10), "node.labels.zone==a");
    change(planning.at(20), "n1", { labels: new Map([["rack", "2"]]) });
    expect(
      planning
        .at(30)
        .running()
        .map(({ id }) => id),
    ).toEqual(["t2"]);
  });

  test("loses what an update is to replace once that no longer fits there by its own spec", () => {
    const own = { constraints: ["node.labels.rack==1"] };
    const planning = new Planning(
      ...[node("n1", { labels: { rack: "1" } }), node("n2", { labels: { zone: "a" } })],
      service("web", { ...own, replicas: 2 }),
      ...[task("t1", { node: "n1", ...own }), task("t2", { node: "n1", slot: 2, ...own })],
    );
    planning.holds = ({ specVersion }) => specVersion > 1;
    constrain(planning.at(10), "node.labels.zone==a");
    expect(planning.at(15).running()).toHaveLength(1);
    change(planning.at(20), "n1", { labels: new Map() });
    expect(planning.at(30).running()).toEqual([]);
  });

  test.each([
    { nanoCpus: 3e9, memoryBytes: 4e6 },
    { nanoCpus: 4e9, memoryBytes: 3e6 },
  ])("that has shrunk to %j loses the newest until the rest fits", (resources) => {
    const big = { reservations: { nanoCpus: 2e9, memoryBytes: 2e6 }, replicas: 2 };
    const planning = new Planning(
      node("n1", { cpus: 4 }),
      node("n2", { cpus: 4 }),
      service("web", big),
      task("t2", { node: "n1", createdAt: 1, ...big }),
      task("t1", { node: "n1", slot: 2, createdAt: 2, ...big }),
    );
    describeAnew(planning.at(10), "n1", { resources });
    expect(planning.at(20).living()).toEqual(["1:RUNNING@n1", "2:RUNNING@n2"]);
  });

  test("that has shrunk loses the task of a global service too, which waits for it to grow", () => {
    const big = {
      mode: { kind: "global" },
      reservations: { nanoCpus: 2e9, memoryBytes: 0 },
    } as const;
    const planning = new Planning(
      ...[node("n1", { cpus: 4 }), service("web", big)],
      task("t1", { slot: 0, node: "n1", ...big }),
    );
    const { resources } = (planning.store.nodes.get("n1") as Node).description;
    describeAnew(planning.at(10), "n1", { resources: { nanoCpus: 1e9, memoryBytes: 0 } });
    expect(planning.at(20).living()).toEqual(["0:PENDING@n1"]);
    describeAnew(planning, "n1", { resources });
    expect(planning.at(30).living()).toEqual(["0:RUNNING@n1"]);
  });

  test("that has shrunk keeps what fits beside a task that is to stop", () => {
    const big = { reservations: { nanoCpus: 2e9, memoryBytes: 0 } };
    const planning = new Planning(
      ...[node("n1", { cpus: 4 }), node("n2", { cpus: 4 }), service("web", big)],
      task("t0", { node: "n1", desired: "SHUTDOWN", createdAt: 1, ...big }),
      task("t1", { node: "n1", createdAt: 2, ...big }),
    );
    planning.stops = () => false;
    describeAnew(planning.at(10), "n1", { resources: { nanoCpus: 2e9, memoryBytes: 0 } });
    expect(planning.at(20).store.tasks.get("t1")?.desiredState).toBe(TaskState.RUNNING);
  });

  test.each<[string, NonNullable<NodeTraits["generic"]>, string[]]>([
    ["has what it had", { gpu: ["a", "b"], fpga: 2 }, ["t1", "t2", "t3", "t4"]],
    ["has lost a named thing", { gpu: ["b"], fpga: 2 }, ["t2", "t3", "t4"]],
    ["has fewer of those that it counts", { gpu: ["a", "b"], fpga: 1 }, ["t1", "t2", "t3"]],
    ["only counts what had names", { gpu: 2, fpga: 2 }, ["t3", "t4"]],
    ["has names for what it counted", { gpu: ["a", "b"], fpga: ["x", "y"] }, ["t1", "t2"]],
    ["has nothing of a kind any more", { fpga: 2 }, ["t3", "t4"]],
  ])("keeps the tasks for whose generic resources it is enough: it %s", (_, generic, kept) => {
    const holder = (number: number, kind: string, slot: number, ids: string[]) => ({
      ...task(`t${number}`, { service: kind, slot, createdAt: slot, generic: { [kind]: 1 } }),
      assignedResources: new Map(ids.length === 0 ? [] : [[kind, ids]]),
    });
    const planning = new Planning(
      ...["n1", "n2"].map((id) => node(id, { generic: { gpu: ["a", "b"], fpga: 2 } })),
      ...["gpu", "fpga"].map((kind) => service(kind, { generic: { [kind]: 1 }, replicas: 2 })),
      ...[holder(1, "gpu", 1, ["a"]), holder(2, "gpu", 2, ["b"])],
      ...[holder(3, "fpga", 1, []), holder(4, "fpga", 2, [])],
    );
    const { genericResources } = description("n1", { generic });
    describeAnew(planning.at(10), "n1", { genericResources });
    const running = [...planning.at(20).running("gpu"), ...planning.running("fpga")];
    expect(running).toHaveLength(4);
    expect(running.map(({ id }) => id).filter((id) => id.length === 2)).toEqual(kept);
  });
});

test("a move that no node has taken is called off when its task ends, which is restarted", () => {
  const move = { ...task("t2", { node: "n2", state: "PENDING" }), replaces: "t1", isMove: true };
  const planning = new Planning(...idle, task("t1", { node: "n1", state: "FAILED" }), move);
  planning.at(30);
  expect(planning.store.tasks.get("t2")?.desiredState ?? TaskState.REMOVE).toBe(TaskState.REMOVE);
  expect(planning.at(40).living()).toEqual([expect.stringMatching(/^1:RUNNING@n/)]);
});

test("a move that does not run within a minute is called off, and its task stays", () => {
  const move = task("t2", { ...{ node: "n2", createdAt: 10 }, state: "PREPARING", replaces: "t1" });
  const planning = new Planning(...idle, running, { ...move, isMove: true });
  planning.holds = ({ id }) => id === "t2";
  planning.at(69);
  expect(planning.store.tasks.get("t2")?.desiredState).toBe(TaskState.RUNNING);
  planning.at(70);
  expect(planning.store.tasks.get("t2")?.desiredState ?? TaskState.REMOVE).toBe(TaskState.REMOVE);
  expect(planning.store.tasks.get("t1")?.desiredState).toBe(TaskState.RUNNING);
});
