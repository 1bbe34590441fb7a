import { describe, expect, test } from "vitest";
import { limits } from "../../../core/base/limits.ts";
import { boot, seconds, us } from "../../../core/base/time.ts";
import type { Task } from "../../../core/model/task.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { eventOf } from "../../../core/store/event.ts";
import { cluster, description, node, status, task } from "../../support/model.ts";
import { create, remove, update } from "../../support/store.ts";
import { Leader } from "./leader.ts";

// Goal: an agent in session knows exactly the tasks that the store assigns to its node.

function withState(before: Task, state: Parameters<typeof status>[0]): Task {
  return { ...before, status: status(state) };
}

describe("register", () => {
  test("opens a session with the leader's term, its managers and a heartbeat period", () => {
    const leader = new Leader([], 7);
    const opened = leader.receive("w1", {
      kind: "register",
      attempt: 3,
      description: description("w1"),
      engineSilentFor: us(0),
    })[0];
    expect(opened).toMatchObject({
      kind: "session",
      attempt: 3,
      term: 7,
      managers: ["m1", "m2", "m3"],
    });
    const period = opened?.kind === "session" ? opened.heartbeatPeriod : 0;
    expect(Math.abs(period - seconds(5))).toBeLessThanOrEqual(seconds(0.5));
  });

  test("is answered once a quorum has, which was asked after it", () => {
    const { dispatcher } = new Leader([]);
    const register = (from: string, attempt: number, now: number) =>
      dispatcher.receive(
        from,
        { kind: "register", attempt, description: description(from), engineSilentFor: us(0) },
        seconds(now) as never,
      );
    const asks = (now: number) => dispatcher.takeDoubt(seconds(now) as never);
    const openedBy = (askedAt: number, now: number) =>
      dispatcher
        .confirmed(seconds(askedAt) as never, seconds(now) as never)
        .flatMap(({ to, message }) =>
          message.kind === "session" ? [`${to} ${message.attempt}`] : [],
        );
    expect([...register("w1", 1, 0), ...register("w2", 1, 0)]).toEqual([]);
    expect(asks(0)).toBe(true);
    register("w2", 2, 0.5);
    register("w3", 1, 0.5);
    expect(asks(0.5)).toBe(false);
    expect(asks(1)).toBe(true);
    register("w4", 1, 1.5);
    expect(openedBy(0, 1.5)).toEqual(["w1 1"]);
    expect(openedBy(1, 1.6)).toEqual(["w2 2", "w3 1"]);
    expect(asks(1.7)).toBe(true);
    expect(openedBy(1.7, 1.7)).toEqual(["w4 1"]);
    expect(asks(3)).toBe(false);
  });

  test("is not answered any more once the node is removed", () => {
    const leader = new Leader([node("w1")]);
    const about = { attempt: 1, description: description("w1"), engineSilentFor: us(0) };
    leader.dispatcher.receive("w1", { kind: "register", ...about }, boot);
    leader.commit(remove(node("w1")));
    expect(leader.sent).toEqual([]);
    expect(leader.dispatcher.takeDoubt(boot)).toBe(false);
  });

  test("is answered with all of the node's tasks, those that have ended too", () => {
    const leader = new Leader([
      node("w1"),
      task("b", { node: "w1", state: "ASSIGNED" }),
      task("a", { node: "w1", desired: "SHUTDOWN" }),
      task("c", { node: "w1", state: "FAILED" }),
      task("d", { node: "w2" }),
      task("e", { state: "PENDING" }),
      task("f", { node: "w1", state: "REJECTED" }),
    ]);
    leader.register("w1");
    const set = leader.one("assignments");
    expect(set).toMatchObject({ type: "complete", appliesTo: 0, resultsIn: 1, removed: [] });
    expect(set.tasks.map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });

  test("is refused to a node that is too old for what the others say", () => {
    const leader = new Leader([{ ...cluster(), level: 3 }, node("w1")]);
    const session = leader.open("w1");
    const old = { ...description("w1"), level: 2 };
    const register = { kind: "register", attempt: 3, engineSilentFor: us(0) } as const;
    const reason = "node w1 is too old for this swarm (level 2): start a newer version";
    expect(leader.receive("w1", { ...register, description: old })).toEqual([
      { kind: "registration-refused", attempt: 3, reason },
    ]);
    expect(leader.beat("w1", session)).toEqual([{ kind: "session-invalid", session }]);
  });

  test("is refused to a node that says too much of itself", () => {
    const leader = new Leader([node("w1")]);
    const engineLabels = new Map([["a", "b".repeat(limits.descriptionText)]]);
    const names = Array.from({ length: limits.descriptionText }, (_, at) => `${at}`);
    const genericResources = new Map([["gpu", { kind: "named", ids: names }]] as const);
    const register = { kind: "register", attempt: 3, engineSilentFor: us(0) } as const;
    for (const much of [{ engineLabels }, { genericResources }, { plugins: names }]) {
      const said = { ...register, description: { ...description("w1"), ...much } };
      const reason = expect.stringContaining("node w1 says too much of itself (");
      expect(leader.receive("w1", said)).toEqual([
        { kind: "registration-refused", attempt: 3, reason },
      ]);
    }
  });

  test("again ends the session before", () => {
    const leader = new Leader([]);
    const first = leader.open("w1");
    const second = leader.open("w1");
    expect(second).not.toBe(first);
    expect(leader.beat("w1", first)).toEqual([{ kind: "session-invalid", session: first }]);
    expect(leader.beat("w1", second)[0]?.kind).toBe("heartbeat-received");
  });
});

describe("a session", () => {
  test("belongs to the node that opened it", () => {
    const leader = new Leader([]);
    const session = leader.open("w1");
    expect(leader.beat("w2", session)).toEqual([{ kind: "session-invalid", session }]);
  });

  test("that was never opened is invalid for every message", () => {
    const leader = new Leader([]);
    const session = "made up";
    const invalid = [{ kind: "session-invalid", session }];
    expect(leader.beat("w1", session)).toEqual(invalid);
    expect(leader.receive("w1", { kind: "task-status", session, reports: [] })).toEqual(invalid);
    const received = { kind: "assignments-received", session, sequence: 1 } as const;
    expect(leader.receive("w1", received)).toEqual(invalid);
  });
});

describe("a change of the cluster's unlock key", () => {
  const before = cluster();
  const after = { ...before, lock: { key: "SWMKEY-1-x", version: 1 } };

  test("is told to managers at once, and not with their next heartbeat", () => {
    const leader = new Leader([before, node("m1", { role: "manager" }), node("w1")]);
    for (const each of ["m1", "w1"]) leader.open(each);
    leader.commit(update(after));
    expect(leader.sent.map(({ to, message }) => [to, message.kind])).toEqual([["m1", "standing"]]);
  });

  test("is all that is told so early of the cluster", () => {
    const leader = new Leader([before, node("m1", { role: "manager" })]);
    leader.open("m1");
    const spec = { ...before.spec, taskHistoryRetentionLimit: 9 };
    expect(leader.commit(update({ ...before, spec }))).toEqual([]);
  });
});

test("a cluster whose level is raised hears once more what nodes have said of themselves", () => {
  const before = cluster({ level: 3 });
  const leader = new Leader([before, node("w1")]);
  const session = leader.open("w1");
  leader.forgetReports();
  leader.commit(update({ ...before, level: 4 }));
  leader.beat("w1", session);
  const again = { state: "ready", message: "", description: description("w1") };
  expect(leader.dispatcher.nodeReports.get("w1")).toEqual(again);
});

describe("a set of assignments", () => {
  test("is incremental after the first, and holds only what has changed", () => {
    const leader = new Leader([node("w1"), task("a", { node: "w1" })]);
    leader.open("w1");
    const messages = leader.commit(create(task("b", { node: "w1", state: "ASSIGNED" })));
    expect(messages.map(({ kind }) => kind)).toContain("assignments");
    const set = leader.one("assignments");
    expect(set).toMatchObject({ type: "incremental", appliesTo: 1, resultsIn: 2, removed: [] });
    expect(set.tasks.map(({ id }) => id)).toEqual(["b"]);
  });

  test("tells of a desired state that has changed, and of a task that is removed", () => {
    const leader = new Leader([node("w1"), task("a", { node: "w1" }), task("b", { node: "w1" })]);
    leader.open("w1");
    const stop = { ...leader.task("a"), desiredState: TaskState.SHUTDOWN };
    leader.commit(update(stop), remove(leader.task("b")));
    const set = leader.one("assignments");
    expect(set.tasks.map(({ id, desiredState }) => [id, desiredState])).toEqual([
      ["a", TaskState.SHUTDOWN],
    ]);
    expect(set.removed).toEqual(["b"]);
  });

  test("releases a task that is rejected or orphaned", () => {
    for (const end of ["REJECTED", "ORPHANED"] as const) {
      const leader = new Leader([node("w1"), task("a", { node: "w1" })]);
      leader.open("w1");
      leader.commit(update(withState(leader.task("a"), end)));
      expect(leader.one("assignments")).toMatchObject({ tasks: [], removed: ["a"] });
    }
  });

  test("is not sent for a step that the agent itself has reported, the last one included", () => {
    const leader = new Leader([node("w1"), task("a", { node: "w1", state: "STARTING" })]);
    leader.open("w1");
    for (const state of ["RUNNING", "FAILED"] as const) {
      const messages = leader.commit(update(withState(leader.task("a"), state)));
      expect(messages.map(({ kind }) => kind)).toEqual(["status-recorded"]);
      leader.leap(0.1);
    }
  });

  test("comes alone: nothing that the agent has reported is in the store since", () => {
    const leader = new Leader([node("w1"), task("a", { node: "w1", state: "PENDING" })]);
    leader.open("w1");
    const assigned = leader.commit(update(withState(leader.task("a"), "ASSIGNED")));
    expect(assigned.map(({ kind }) => kind)).toEqual(["assignments"]);
    leader.leap(0.1);
    leader.commit(update(withState(leader.task("a"), "RUNNING")));
    leader.leap(0.1);
    const stopped = { ...leader.task("a"), desiredState: TaskState.SHUTDOWN };
    const stopping = leader.commit(update(stopped));
    expect(stopping.map(({ kind }) => kind)).toEqual(["assignments"]);
  });

  test("gathers what several entries have changed", () => {
    const leader = new Leader([node("w1")]);
    leader.open("w1");
    const dispatched = leader.dispatcher;
    for (const id of ["b", "a"]) {
      const object = task(id, { node: "w1", state: "ASSIGNED" });
      dispatched.applied([eventOf("scheduler", null, object)], boot);
    }
    leader.commit(
      create(task("a", { node: "w1", state: "ASSIGNED" })),
      create(task("b", { node: "w1", state: "ASSIGNED" })),
    );
    expect(leader.one("assignments").tasks.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(leader.flush()).toEqual([]);
  });

  test("waits where others were told something just now, and for what else has changed", () => {
    const leader = new Leader([node("w1"), node("w2")]);
    const session = leader.open("w1");
    leader.open("w2");
    const assigned = (id: string, on: string) => create(task(id, { node: on, state: "ASSIGNED" }));
    leader.commit(assigned("a", "w2"));
    const early = [...leader.commit(assigned("b", "w1")), ...leader.commit(assigned("c", "w1"))];
    expect([...early, ...leader.at(0.009).sent]).toEqual([]);
    const { tasks } = leader.at(0.011).one("assignments");
    expect(tasks.map(({ id }) => id)).toEqual(["b", "c"]);
    leader.commit(assigned("d", "w1"));
    const kinds = leader.beat("w1", session).map(({ kind }) => kind);
    expect(kinds).toEqual(["assignments", "heartbeat-received"]);
    expect(leader.at(1).sent).toEqual([]);
  });

  test("goes to the nodes that it concerns, in the order of their ids, and to nobody else", () => {
    const leader = new Leader([]);
    for (const name of ["w3", "w1", "w2"]) leader.open(name);
    const assigned = (id: string, on: string) => create(task(id, { node: on, state: "ASSIGNED" }));
    leader.commit(assigned("a", "w3"), assigned("b", "w1"), assigned("c", "nobody"));
    const sets = leader.sent.filter(({ message }) => message.kind === "assignments");
    expect(sets.map(({ to }) => to)).toEqual(["w1", "w3"]);
  });

  test("that is not acknowledged is sent again, complete, until it is", () => {
    const leader = new Leader([node("w1"), task("a", { node: "w1" })]);
    const session = leader.open("w1");
    leader.commit(create(task("b", { node: "w1", state: "ASSIGNED" })));
    expect(leader.at(1).sent).toEqual([]);
    const again = leader.at(2).one("assignments");
    expect(again).toMatchObject({ type: "complete", appliesTo: 2, resultsIn: 3 });
    expect(again.tasks.map(({ id }) => id)).toEqual(["a", "b"]);
    const { resultsIn } = leader.at(4).one("assignments");
    leader.receive("w1", { kind: "assignments-received", session, sequence: resultsIn });
    expect(leader.at(8).sent).toEqual([]);
  });

  test("that is missed is sent again, complete, though others follow all the time", () => {
    const leader = new Leader([node("w1")]);
    const session = leader.open("w1");
    const sets: string[] = [];
    for (let step = 1; step <= 6; step += 1) {
      const second = step / 2;
      leader.commit(create(task(`t${step}`, { node: "w1", state: "ASSIGNED" })));
      leader.receive("w1", { kind: "assignments-received", session, sequence: 1 });
      for (const { message } of leader.at(second).sent) {
        if (message.kind === "assignments") sets.push(`${message.type} at ${second}`);
      }
    }
    expect(sets).toEqual(["complete at 2"]);
  });

  test("that is one of many is not sent again to a node that keeps up", () => {
    const leader = new Leader([node("w1")]);
    const session = leader.open("w1");
    for (let step = 1; step <= 8; step += 1) {
      leader.commit(create(task(`t${step}`, { node: "w1", state: "ASSIGNED" })));
      leader.receive("w1", { kind: "assignments-received", session, sequence: step });
      expect(leader.at(step / 2).sent).toEqual([]);
    }
  });

  test("that is the last of several, and lost, is sent again", () => {
    const leader = new Leader([node("w1")]);
    const session = leader.open("w1");
    leader.commit(create(task("a", { node: "w1", state: "ASSIGNED" })));
    leader.leap(0.1);
    leader.commit(create(task("b", { node: "w1", state: "ASSIGNED" })));
    leader.receive("w1", { kind: "assignments-received", session, sequence: 2 });
    expect(leader.at(2.1).one("assignments").type).toBe("complete");
  });

  test("is not taken for acknowledged by a late word about an earlier one", () => {
    const leader = new Leader([node("w1")]);
    const session = leader.open("w1");
    leader.commit(create(task("b", { node: "w1", state: "ASSIGNED" })));
    leader.receive("w1", { kind: "assignments-received", session, sequence: 1 });
    expect(leader.at(2).one("assignments").type).toBe("complete");
  });
});

describe("a status", () => {
  const report = (leader: Leader, session: string, id: string, state: "RUNNING" | "FAILED") =>
    leader.receive("w1", {
      kind: "task-status",
      session,
      reports: [{ task: id, status: status(state) }],
    });

  test("is kept for the store, the highest of each task, and acknowledged once it is there", () => {
    const leader = new Leader([node("w1"), task("a", { node: "w1", state: "STARTING" })]);
    const session = leader.open("w1");
    expect(report(leader, session, "a", "FAILED")).toEqual([]);
    expect(report(leader, session, "a", "RUNNING")).toEqual([]);
    expect(leader.dispatcher.taskReports.get("a")?.state).toBe(TaskState.FAILED);
    expect(leader.flush()).toEqual([]);
    leader.commit(update(withState(leader.task("a"), "FAILED")));
    expect(leader.one("status-recorded").reports).toContainEqual({
      task: "a",
      state: TaskState.FAILED,
    });
  });

  test("is kept with no more words and ports than anybody reads, as the log is everybody's", () => {
    const leader = new Leader([node("w1"), task("a", { node: "w1", state: "STARTING" })]);
    const session = leader.open("w1");
    const long = "x".repeat(1_000_000);
    const hostPorts = Array(2_000).fill({ protocol: "tcp", targetPort: 80, hostPort: 8080 });
    hostPorts.unshift({ ...hostPorts[0], hostPort: 65_536 });
    const endless = { ...status("RUNNING"), message: long, err: long, hostPorts };
    const reports = [{ task: "a", status: endless }];
    leader.receive("w1", { kind: "task-status", session, reports });
    const kept = leader.dispatcher.taskReports.get("a");
    expect(kept).toMatchObject({ state: TaskState.RUNNING, err: long.slice(0, 4_096) });
    expect([kept?.message.length, kept?.hostPorts?.length]).toEqual([4_096, 1_000]);
    expect(kept?.hostPorts?.every(({ hostPort }) => hostPort === 8080)).toBe(true);
  });

  test("that is stored already is acknowledged and changes nothing", () => {
    const leader = new Leader([node("w1"), task("a", { node: "w1" })]);
    const session = leader.open("w1");
    report(leader, session, "a", "RUNNING");
    expect(leader.dispatcher.taskReports.size).toBe(0);
    leader.flush();
    expect(leader.one("status-recorded").reports).toEqual([{ task: "a", state: 512 }]);
  });

  test("of another end than the one that is stored is acknowledged, and changes nothing", () => {
    const leader = new Leader([node("w1"), task("a", { node: "w1", state: "SHUTDOWN" })]);
    const session = leader.open("w1");
    report(leader, session, "a", "FAILED");
    expect(leader.dispatcher.taskReports.size).toBe(0);
    leader.flush();
    expect(leader.one("status-recorded").reports).toEqual([{ task: "a", state: 704 }]);
  });

  test("of a task that the store has forgotten is acknowledged too", () => {
    const leader = new Leader([node("w1")]);
    const session = leader.open("w1");
    report(leader, session, "gone", "FAILED");
    expect(leader.dispatcher.taskReports.size).toBe(0);
    leader.flush();
    expect(leader.one("status-recorded").reports).toEqual([{ task: "gone", state: 704 }]);
  });

  test("of another node's task is ignored", () => {
    const leader = new Leader([node("w1"), task("a", { node: "w2", state: "STARTING" })]);
    const session = leader.open("w1");
    report(leader, session, "a", "FAILED");
    expect(leader.dispatcher.taskReports.size).toBe(0);
    expect(leader.flush()).toEqual([]);
  });
});
