import { describe, expect, test } from "vitest";
import { limits } from "../../../core/base/limits.ts";
import { us } from "../../../core/base/time.ts";
import type { Command } from "../../../core/control/command.ts";
import { silence } from "../../../core/manager/manager.ts";
import { defaultClusterSpec } from "../../../core/model/cluster.ts";
import type { Node } from "../../../core/model/node.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { moment, node, port, service, spec, status, task } from "../../support/model.ts";
import { create, storeOf, transact } from "../../support/store.ts";
import { Office } from "./office.ts";

// Goal: one entry is on its way at a time, and nobody is told of what is not committed.

const createWeb: Command = { kind: "create-service", spec: spec("web", { replicas: 2 }) };
const done = (result: unknown) => ({ kind: "outcome", outcome: { kind: "done", result } });

describe("a new cluster", () => {
  test("is given its settings by the first leader, once", () => {
    const office = new Office().settle();
    expect(office.store.cluster?.spec).toEqual(defaultClusterSpec);
    expect(office.proposed).toHaveLength(1);
    expect(new Office({ store: office.store }).output().propose).toBeNull();
  });

  test("gets to know the nodes that register, managers and workers", () => {
    const { store } = new Office().join("m1", "w1");
    const known = [...store.nodes.values()].map(({ id, role, status }) => [id, role, status.state]);
    expect(known).toEqual([
      ["m1", "manager", "ready"],
      ["w1", "worker", "ready"],
    ]);
  });
});

describe("a command", () => {
  test("is answered when its entry is applied, not before", () => {
    const office = new Office().settle().ask("cli", 1, createWeb, 77);
    expect(office.output().propose).not.toBeNull();
    office.output();
    expect(office.replies).toEqual([]);
    office.apply().output();
    const web = office.store.named("service", "web");
    expect(office.replies[0]).toEqual({
      origin: { node: "m1", token: 77 },
      reply: done(web?.id),
    });
  });

  test("that is refused is answered with the reason, and changes nothing", () => {
    const office = new Office().settle().ask("cli", 1, { kind: "remove-service", id: "none" });
    office.settle();
    expect(office.answers()).toEqual([
      {
        kind: "outcome",
        outcome: {
          kind: "refused",
          rejection: { code: "NotFound", message: "service none not found" },
        },
      },
    ]);
  });

  test("waits for its turn while another entry is on its way", () => {
    const office = new Office().settle().ask("cli", 1, createWeb);
    office.output();
    office.ask("ui", 1, { kind: "create-service", spec: spec("api") });
    expect(office.output().propose).toBeNull();
    office.apply().settle();
    expect(office.answers()).toHaveLength(2);
    expect(office.store.services.size).toBe(2);
  });

  test("repeated before and after it is committed takes effect once", () => {
    const office = new Office().settle().ask("cli", 1, createWeb, 1).ask("cli", 1, createWeb, 2);
    office.output();
    office.ask("cli", 1, createWeb, 3).apply().settle();
    office.ask("cli", 1, createWeb, 4).settle();
    expect(office.store.services.size).toBe(1);
    const id = office.store.named("service", "web")?.id;
    const tokens = office.replies.map(({ origin }) => origin.token).sort();
    expect(tokens).toEqual([1, 2, 3, 4]);
    for (const { reply } of office.replies) expect(reply).toEqual(done(id));
  });

  test("comes second when it is about the same object, and is decided anew then", () => {
    const web = service("web");
    const office = new Office({ objects: [web] }).settle();
    const { version } = office.store.services.get("web")?.meta ?? { version: 0 };
    const update: Command = { kind: "update-service", id: "web", version, spec: spec("web") };
    office.ask("a", 1, update).ask("b", 1, update).settle();
    const outcomes = office
      .answers()
      .map((reply) => (reply.kind === "outcome" ? reply.outcome.kind : reply.kind));
    expect(outcomes.sort()).toEqual(["done", "refused"]);
  });

  test("of one name too many is told so: two services of one name never share an entry", () => {
    const office = new Office().settle().ask("a", 1, createWeb).ask("b", 1, createWeb).settle();
    expect(office.store.services.size).toBe(1);
    const outcomes = office
      .answers()
      .map((reply) => (reply.kind === "outcome" ? reply.outcome : reply.kind));
    expect(outcomes).toContainEqual({
      kind: "refused",
      rejection: { code: "AlreadyExists", message: "service web already exists" },
    });
  });

  test("that is refused waits for the next entry when it has no room in this one", () => {
    const office = new Office({ sizeOf: ({ refusal }) => (refusal ? 1 : limits.entryBytes) });
    office.settle().ask("a", 1, createWeb).ask("b", 1, { kind: "remove-service", id: "none" });
    office.settle();
    expect(office.answers()).toHaveLength(2);
  });

  test("of more changes than an entry has is carried out, though reports come before it", () => {
    const many = Array.from({ length: limits.changesPerEntry + 1 }, (_, at) => `t${at}`);
    const lost = many.map((id) => task(id, { node: "w1" }));
    const busy = task("busy", { node: "w2", state: "ASSIGNED" });
    const office = new Office({ objects: [node("w1", { state: "down" }), ...lost, busy] });
    office.join("w2").ask("cli", 1, { kind: "remove-node", id: "w1", force: false });
    const reports = [{ task: "busy", status: status("ACCEPTED") }];
    office.receive("w2", { kind: "task-status", session: office.session("w2"), reports });
    office.output();
    office.apply().output();
    expect(office.answers()).toEqual([done("w1")]);
  });

  test("beyond those that may wait is told to try again", () => {
    const office = new Office();
    for (let at = 0; at < limits.waitingCommands; at += 1) office.ask(`c${at}`, 1, createWeb);
    office.ask("one more", 1, createWeb);
    office.output();
    expect(office.answers()).toEqual([
      { kind: "try-again", leader: null, reason: "too many commands are waiting" },
    ]);
  });
});

describe("losing the leadership", () => {
  test("tells everyone who waits to try again, on its way or not, once each", () => {
    const office = new Office().settle().ask("a", 1, createWeb);
    office.output();
    office.ask("b", 1, { kind: "remove-service", id: "x" });
    const told = office.manager.stop();
    const reason = "the leader has lost its leadership";
    expect(told.map(({ reply }) => reply)).toEqual([
      { kind: "try-again", leader: null, reason },
      { kind: "try-again", leader: null, reason },
    ]);
  });

  test("lets the next leader answer what was committed after all", () => {
    const first = new Office().settle().ask("cli", 1, createWeb);
    const lost = first.output().propose;
    first.manager.stop();
    const next = new Office({ store: first.store });
    if (lost !== null) next.applyOther(lost);
    next.settle().ask("cli", 1, createWeb).settle();
    expect(next.store.services.size).toBe(1);
    expect(next.answers()).toEqual([done(next.store.named("service", "web")?.id)]);
  });
});

describe("an entry that Raft refuses", () => {
  test("is proposed again unchanged, and nothing else before it", () => {
    const office = new Office();
    const first = office.output().propose;
    if (first !== null) office.manager.refused(first);
    office.ask("cli", 1, createWeb);
    expect(office.output().propose).toBe(first);
    expect(office.output().propose).toBeNull();
  });
});

describe("a turn", () => {
  test("places what users ask for once the nodes are ready", () => {
    const office = new Office().join("w1", "w2").ask("cli", 1, createWeb).settle();
    const tasks = [...office.store.tasks.values()];
    expect(tasks.map(({ nodeId }) => nodeId).sort()).toEqual(["w1", "w2"]);
    expect(tasks.map(({ status }) => status.state)).toEqual([192, 192]);
  });

  test("puts no task on a node that the same entry drains, at whatever moment that comes", () => {
    for (let turns = 0; turns < 6; turns += 1) {
      const office = new Office().join("w1").ask("cli", 1, createWeb);
      for (let turn = 0; turn < turns && office.output().propose !== null; turn += 1)
        office.apply();
      const { meta, spec } = office.store.nodes.get("w1") as Node;
      const drained = { ...spec, availability: "drain" } as const;
      const drain = { id: "w1", version: meta.version, spec: drained };
      office.ask("ui", 1, { kind: "update-node", ...drain }).settle();
      expect(office.store.nodes.get("w1")?.spec.availability).toBe("drain");
      for (const { transactions } of office.proposed) {
        const changes = transactions.flatMap((each) => each.changes);
        const changesNode = changes.some(
          (one) => one.kind !== "remove" && one.object.kind === "node",
        );
        const places = transactions.some(({ actor }) => actor === "scheduler");
        expect(changesNode && places).toBe(false);
      }
    }
  });

  test("does not leave a report or a command lying about after an entry that changed nodes", () => {
    const office = new Office().join("w1").ask("ui", 1, createWeb);
    office.receive("w2", {
      kind: "register",
      attempt: 1,
      description: node("w2").description,
      engineSilentFor: us(0),
    });
    office.output();
    office.receive("w2", {
      kind: "heartbeat",
      session: office.session("w2"),
      engineSilentFor: us(0),
    });
    office
      .ask("cli", 1, { kind: "create-service", spec: spec("api") })
      .apply()
      .settle();
    expect(office.store.nodes.get("w2")?.status.state).toBe("ready");
    expect(office.store.services.size).toBe(2);
  });

  test("carries a status into the store, stamped with the cluster's clock", () => {
    const office = new Office({ objects: [service("web")], calendar: 1_000 }).join("w1").settle();
    const [placed] = [...office.store.tasks.values()];
    const reports = [{ task: placed?.id ?? "", status: status("RUNNING") }];
    const message = { kind: "task-status", session: office.session("w1"), reports } as const;
    office.at(7).receive("w1", message).settle();
    expect(office.store.tasks.get(placed?.id ?? "")?.status).toMatchObject({
      state: TaskState.RUNNING,
      appliedAt: moment(1_007),
    });
  });

  test("has at most so many changes in one entry, and loses none", () => {
    const replicas = limits.changesPerEntry * 3;
    const office = new Office().join("w1").ask("cli", 1, {
      kind: "create-service",
      spec: spec("web", { replicas }),
    });
    office.settle();
    for (const { transactions } of office.proposed) {
      const changes = transactions.reduce((sum, each) => sum + each.changes.length, 0);
      expect(changes).toBeLessThanOrEqual(limits.changesPerEntry);
    }
    expect(office.store.tasksOnNode("w1").size).toBe(replicas);
  });

  test("tells a task that no port is free, and goes on with it once one is", () => {
    const all = Array.from({ length: 2768 }, (_, at) => port({ publishedPort: 30_000 + at }));
    const full = { ...service("full", { replicas: 0, ports: all }), ports: all };
    const office = new Office({ objects: [full, service("web", { ports: [port()] })] }).join("w1");
    const told = () =>
      [...office.store.tasks.values()].map(({ status }) => [status.state, status.err]);
    expect(told()).toEqual([[TaskState.NEW, expect.stringContaining("no port between")]]);
    office.ask("cli", 1, { kind: "remove-service", id: "full" }).settle();
    expect(told()).toEqual([[TaskState.ASSIGNED, ""]]);
  });

  test("never holds two transactions about one object", () => {
    const office = new Office().join("w1", "w2");
    office.ask("cli", 1, createWeb).settle();
    for (const { transactions } of office.proposed) {
      const touched = transactions.flatMap(({ changes }) =>
        changes.map((change) => (change.kind === "remove" ? change.id : change.object.id)),
      );
      expect(new Set(touched).size).toBe(touched.length);
    }
  });
});

describe("a manager that rests", () => {
  test("is silent until it hears something", () => {
    const office = new Office().settle();
    office.output();
    expect(office.output()).toBe(silence);
    office.ask("cli", 1, createWeb);
    expect(office.output().propose).not.toBeNull();
    expect(office.output()).toBe(silence);
    expect(office.apply().output()).not.toBe(silence);
  });

  test("is silent until the moment for which it is to be woken", () => {
    const parked = task("t2", { state: "READY", desired: "READY", startAt: 30, node: "w1" });
    const objects = [node("w1"), service("web"), parked];
    const office = new Office({ objects, stored: 10, calendar: 10 }).join("w1").settle();
    office.output();
    const wakeAt = office.manager.wakeAt(office.now);
    expect(office.at((wakeAt - 1) / 1e6).output()).toBe(silence);
    expect(office.manager.wakeAt(office.now)).toBe(wakeAt);
    expect(office.at(wakeAt / 1e6).output()).not.toBe(silence);
  });
});

describe("a new leader", () => {
  test("goes on with what the last one left undone", () => {
    const store = storeOf(node("w1"), service("web", { replicas: 3 }));
    store.apply({ time: moment(5), transactions: [transact(create(task("t1")))] }, 2);
    const office = new Office({ store }).join("w1").settle();
    expect(office.store.tasksOfService("web").size).toBeGreaterThanOrEqual(3);
  });

  test("wakes for a restart whose delay began under the last one", () => {
    const parked = task("t2", { state: "READY", desired: "READY", startAt: 30, node: "w1" });
    const objects = [node("w1"), service("web"), parked];
    const office = new Office({ objects, stored: 10, calendar: 10 }).join("w1").settle();
    expect(office.manager.wakeAt(office.now)).toBeLessThanOrEqual(20_000_000);
    office.at(20).settle();
    expect(office.store.tasks.get("t2")?.desiredState).toBe(TaskState.RUNNING);
  });
});
