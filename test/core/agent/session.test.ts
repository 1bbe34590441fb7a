import { describe, expect, test } from "vitest";
import { seconds } from "../../../core/base/time.ts";
import { TaskState } from "../../../core/model/task-state.ts";
import { task } from "../../support/model.ts";
import { AgentHost } from "./agent-host.ts";

// Goal: an agent finds the leader, stays with it, and never goes back to an older one.

const running = task("a", { state: "RUNNING" });
const onlyRunning = {
  tasks: [running],
  removed: [],
  files: [],
  serving: [],
  ceased: [],
  overlays: [],
};

function withTask(): AgentHost {
  return new AgentHost({
    tasks: [running],
    containers: [{ task: "a", state: "running", exitCode: null, unhealthy: false }],
  });
}

function registrations(worker: AgentHost): string[] {
  return worker.sent.filter(({ message }) => message.kind === "register").map(({ to }) => to);
}

describe("an agent without a session", () => {
  test("registers with a manager and tries others when there is no answer", () => {
    const worker = new AgentHost({ managers: ["m1", "m2", "m3"] }).at(120);
    const asked = registrations(worker);
    expect(asked.length).toBeGreaterThan(8);
    expect(new Set(asked).size).toBe(3);
    for (let at = 1; at < asked.length; at += 1) expect(asked[at]).not.toBe(asked[at - 1]);
  });

  test("tries those that its node was sent to while it joined", () => {
    const worker = new AgentHost({ managers: ["m1"] });
    worker.agent.reconnect(["m9"], worker.now);
    expect(new Set(registrations(worker.at(60)))).toEqual(new Set(["m1", "m9"]));
  });

  test("is with a manager that is back soon, however many its node has known that are gone", () => {
    const gone = Array.from({ length: 100 }, (_, at) => `gone-${at}`);
    const worker = new AgentHost({ managers: ["m1", "m2", "m3"] });
    worker.agent.reconnect(gone, worker.now);
    const asked = registrations(worker.at(3_600));
    const rounds = asked.slice(0, 400);
    for (let from = 0; from + 7 <= rounds.length; from += 1) {
      expect(rounds.slice(from, from + 7)).toEqual(expect.arrayContaining(["m1", "m2", "m3"]));
    }
    expect(new Set(rounds.slice(0, 404)).size).toBe(103);
  });

  test("waits longer and longer, but not for ever", () => {
    const hour = registrations(new AgentHost({ managers: ["m1", "m2"] }).at(3_600)).length;
    expect(hour).toBeGreaterThan(3_600 / 10);
    expect(hour).toBeLessThan(3_600 / 3);
  });

  test("waits for two periods at most, as a new leader waits for so many for it", () => {
    const worker = new AgentHost().open(1, "s1", "m1", seconds(1));
    const before = worker.at(60).sent.splice(0).length;
    expect(before).toBeGreaterThan(0);
    worker.at(660);
    // Each waits two seconds for its answer, and one second on average before the next.
    expect(registrations(worker).length).toBeGreaterThan(600 / 3.2);
  });

  test("tries another at once where nobody listens, and all of them less and less often", () => {
    const worker = new AgentHost({ managers: ["m1", "m2"] }).at(0.1);
    const [first = ""] = registrations(worker);
    worker.unreachable("m9").unreachable(first).at(0.2);
    expect(registrations(worker)).toEqual([first, first === "m1" ? "m2" : "m1"]);
    for (let second = 0.3; second < 600; second += 0.1) {
      worker.unreachable("m1").unreachable("m2").at(second);
    }
    expect(registrations(worker).length).toBeGreaterThan(600 / 8);
    expect(registrations(worker).length).toBeLessThan(600 / 3);
  });

  test("follows a hint at the leader at once", () => {
    const worker = new AgentHost({ managers: ["m1"] }).at(1);
    const attempt = worker.last("register")?.attempt ?? 0;
    worker.receive({ kind: "not-leader", attempt, leader: "m9" });
    expect(registrations(worker).at(-1)).toBe("m9");
  });

  test("goes to the leader of which a manager that it has asked tells it later", () => {
    const worker = new AgentHost({ managers: ["m1", "m2"] }).at(100);
    const [asked] = worker.sent.splice(0).slice(-1);
    const attempt = asked?.message.kind === "register" ? asked.message.attempt : 0;
    worker.receive({ kind: "not-leader", attempt, leader: null }, asked?.to);
    worker.receive({ kind: "not-leader", attempt, leader: "m9" }, asked?.to);
    worker.at(worker.now / 1e6 + 0.5);
    expect(registrations(worker)).toEqual(["m9"]);
  });

  test("goes on with the one that it asks when another names that one, too", () => {
    const worker = new AgentHost({ managers: ["m1"] }).at(1);
    const attempt = worker.last("register")?.attempt ?? 0;
    worker.receive({ kind: "not-leader", attempt: attempt - 1, leader: "m1" }, "m2").at(1.9);
    expect(registrations(worker)).toEqual(["m1"]);
  });

  test("follows two hints in a row, for the leader may change twice", () => {
    const worker = new AgentHost({ managers: ["m1"] }).at(1);
    for (const leader of ["m7", "m8", "m9"]) {
      const attempt = worker.last("register")?.attempt ?? 0;
      worker.receive({ kind: "not-leader", attempt, leader }, worker.sent.at(-1)?.to);
    }
    expect(registrations(worker).slice(1)).toEqual(["m7", "m8"]);
  });

  test("tries every manager before it tries one again", () => {
    const managers = ["m1", "m2", "m3", "m4", "m5"];
    const asked = registrations(new AgentHost({ managers }).at(120));
    for (let from = 0; from + 5 <= asked.length; from += 5) {
      expect(asked.slice(from, from + 5).sort()).toEqual(managers);
    }
  });

  test("comes to every manager again, though one leads it to another that is gone", () => {
    const worker = new AgentHost({ managers: ["m1", "m2", "m3"] });
    const asked = new Map<string, number>();
    for (let second = 1; second < 1_200; second += 1) {
      const { to = "", message } = worker.at(second).sent.splice(0).at(-1) ?? {};
      if (message?.kind !== "register") continue;
      asked.set(to, (asked.get(to) ?? 0) + 1);
      const { attempt } = message;
      if (to === "m3") worker.receive({ kind: "not-leader", attempt, leader: "m2" }, to);
    }
    for (const manager of ["m1", "m2", "m3"]) expect(asked.get(manager)).toBeGreaterThan(20);
  });

  test("does not chase managers that name one another without a pause", () => {
    const worker = new AgentHost({ managers: ["m1", "m2"] });
    const answered = new Set<number>();
    for (let step = 0; step < 600; step += 1) {
      worker.at(step / 10);
      for (const { to, message } of [...worker.sent]) {
        if (message.kind !== "register" || answered.has(message.attempt)) continue;
        answered.add(message.attempt);
        const leader = to === "m1" ? "m2" : "m1";
        worker.receive({ kind: "not-leader", attempt: message.attempt, leader }, to);
      }
    }
    expect(answered.size).toBeGreaterThan(10);
    expect(answered.size).toBeLessThan(80);
  });

  test("takes an answer that comes twice once", () => {
    const worker = new AgentHost({ managers: ["m1", "m2"] }).at(1);
    const attempt = worker.last("register")?.attempt ?? 0;
    const hint = { kind: "not-leader", attempt, leader: null } as const;
    worker.receive(hint);
    for (let copy = 0; copy < 5; copy += 1) worker.receive({ ...hint, leader: "m9" });
    expect(registrations(worker)).toHaveLength(1);
  });

  test.each([
    ["an earlier attempt", 0, -1],
    ["what it asked before it was started again", 700, -700],
  ])("ignores the answer to %s", (_, life, before) => {
    const worker = new AgentHost({ life }).at(30);
    const attempt = (worker.last("register")?.attempt ?? 0) + before;
    const told = { standing: null, security: null };
    const opened = { heartbeatPeriod: seconds(5), managers: ["m1"], term: 1, ...told };
    worker.receive({ kind: "session", attempt, session: "old", ...opened });
    expect(worker.at(60).last("heartbeat")).toBeUndefined();
  });
});

describe("an agent in session", () => {
  test("beats once a period for as long as it is answered", () => {
    const worker = new AgentHost().open();
    const start = worker.now / 1e6;
    for (let beat = 1; beat <= 10; beat += 1) {
      worker.at(start + 5 * beat);
      worker.receive({
        kind: "heartbeat-received",
        session: "s1",
        period: seconds(5),
        standing: null,
        security: null,
      });
    }
    const beats = worker.sent.filter(({ message }) => message.kind === "heartbeat");
    expect(beats).toHaveLength(10);
    expect(registrations(worker)).toEqual([]);
  });

  test("beats as often as the leader's last answer says", () => {
    const worker = new AgentHost().open();
    const start = worker.now / 1e6;
    worker.at(start + 5);
    worker.receive({
      kind: "heartbeat-received",
      session: "s1",
      period: seconds(1),
      standing: null,
      security: null,
    });
    worker.sent = [];
    worker.at(start + 6);
    expect(worker.last("heartbeat")).toBeDefined();
  });

  test("registers again when a heartbeat is not answered, first with the same manager", () => {
    const worker = new AgentHost({ managers: ["m1", "m2", "m3"] }).open(1, "s1", "m2");
    worker.at(worker.now / 1e6 + 10.5);
    expect(registrations(worker)[0]).toBe("m2");
  });

  test("goes to another manager when nobody listens at the leader, not when at any other", () => {
    const worker = new AgentHost({ managers: ["m1", "m2"] }).open();
    worker.sent = [];
    worker.unreachable("m2").at(worker.now / 1e6 + 0.1);
    expect(registrations(worker)).toEqual([]);
    worker.unreachable("m1").at(worker.now / 1e6 + 0.1);
    expect(registrations(worker)).toEqual(["m2"]);
    expect(worker.agent.leader).toBe(null);
  });

  test("registers again when the leader ends its session, not when it ends another", () => {
    const worker = new AgentHost().open();
    worker.receive({ kind: "session-invalid", session: "other" });
    worker.at(worker.now / 1e6 + 1);
    expect(registrations(worker)).toEqual([]);
    worker.receive({ kind: "session-invalid", session: "s1" });
    worker.at(worker.now / 1e6 + 1);
    expect(registrations(worker)).toHaveLength(1);
  });

  test("leaves a manager that says it leads no more, for the one that it names", () => {
    const worker = new AgentHost().open();
    worker.receive({ kind: "not-leader", attempt: null, leader: "m3" });
    worker.at(worker.now / 1e6 + 0.5);
    expect(registrations(worker)).toEqual(["m3"]);
  });

  test("does not leave it because another manager says so of itself", () => {
    const worker = new AgentHost().open();
    worker.receive({ kind: "not-leader", attempt: null, leader: "m3" }, "m2");
    expect(registrations(worker)).toEqual([]);
  });

  test("takes no assignments of another session", () => {
    const worker = new AgentHost().open();
    const set = { appliesTo: 0, resultsIn: 1, ...onlyRunning };
    worker.receive({ kind: "assignments", session: "other", type: "complete", ...set });
    expect(worker.agent.tasks()).toEqual([]);
  });
});

describe("a leader of an older term", () => {
  test("is refused once a newer one was heard, and its assignments with it", () => {
    const worker = withTask().open(5);
    worker.receive({ kind: "session-invalid", session: "s5" });
    worker.open(4, "s4").assign();
    expect(worker.asked()).toEqual([]);
    expect(worker.state("a")).toBe("RUNNING");
    worker.open(5, "again").assign().sync();
    expect(worker.asked()).toEqual(["shutdown a"]);
  });
});

describe("assignments", () => {
  test("that follow a set that was lost are not taken, and the leader is told so", () => {
    const worker = new AgentHost().open().assign();
    const lost = { session: "s1", type: "incremental", appliesTo: 5, resultsIn: 6 } as const;
    worker.receive({ kind: "assignments", ...lost, ...onlyRunning });
    expect(worker.agent.tasks()).toEqual([]);
    expect(worker.last("assignments-received")?.sequence).toBe(1);
  });

  test("that come twice, or late, are taken once", () => {
    const worker = new AgentHost().open().assign(task("a", { state: "ASSIGNED" }));
    worker.change([], ["a"]);
    const late = { session: "s1", type: "complete", appliesTo: 0, resultsIn: 1 } as const;
    worker.receive({ kind: "assignments", ...late, ...onlyRunning });
    expect(worker.last("assignments-received")?.sequence).toBe(2);
    worker.sync().executed({ kind: "stopped", task: "a" }).sync();
    expect(worker.state("a")).toBe("forgotten");
  });

  test("that are complete are taken whatever came before", () => {
    const worker = new AgentHost().open();
    const set = { session: "s1", type: "complete", appliesTo: 7, resultsIn: 8 } as const;
    worker.receive({ kind: "assignments", ...set, ...onlyRunning });
    expect(worker.agent.tasks()).toHaveLength(1);
  });
});

describe("a report", () => {
  test("is repeated every two seconds until the leader has recorded it", () => {
    const worker = withTask().open();
    worker.executed({ kind: "exited", task: "a", exitCode: 1 }).sync();
    const start = worker.now / 1e6;
    expect(worker.reported()).toContain("a:FAILED");
    expect(worker.at(start + 1.9).reported()).toEqual([]);
    expect(worker.at(start + 2.1).reported()).toEqual(["a:FAILED"]);
    expect(worker.at(start + 4.2).reported()).toEqual(["a:FAILED"]);
    worker.recorded("a", TaskState.FAILED);
    expect(worker.at(start + 9).reported()).toEqual([]);
  });

  test("is not ended by the record of an earlier state", () => {
    const worker = withTask().open();
    worker.executed({ kind: "exited", task: "a", exitCode: 1 }).sync().reported();
    worker.recorded("a", TaskState.RUNNING);
    expect(worker.at(worker.now / 1e6 + 2.1).reported()).toEqual(["a:FAILED"]);
  });

  test("waits for a session, and is made anew in each", () => {
    const worker = withTask();
    worker.executed({ kind: "exited", task: "a", exitCode: 1 }).sync();
    expect(worker.reported()).toEqual([]);
    expect(worker.open(1).reported()).toEqual(["a:FAILED"]);
    worker.recorded("a", TaskState.FAILED);
    worker.receive({ kind: "session-invalid", session: "s1" });
    expect(worker.open(2).reported()).toEqual(["a:FAILED"]);
  });
});

test("an agent that is not let in says why, once for each reason, until it is", () => {
  const worker = new AgentHost();
  const refuse = (reason: string) => {
    worker.sent = [];
    while (worker.last("register") === undefined) worker.at(worker.now / 1e6 + 0.05);
    const attempt = worker.last("register")?.attempt ?? 0;
    worker.receive({ kind: "registration-refused", attempt, reason });
  };
  for (const reason of ["too old", "too old", "removed"]) refuse(reason);
  worker.receive({ kind: "registration-refused", attempt: 99, reason: "not asked" });
  expect(worker.refusals).toEqual(["too old", "removed"]);
  worker.open().receive({ kind: "session-invalid", session: "s1" });
  refuse("removed");
  expect(worker.refusals).toEqual(["too old", "removed", "removed"]);
});
