import { describe, expect, test } from "vitest";
import type { StoreObject } from "../../../core/model/change.ts";
import type { Service } from "../../../core/model/service.ts";
import type { Task, TaskStatus } from "../../../core/model/task.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import type { Store } from "../../../core/store/store.ts";
import {
  meta,
  moment,
  node,
  resources,
  service,
  settings,
  type TaskTraits,
  task,
} from "../../support/model.ts";
import { pending, Scheduling, schedule } from "../../support/scheduling.ts";
import { commit, context, create, remove, storeOf, transact, update } from "../../support/store.ts";

// Goal: of the nodes that will do, the one is chosen that the strategy and the labels call for.

function places(...objects: StoreObject[]): (string | null)[] {
  const store = storeOf(...objects);
  const ids = [...store.tasks.values()].filter(({ nodeId }) => nodeId === null).map(({ id }) => id);
  commit(store, schedule(context(store)));
  return ids.map((id) => store.tasks.get(id)?.nodeId ?? null);
}

describe("preferences", () => {
  const placement = { preferences: ["node.labels.zone"] };
  const three = [
    node("a1", { labels: { zone: "a" } }),
    node("b1", { labels: { zone: "b" } }),
    node("b2", { labels: { zone: "b" } }),
    node("b3", { labels: { zone: "b" } }),
  ];

  test("spread over the values of a label, however many nodes have each", () => {
    const tasks = ["t1", "t2", "t3", "t4"].map((id) => pending(id, { placement }));
    expect(places(...three, ...tasks)).toEqual(["a1", "b1", "b2", "a1"]);
  });

  test("leave out branches that are full", () => {
    const wants = { placement, reservations: resources(3, 1) };
    const tasks = ["t1", "t2", "t3", "t4"].map((id) => pending(id, wants));
    expect(places(...three, ...tasks)).toEqual(["a1", "b1", "b2", "b3"]);
  });

  test("count nodes without the label as a branch of their own", () => {
    const tasks = ["t1", "t2", "t3"].map((id) => pending(id, { placement }));
    expect(places(node("c1"), ...three, ...tasks)).toEqual(["a1", "b1", "c1"]);
  });

  test("of other things than labels mean nothing, whatever engines call their labels", () => {
    const preferences = ["node.platform.os"];
    const os = (name: string) => ({ engineLabels: { os: name } });
    const nodes = [node("a1", os("a")), node("a2", os("a")), node("b1", os("b"))];
    const tasks = ["t1", "t2", "t3", "t4"].map((id) => pending(id, { placement: { preferences } }));
    expect(places(...nodes, ...tasks)).toEqual(["a1", "a2", "b1", "a1"]);
  });

  test("go from the outermost label to the innermost, and other words mean nothing", () => {
    const within = { preferences: ["node.labels.zone", "node.labels.rack", "node.hostname"] };
    const nodes = [
      node("a1", { labels: { zone: "a", rack: "1" } }),
      node("a2", { labels: { zone: "a", rack: "1" } }),
      node("a3", { labels: { zone: "a", rack: "2" } }),
    ];
    const tasks = ["t1", "t2", "t3"].map((id) => pending(id, { placement: within }));
    expect(places(...nodes, ...tasks)).toEqual(["a1", "a3", "a2"]);
  });
});

describe("binpack", () => {
  const wants = { reservations: resources(1, 1) };

  test("fills the fullest node on which the task still fits, then the next", () => {
    const packed = { ...wants, placement: { strategy: "binpack" as const } };
    const tasks = ["t1", "t2", "t3"].map((id) => pending(id, packed));
    const begun = task("t0", { node: "b", service: "api", ...wants });
    const nodes = [node("a", { cpus: 2 }), node("b", { cpus: 3 })];
    expect(places(...nodes, begun, ...tasks)).toEqual(["b", "b", "a"]);
  });

  test("is what the cluster says, unless the service says otherwise", () => {
    const cluster = settings({ strategy: "binpack" });
    const begun = task("t0", { node: "b", service: "api", ...wants });
    expect(places(cluster, node("a"), node("b"), begun, pending("t1", wants))).toEqual(["b"]);
    const spread = { ...wants, placement: { strategy: "spread" as const } };
    expect(places(cluster, node("a"), node("b"), begun, pending("t1", spread))).toEqual(["a"]);
  });
});

describe("a node where the spec has failed five times in five minutes", () => {
  /** Runs `count` tasks on node `a`, all of which fail, the last at second 10. */
  function failing(count: number, traits: TaskTraits = {}, how: Partial<TaskStatus> = {}): Store {
    const tasks = Array.from({ length: count }, (_, at) =>
      task(`f${at}`, { node: "a", ...traits }),
    );
    const busy = task("t0", { node: "b", service: "api" });
    const store = storeOf(node("a"), node("b"), busy, ...tasks);
    for (const each of tasks) {
      const status = { ...each.status, state: TaskState.FAILED, ...how };
      commit(store, [transact(update({ ...each, status }))], 10);
    }
    return store;
  }

  function placeOf(store: Store, waiting: Task, second: number): string | null {
    commit(store, [transact({ kind: "create", object: { ...waiting, meta: meta(0) } })], second);
    commit(store, schedule(context(store, second)), second);
    return store.tasks.get(waiting.id)?.nodeId ?? null;
  }

  test("comes last, until the failures are five minutes old", () => {
    expect(placeOf(failing(4), pending("t1"), 11)).toBe("a");
    expect(placeOf(failing(5), pending("t1"), 11)).toBe("b");
    expect(placeOf(failing(5), pending("t1"), 309)).toBe("b");
    expect(placeOf(failing(5), pending("t1"), 310)).toBe("a");
  });

  test("is as good as ever for other specs, and after failures of preassigned tasks", () => {
    expect(placeOf(failing(5), pending("t1", { specVersion: 2 }), 11)).toBe("a");
    expect(placeOf(failing(5), pending("t1", { service: "db" }), 11)).toBe("a");
    expect(placeOf(failing(5, { slot: 0 }), pending("t1"), 11)).toBe("a");
  });

  test("is as good as ever after it has crashed under its tasks", () => {
    expect(placeOf(failing(5, {}, { isLost: true }), pending("t1"), 11)).toBe("a");
  });

  test("is known to a copy of the store that was restored from a snapshot", () => {
    const copy = storeOf();
    copy.restore(failing(5).snapshot());
    expect(placeOf(copy, pending("t1"), 11)).toBe("b");
  });
});

test("the highest priority comes first, then the oldest task, then the lowest id", () => {
  const wants = { reservations: resources(2, 1) };
  const tasks = [
    pending("t1", { ...wants, createdAt: 2 }),
    pending("t3", { ...wants, createdAt: 1 }),
    pending("t2", { ...wants, createdAt: 1 }),
    pending("t4", { ...wants, createdAt: 9, priority: 1 }),
  ];
  expect(places(node("a"), ...tasks)).toEqual([null, null, "a", "a"]);
});

test("a plan ends where the entry is full, and the next one goes on from there", () => {
  const scheduling = new Scheduling(node("a"), ...["t1", "t2", "t3"].map((id) => pending(id)));
  const placed: number[] = [];
  while (scheduling.hasWork) placed.push(scheduling.turn(2));
  expect(placed).toEqual([2, 1]);
  expect(scheduling.store.time).toBe(moment(0));
});

test("what fits nowhere is not tried again before something has changed in its favour", () => {
  const scheduling = new Scheduling(node("a", { state: "down" }), pending("t1"));
  const told = [scheduling.turn(), scheduling.turn()];
  expect([told, scheduling.hasWork]).toEqual([[1, 0], false]);
  scheduling.change(update(node("a")));
  expect(scheduling.hasWork).toBe(true);
});

test.each([
  ["it had to keep away from", { service: "api", placement: { antiAffinity: ["db"] } }, {}],
  [
    "the service itself would not have beside others",
    { service: "db" },
    { placement: { antiAffinity: ["db"] } },
  ],
])("a service that comes favours no task, and one that goes a task that %s", (_, waits, runs) => {
  const running = task("t0", { node: "a", service: "db", ...runs });
  const others = [service("db"), service("api"), running];
  const scheduling = new Scheduling(node("a"), ...others, pending("t1", waits));
  scheduling.turn();
  scheduling.turn();
  scheduling.change(create(service("web")));
  expect(scheduling.hasWork).toBe(false);
  scheduling.change(remove(scheduling.store.services.get("db") as Service));
  scheduling.turn();
  expect(scheduling.nodeOf("t1")).toBe("a");
});

describe("a scheduler that has planned before", () => {
  /** Places `waiting` with a scheduler that has seen `before` placed, and then these changes. */
  function placeAfter(
    objects: readonly StoreObject[],
    before: Task,
    changes: readonly StoreObject[],
    waiting: Task,
  ): string | null | undefined {
    const scheduling = new Scheduling(...objects, before);
    scheduling.turn();
    for (const object of changes) {
      const stored = scheduling.store.tasks.get(object.id)?.meta ?? meta(0);
      scheduling.change(update({ ...object, meta: stored } as StoreObject));
    }
    scheduling.change(create({ ...waiting, meta: meta(0) }));
    scheduling.turn();
    return scheduling.nodeOf(waiting.id);
  }

  test("knows where a task was asked to stop", () => {
    const running = task("t1", { node: "b", service: "db" });
    const stopping = task("t1", { node: "b", service: "db", desired: "SHUTDOWN" });
    const objects = [node("a"), node("b"), running];
    expect(placeAfter(objects, pending("t2"), [stopping], pending("t3", { service: "api" }))).toBe(
      "b",
    );
  });

  test("knows where a spec has begun to fail", () => {
    const wants = { placement: { preferences: ["node.labels.zone"] } };
    const running = [0, 1, 2, 3, 4].map((at) => task(`f${at}`, { node: "a" }));
    const failed = running.map((each) => ({
      ...each,
      status: { ...each.status, state: TaskState.FAILED },
    }));
    const busy = [0, 1, 2, 3, 4, 5].map((at) => task(`b${at}`, { node: "b" }));
    const objects = [node("a"), node("b"), ...running, ...busy];
    expect(placeAfter(objects, pending("t1", wants), failed, pending("t2", wants))).toBe("b");
  });
});

test("a service on many nodes goes to the one where it has nothing, however much that has", () => {
  const ids = Array.from({ length: 18 }, (_, at) => `n${10 + at}`);
  const running = ids.slice(1).map((id) => task(`t${id}`, { node: id }));
  const busy = [1, 2].map((at) => task(`o${at}`, { node: "n10", service: "api" }));
  const nodes = ids.map((id) => node(id));
  expect(places(...nodes, ...running, ...busy, pending("t1"))).toEqual(["n10"]);
});

test("nodes that go by the hundred leave those that stay to be chosen as before", () => {
  const nodes = Array.from({ length: 110 }, (_, at) => node(`n${100 + at}`));
  const scheduling = new Scheduling(service("web"), ...nodes, pending("t1"));
  scheduling.settle();
  scheduling.change(...nodes.slice(3).map((each) => remove(each)));
  for (const id of ["t2", "t3", "t4"]) {
    scheduling.change(create(pending(id)));
    scheduling.settle();
  }
  const places = ["t1", "t2", "t3", "t4"].map((id) => scheduling.nodeOf(id));
  expect(places).toEqual(["n100", "n101", "n102", "n100"]);
});

test("a service is not put beside one that won't have it, though it has fewer tasks there", () => {
  const lonely = { service: "db", placement: { antiAffinity: ["web"] } };
  const objects = [service("web"), service("db"), node("a"), node("b")];
  const running = [task("t1", { node: "a" }), task("t2", { node: "b", ...lonely })];
  expect(places(...objects, ...running, pending("t3"))).toEqual(["a"]);
});

test("a service that won't have another beside it goes where that has no task", () => {
  const lonely = { service: "db", placement: { antiAffinity: ["web"] } };
  const busy = [1, 2].map((at) => task(`o${at}`, { node: "b", service: "api" }));
  const objects = [service("web"), service("db"), node("a"), node("b")];
  const running = [task("t1", { node: "a" }), ...busy];
  expect(places(...objects, ...running, pending("t2", lonely))).toEqual(["b"]);
});

test("a service goes past the best node for it where one is that won't have it", () => {
  const lonely = { service: "db", placement: { antiAffinity: ["web"] } };
  const busy = [1, 2].map((at) => task(`o${at}`, { node: "b", service: "api" }));
  const objects = [service("web"), service("db"), node("a"), node("b")];
  const running = [task("t1", { node: "a", ...lonely }), ...busy];
  expect(places(...objects, ...running, pending("t2"))).toEqual(["b"]);
});

test("a task whose constraint is met again is placed", () => {
  const wants = { constraints: ["node.labels.disk==ssd"] };
  const scheduling = new Scheduling(node("a"), pending("t1", wants));
  for (const disk of ["hdd", "ssd"]) {
    const { meta: stored } = scheduling.store.nodes.get("a") as StoreObject;
    scheduling.change(update({ ...node("a", { labels: { disk } }), meta: stored }));
    scheduling.settle();
    expect(scheduling.nodeOf("t1")).toBe(disk === "ssd" ? "a" : null);
  }
});

test("a task that wants another beside it is placed in the turn that places the other", () => {
  const near = { service: "web", placement: { affinity: ["db"] } };
  const services = [service("web"), service("db")];
  const scheduling = new Scheduling(...services, node("a"), pending("t1", near));
  scheduling.settle();
  const other = pending("t2", { service: "db", priority: 1 });
  scheduling.change(create({ ...other, meta: meta(0) }));
  scheduling.turn();
  expect(["t1", "t2"].map((id) => scheduling.nodeOf(id))).toEqual(["a", "a"]);
});

test("a task that is one too many for a node is placed once another was asked to stop", () => {
  const one = { placement: { maxReplicas: 1 } };
  const running = task("t1", { node: "a", ...one });
  const scheduling = new Scheduling(node("a"), running, pending("t2", one));
  scheduling.settle();
  scheduling.change(update({ ...running, desiredState: TaskState.SHUTDOWN }));
  scheduling.settle();
  expect(scheduling.nodeOf("t2")).toBe("a");
});
