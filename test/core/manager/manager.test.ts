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
import { LeadingManager } from "./leading-manager.ts";

// Goal: one entry is on its way at a time, and nobody is told of what is not committed.

const createWeb: Command = { kind: "create-service", spec: spec("web", { replicas: 2 }) };
const done = (result: unknown) => ({ kind: "outcome", outcome: { kind: "done", result } });

describe("a new cluster", () => {
  test("is given its settings by the first leader, once", () => {
    const leader = new LeadingManager().settle();
    expect(leader.store.cluster?.spec).toEqual(defaultClusterSpec);
    expect(leader.proposed).toHaveLength(1);
    expect(new LeadingManager({ store: leader.store }).output().propose).toBeNull();
  });

  test("gets to know the nodes that register, managers and workers", () => {
    const { store } = new LeadingManager().join("m1", "w1");
    const known = [...store.nodes.values()].map(({ id, role, status }) => [id, role, status.state]);
    expect(known).toEqual([
      ["m1", "manager", "ready"],
      ["w1", "worker", "ready"],
    ]);
  });
});

describe("a command", () => {
  test("is answered when its entry is applied, not before", () => {
    const leader = new LeadingManager().settle().ask("cli", 1, createWeb, 77);
    expect(leader.output().propose).not.toBeNull();
    leader.output();
    expect(leader.replies).toEqual([]);
    leader.apply().output();
    const web = leader.store.named("service", "web");
    expect(leader.replies[0]).toEqual({
      origin: { node: "m1", token: 77 },
      reply: done(web?.id),
    });
  });

  test("that is refused is answered with the reason, and changes nothing", () => {
    const leader = new LeadingManager()
      .settle()
      .ask("cli", 1, { kind: "remove-service", id: "none" });
    leader.settle();
    expect(leader.answers()).toEqual([
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
    const leader = new LeadingManager().settle().ask("cli", 1, createWeb);
    leader.output();
    leader.ask("ui", 1, { kind: "create-service", spec: spec("api") });
    expect(leader.output().propose).toBeNull();
    leader.apply().settle();
    expect(leader.answers()).toHaveLength(2);
    expect(leader.store.services.size).toBe(2);
  });

  test("repeated before and after it is committed takes effect once", () => {
    const leader = new LeadingManager()
      .settle()
      .ask("cli", 1, createWeb, 1)
      .ask("cli", 1, createWeb, 2);
    leader.output();
    leader.ask("cli", 1, createWeb, 3).apply().settle();
    leader.ask("cli", 1, createWeb, 4).settle();
    expect(leader.store.services.size).toBe(1);
    const id = leader.store.named("service", "web")?.id;
    const tokens = leader.replies.map(({ origin }) => origin.token).sort();
    expect(tokens).toEqual([1, 2, 3, 4]);
    for (const { reply } of leader.replies) expect(reply).toEqual(done(id));
  });

  test("comes second when it is about the same object, and is decided anew then", () => {
    const web = service("web");
    const leader = new LeadingManager({ objects: [web] }).settle();
    const { version } = leader.store.services.get("web")?.meta ?? { version: 0 };
    const update: Command = { kind: "update-service", id: "web", version, spec: spec("web") };
    leader.ask("a", 1, update).ask("b", 1, update).settle();
    const outcomes = leader
      .answers()
      .map((reply) => (reply.kind === "outcome" ? reply.outcome.kind : reply.kind));
    expect(outcomes.sort()).toEqual(["done", "refused"]);
  });

  test("of one name too many is told so: two services of one name never share an entry", () => {
    const leader = new LeadingManager()
      .settle()
      .ask("a", 1, createWeb)
      .ask("b", 1, createWeb)
      .settle();
    expect(leader.store.services.size).toBe(1);
    const outcomes = leader
      .answers()
      .map((reply) => (reply.kind === "outcome" ? reply.outcome : reply.kind));
    expect(outcomes).toContainEqual({
      kind: "refused",
      rejection: { code: "AlreadyExists", message: "service web already exists" },
    });
  });

  test("that is refused waits for the next entry when it has no room in this one", () => {
    const leader = new LeadingManager({
      sizeOf: ({ refusal }) => (refusal ? 1 : limits.entryBytes),
    });
    leader.settle().ask("a", 1, createWeb).ask("b", 1, { kind: "remove-service", id: "none" });
    leader.settle();
    expect(leader.answers()).toHaveLength(2);
  });

  test("of more changes than an entry has is carried out, though reports come before it", () => {
    const many = Array.from({ length: limits.changesPerEntry + 1 }, (_, at) => `t${at}`);
    const lost = many.map((id) => task(id, { node: "w1" }));
    const busy = task("busy", { node: "w2", state: "ASSIGNED" });
    const leader = new LeadingManager({ objects: [node("w1", { state: "down" }), ...lost, busy] });
    leader.join("w2").ask("cli", 1, { kind: "remove-node", id: "w1", force: false });
    const reports = [{ task: "busy", status: status("ACCEPTED") }];
    leader.receive("w2", { kind: "task-status", session: leader.session("w2"), reports });
    leader.output();
    leader.apply().output();
    expect(leader.answers()).toEqual([done("w1")]);
  });

  test("beyond those that may wait is told to try again", () => {
    const leader = new LeadingManager();
    for (let at = 0; at < limits.waitingCommands; at += 1) leader.ask(`c${at}`, 1, createWeb);
    leader.ask("one more", 1, createWeb);
    leader.output();
    expect(leader.answers()).toEqual([
      { kind: "try-again", leader: null, reason: "too many commands are waiting" },
    ]);
  });
});

describe("losing the leadership", () => {
  test("tells everyone who waits to try again, on its way or not, once each", () => {
    const leader = new LeadingManager().settle().ask("a", 1, createWeb);
    leader.output();
    leader.ask("b", 1, { kind: "remove-service", id: "x" });
    const told = leader.manager.stop();
    const reason = "the leader has lost its leadership";
    expect(told.map(({ reply }) => reply)).toEqual([
      { kind: "try-again", leader: null, reason },
      { kind: "try-again", leader: null, reason },
    ]);
  });

  test("lets the next leader answer what was committed after all", () => {
    const first = new LeadingManager().settle().ask("cli", 1, createWeb);
    const lost = first.output().propose;
    first.manager.stop();
    const next = new LeadingManager({ store: first.store });
    if (lost !== null) next.applyOther(lost);
    next.settle().ask("cli", 1, createWeb).settle();
    expect(next.store.services.size).toBe(1);
    expect(next.answers()).toEqual([done(next.store.named("service", "web")?.id)]);
  });
});

describe("an entry that Raft refuses", () => {
  test("is proposed again unchanged, and nothing else before it", () => {
    const leader = new LeadingManager();
    const first = leader.output().propose;
    if (first !== null) leader.manager.refused(first);
    leader.ask("cli", 1, createWeb);
    expect(leader.output().propose).toBe(first);
    expect(leader.output().propose).toBeNull();
  });
});

describe("a turn", () => {
  test("places what users ask for once the nodes are ready", () => {
    const leader = new LeadingManager().join("w1", "w2").ask("cli", 1, createWeb).settle();
    const tasks = [...leader.store.tasks.values()];
    expect(tasks.map(({ nodeId }) => nodeId).sort()).toEqual(["w1", "w2"]);
    expect(tasks.map(({ status }) => status.state)).toEqual([192, 192]);
  });

  test("puts no task on a node that the same entry drains, at whatever moment that comes", () => {
    for (let turns = 0; turns < 6; turns += 1) {
      const leader = new LeadingManager().join("w1").ask("cli", 1, createWeb);
      for (let turn = 0; turn < turns && leader.output().propose !== null; turn += 1)
        leader.apply();
      const { meta, spec } = leader.store.nodes.get("w1") as Node;
      const drained = { ...spec, availability: "drain" } as const;
      const drain = { id: "w1", version: meta.version, spec: drained };
      leader.ask("ui", 1, { kind: "update-node", ...drain }).settle();
      expect(leader.store.nodes.get("w1")?.spec.availability).toBe("drain");
      for (const { transactions } of leader.proposed) {
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
    const leader = new LeadingManager().join("w1").ask("ui", 1, createWeb);
    leader.receive("w2", {
      kind: "register",
      attempt: 1,
      description: node("w2").description,
      engineSilentFor: us(0),
    });
    leader.output();
    leader.receive("w2", {
      kind: "heartbeat",
      session: leader.session("w2"),
      engineSilentFor: us(0),
    });
    leader
      .ask("cli", 1, { kind: "create-service", spec: spec("api") })
      .apply()
      .settle();
    expect(leader.store.nodes.get("w2")?.status.state).toBe("ready");
    expect(leader.store.services.size).toBe(2);
  });

  test("carries a status into the store, stamped with the cluster's clock", () => {
    const leader = new LeadingManager({ objects: [service("web")], calendar: 1_000 })
      .join("w1")
      .settle();
    const [placed] = [...leader.store.tasks.values()];
    const reports = [{ task: placed?.id ?? "", status: status("RUNNING") }];
    const message = { kind: "task-status", session: leader.session("w1"), reports } as const;
    leader.at(7).receive("w1", message).settle();
    expect(leader.store.tasks.get(placed?.id ?? "")?.status).toMatchObject({
      state: TaskState.RUNNING,
      appliedAt: moment(1_007),
    });
  });

  test("has at most so many changes in one entry, and loses none", () => {
    const replicas = limits.changesPerEntry * 3;
    const leader = new LeadingManager().join("w1").ask("cli", 1, {
      kind: "create-service",
      spec: spec("web", { replicas }),
    });
    leader.settle();
    for (const { transactions } of leader.proposed) {
      const changes = transactions.reduce((sum, each) => sum + each.changes.length, 0);
      expect(changes).toBeLessThanOrEqual(limits.changesPerEntry);
    }
    expect(leader.store.tasksOnNode("w1").size).toBe(replicas);
  });

  test("tells a task that no port is free, and goes on with it once one is", () => {
    const all = Array.from({ length: 2768 }, (_, at) => port({ publishedPort: 30_000 + at }));
    const full = { ...service("full", { replicas: 0, ports: all }), ports: all };
    const leader = new LeadingManager({
      objects: [full, service("web", { ports: [port()] })],
    }).join("w1");
    const told = () =>
      [...leader.store.tasks.values()].map(({ status }) => [status.state, status.err]);
    expect(told()).toEqual([[TaskState.NEW, expect.stringContaining("no port between")]]);
    leader.ask("cli", 1, { kind: "remove-service", id: "full" }).settle();
    expect(told()).toEqual([[TaskState.ASSIGNED, ""]]);
  });

  test("never holds two transactions about one object", () => {
    const leader = new LeadingManager().join("w1", "w2");
    leader.ask("cli", 1, createWeb).settle();
    for (const { transactions } of leader.proposed) {
      const touched = transactions.flatMap(({ changes }) =>
        changes.map((change) => (change.kind === "remove" ? change.id : change.object.id)),
      );
      expect(new Set(touched).size).toBe(touched.length);
    }
  });
});

describe("a manager that rests", () => {
  test("is silent until it hears something", () => {
    const leader = new LeadingManager().settle();
    leader.output();
    expect(leader.output()).toBe(silence);
    leader.ask("cli", 1, createWeb);
    expect(leader.output().propose).not.toBeNull();
    expect(leader.output()).toBe(silence);
    expect(leader.apply().output()).not.toBe(silence);
  });

  test("is silent until the moment for which it is to be woken", () => {
    const parked = task("t2", { state: "READY", desired: "READY", startAt: 30, node: "w1" });
    const objects = [node("w1"), service("web"), parked];
    const leader = new LeadingManager({ objects, stored: 10, calendar: 10 }).join("w1").settle();
    leader.output();
    const wakeAt = leader.manager.wakeAt(leader.now);
    expect(leader.at((wakeAt - 1) / 1e6).output()).toBe(silence);
    expect(leader.manager.wakeAt(leader.now)).toBe(wakeAt);
    expect(leader.at(wakeAt / 1e6).output()).not.toBe(silence);
  });
});

describe("a new leader", () => {
  test("goes on with what the last one left undone", () => {
    const store = storeOf(node("w1"), service("web", { replicas: 3 }));
    store.apply({ time: moment(5), transactions: [transact(create(task("t1")))] }, 2);
    const leader = new LeadingManager({ store }).join("w1").settle();
    expect(leader.store.tasksOfService("web").size).toBeGreaterThanOrEqual(3);
  });

  test("wakes for a restart whose delay began under the last one", () => {
    const parked = task("t2", { state: "READY", desired: "READY", startAt: 30, node: "w1" });
    const objects = [node("w1"), service("web"), parked];
    const leader = new LeadingManager({ objects, stored: 10, calendar: 10 }).join("w1").settle();
    expect(leader.manager.wakeAt(leader.now)).toBeLessThanOrEqual(20_000_000);
    leader.at(20).settle();
    expect(leader.store.tasks.get("t2")?.desiredState).toBe(TaskState.RUNNING);
  });
});
