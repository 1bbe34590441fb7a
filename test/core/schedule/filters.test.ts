import { describe, expect, test } from "vitest";
import type { StoreObject } from "../../../core/model/change.ts";
import type { Task } from "../../../core/model/task.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { hostPort, logDriver, node, service, task, volume } from "../../support/model.ts";
import { pending, schedule } from "../../support/scheduling.ts";
import { commit, context, storeOf } from "../../support/store.ts";

// Goal: what SwarmKit's filters refuse is refused, in its words, and what they let pass goes in.

/** What became of the pending tasks: a node, or the reason that is stored. */
function placements(...objects: StoreObject[]): string[] {
  const store = storeOf(...objects);
  const waiting = [...store.tasks.values()].filter(
    ({ status }) => status.state === TaskState.PENDING,
  );
  commit(store, schedule(context(store, 5)));
  return waiting.map(({ id }) => {
    const after = store.tasks.get(id) as Task;
    return after.status.state === TaskState.ASSIGNED ? `${after.nodeId}` : after.status.err;
  });
}

describe("generic resources", () => {
  test("that are counted run out", () => {
    const nodes = [node("a", { generic: { fpga: 3 } }), node("b")];
    const wants = { generic: { fpga: 2 } };
    expect(placements(...nodes, pending("t1", wants), pending("t2", wants))).toEqual([
      "a",
      "no suitable node (insufficient resources on 2 nodes)",
    ]);
  });

  test("with names are each given to one task, in the node's order", () => {
    const holder = { ...task("t0", { node: "a", generic: { gpu: 1 } }) };
    const held: Task = { ...holder, assignedResources: new Map([["gpu", ["GPU-1"]]]) };
    const store = storeOf(
      node("a", { generic: { gpu: ["GPU-2", "GPU-1", "GPU-0"] } }),
      held,
      pending("t1", { generic: { gpu: 1 } }),
      pending("t2", { generic: { gpu: 1 } }),
      pending("t3", { generic: { gpu: 1 } }),
    );
    commit(store, schedule(context(store)));
    const ids = ["t1", "t2", "t3"].map((id) => store.tasks.get(id)?.assignedResources.get("gpu"));
    expect(ids).toEqual([["GPU-2"], ["GPU-0"], undefined]);
  });
});

describe("plugins", () => {
  const mount = { kind: "volume", source: "data", target: "/data", readOnly: false } as const;
  const wants = (driver: string) => ({ mounts: [{ ...mount, driver }] });

  test("of the task's volumes must be there, under their name or as latest", () => {
    const nodes = [node("a", { plugins: [] }), node("b", { plugins: ["Network/nfs"] })];
    expect(placements(...nodes, pending("t1", wants("nfs")))).toEqual([
      "no suitable node (missing plugin on 2 nodes)",
    ]);
    expect(
      placements(node("c", { plugins: ["Volume/nfs:latest"] }), pending("t1", wants("nfs"))),
    ).toEqual(["c"]);
    expect(
      placements(node("d", { plugins: ["Volume/nfs:1"] }), pending("t1", wants("nfs"))),
    ).toEqual(["no suitable node (missing plugin on 1 node)"]);
  });

  test("of the task's logs must be there, on nodes that name any", () => {
    const missing = "no suitable node (missing plugin on 1 node)";
    const on = (plugins: string[] | null, wanted: Task) =>
      placements(node("a", { plugins }), wanted);
    const wanted = pending("t1", { logDriver: "loki" });
    expect(on(["Log/local", "Volume/loki"], wanted)).toEqual([missing]);
    expect(on(["Log/loki:latest"], wanted)).toEqual(["a"]);
    expect(on(["Volume/nfs"], wanted)).toEqual(["a"]);
    expect(on(null, wanted)).toEqual(["a"]);
    for (const name of ["none", ""]) {
      expect(on(["Log/local"], pending("t1", { logDriver: name }))).toEqual(["a"]);
    }
    const byDefault = { ...pending("t1"), logDriver: logDriver("loki") };
    expect(on(["Log/local"], byDefault)).toEqual([missing]);
  });

  test("are not asked for where the driver is local, or the node does not tell", () => {
    expect(placements(node("a", { plugins: [] }), pending("t1", wants("local")))).toEqual(["a"]);
    expect(placements(node("a", { plugins: null }), pending("t1", wants("nfs")))).toEqual(["a"]);
  });
});

test("platforms have two names for one architecture, and an empty field is a wildcard", () => {
  const nodes = [node("a", { architecture: "x86_64" }), node("b", { architecture: "aarch64" })];
  const on = (os: string, architecture: string) =>
    placements(...nodes, pending("t1", { placement: { platforms: [{ os, architecture }] } }));
  expect(on("linux", "amd64")).toEqual(["a"]);
  expect(on("", "arm64")).toEqual(["b"]);
  expect(on("linux", "")).toEqual(["a"]);
  expect(on("windows", "")).toEqual(["no suitable node (unsupported platform on 2 nodes)"]);
});

test("a port of the node is for one task at a time", () => {
  const ports = [hostPort(80)];
  const taken = task("t0", { node: "a", ports, desired: "SHUTDOWN" });
  const found = placements(
    node("a"),
    node("b"),
    taken,
    pending("t1", { ports }),
    pending("t2", { ports }),
  );
  expect(found).toEqual(["b", "no suitable node (host-mode port already in use on 2 nodes)"]);
});

test("maxReplicas counts the wanted tasks of the service on each node", () => {
  const placement = { maxReplicas: 1 };
  const stopping = task("t0", { node: "a", desired: "SHUTDOWN" });
  const found = placements(
    node("a"),
    stopping,
    pending("t1", { placement }),
    pending("t2", { placement }),
  );
  expect(found).toEqual(["a", "no suitable node (max replicas per node limit exceed)"]);
});

describe("volumes of the cluster", () => {
  const mount = { kind: "cluster", source: "db", target: "/data", readOnly: false } as const;
  const mounts = [mount];

  test("are bound by the first task that mounts them, for the next in the same turn too", () => {
    const store = storeOf(
      node("a"),
      node("b"),
      volume("db"),
      pending("t1", { mounts }),
      pending("t2", { mounts }),
    );
    const planned = schedule(context(store));
    expect(planned.map(({ changes }) => changes.length)).toEqual([2, 1]);
    commit(store, planned);
    expect(store.volumes.get("db")?.nodeId).toBe("a");
    expect(["t1", "t2"].map((id) => store.tasks.get(id)?.nodeId)).toEqual(["a", "a"]);
  });

  test("are bound once, at however many paths a task mounts them", () => {
    const twice = [mount, { ...mount, target: "/more" }];
    const store = storeOf(node("a"), volume("db"), pending("t1", { mounts: twice }));
    commit(store, schedule(context(store)));
    expect(store.tasks.get("t1")?.nodeId).toBe("a");
    expect(store.volumes.get("db")?.nodeId).toBe("a");
  });

  test("keep tasks off other nodes, and from all while they are not active or not there", () => {
    const bound = volume("db", "b");
    expect(placements(node("a"), node("b"), bound, pending("t1", { mounts }))).toEqual(["b"]);
    const refused = ["no suitable node (cannot fulfill requested volumes on 1 node)"];
    const paused = volume("db", null, { availability: "pause" });
    expect(placements(node("a"), paused, pending("t1", { mounts }))).toEqual(refused);
    expect(placements(node("a"), pending("t1", { mounts }))).toEqual(refused);
    const foreign = volume("db", null, { driver: "nfs" });
    expect(placements(node("a", { plugins: [] }), foreign, pending("t1", { mounts }))).toEqual(
      refused,
    );
  });
});

describe("affinity", () => {
  const services = [service("web"), service("api")];
  const nodes = [node("a"), node("b")];

  test("wants a task of the other service beside it", () => {
    const placement = { affinity: ["api"] };
    const near = task("t0", { service: "api", node: "b" });
    expect(placements(...services, ...nodes, near, pending("t1", { placement }))).toEqual(["b"]);
    expect(placements(...services, ...nodes, pending("t1", { placement }))).toEqual([
      "no suitable node (service affinity not satisfied on 2 nodes)",
    ]);
  });

  test("of the opposite kind holds for both, while either may still run", () => {
    const placement = { antiAffinity: ["api"] };
    const stopping = task("t0", { service: "api", node: "a", desired: "SHUTDOWN" });
    expect(placements(...services, ...nodes, stopping, pending("t1", { placement }))).toEqual([
      "b",
    ]);
    const shy = task("t0", { node: "a", placement });
    expect(placements(...services, ...nodes, shy, pending("t1", { service: "api" }))).toEqual([
      "b",
    ]);
    expect(placements(...services, node("a"), shy, pending("t1", { service: "api" }))).toEqual([
      "no suitable node (service anti-affinity not satisfied on 1 node)",
    ]);
  });
});

describe("a task that was created for its node", () => {
  test("is confirmed before others are placed", () => {
    const room = { reservations: { nanoCpus: 4e9, memoryBytes: 0 } };
    const own = pending("t2", { node: "a", slot: 0, ...room });
    const store = storeOf(node("a"), pending("t1", room), own);
    commit(store, schedule(context(store)));
    expect(store.tasks.get("t2")?.status).toMatchObject({
      state: TaskState.ASSIGNED,
      message: "scheduler confirmed task can run on preassigned node",
    });
    expect(store.tasks.get("t1")?.nodeId).toBeNull();
  });

  test("stays pending and says why where it can't run", () => {
    const own = { slot: 0, node: "a" };
    expect(placements(node("a", { state: "down" }), node("b"), pending("t1", own))).toEqual([
      "1 node not available for new tasks",
    ]);
    expect(placements(node("b"), pending("t1", own))).toEqual(["no suitable node"]);
  });
});
