import { describe, expect, test } from "vitest";
import { seconds, us } from "../../../core/base/time.ts";
import { defaultClusterSpec } from "../../../core/model/cluster.ts";
import { cluster, node } from "../../support/model.ts";
import { update } from "../../support/store.ts";
import { Leader } from "./leader.ts";

// Goal: a node is ready when it hears and speaks, and down after a silence, never before.

test("nodes without a session are told so after ten seconds, and ever more rarely", () => {
  const leader = new Leader([node("w1"), node("w2", { state: "down" }), node("w3")]);
  leader.open("w3");
  const told = (): string[] => {
    const none = leader.sent.filter(
      ({ message }) => message.kind === "session-invalid" && message.session === "",
    );
    return none.map(({ to }) => to);
  };
  leader.at(9);
  expect(told()).toEqual([]);
  leader.at(11);
  expect(told()).toEqual(["w1", "w2"]);
  leader.at(29);
  expect([leader.reported("w3"), told()]).toEqual(["down", []]);
  leader.at(31);
  expect(told()).toEqual(["w1", "w2", "w3"]);
});

describe("a node that registers", () => {
  test("is ready only once it has used its session", () => {
    const leader = new Leader([]);
    const session = leader.register("w1");
    expect(leader.reported("w1")).toBeNull();
    leader.beat("w1", session);
    expect(leader.reported("w1")).toBe("ready");
    expect(leader.dispatcher.nodeReports.get("w1")?.description?.hostname).toBe("w1");
  });

  test("is ready once it has acknowledged its first set", () => {
    const leader = new Leader([]);
    leader.open("w1");
    expect(leader.reported("w1")).toBe("ready");
  });

  test("again and again without hearing the answer is called down in the end", () => {
    const leader = new Leader([node("w1")]);
    for (let second = 0; second < 60; second += 2) leader.at(second).register("w1");
    expect(leader.reported("w1")).toBe("down");
  });
});

describe("a node whose container engine does not answer", () => {
  test("is down after the engine timeout, and ready once it answers", () => {
    const leader = new Leader([]);
    const session = leader.open("w1");
    leader.at(5).beat("w1", session, seconds(59));
    expect(leader.reported("w1")).toBe("ready");
    leader.at(10).beat("w1", session, seconds(60));
    expect(leader.reported("w1")).toBe("down");
    expect(leader.dispatcher.nodeReports.get("w1")?.message).toBe(
      "the container engine does not answer",
    );
    leader.at(15).beat("w1", session);
    expect(leader.reported("w1")).toBe("ready");
  });

  test("is not called ready in between when it registers anew", () => {
    const leader = new Leader([node("w1")]);
    leader.open("w1", seconds(300));
    expect(leader.reported("w1")).toBe("down");
  });
});

describe("a node that is silent", () => {
  test("is down after three heartbeat periods, no sooner", () => {
    const leader = new Leader([]);
    const session = leader.open("w1");
    leader.at(10).beat("w1", session);
    leader.forgetReports();
    expect(leader.at(10 + 13.4).reported("w1")).toBeNull();
    expect(leader.at(10 + 16.6).reported("w1")).toBe("down");
    expect(leader.beat("w1", session)).toEqual([{ kind: "session-invalid", session }]);
  });

  test("stays ready for as long as it beats", () => {
    const leader = new Leader([]);
    const session = leader.open("w1");
    leader.forgetReports();
    for (let second = 10; second < 300; second += 10) leader.at(second).beat("w1", session);
    expect(leader.reported("w1")).toBeNull();
  });

  test("is not called down by a leader that hears no quorum", () => {
    const leader = new Leader([]);
    leader.open("w1");
    leader.forgetReports();
    expect(leader.cutOffAt(60).reported("w1")).toBeNull();
    expect(leader.at(80).reported("w1")).toBe("down");
  });

  test("is not called down for a time in which the leader itself stood still", () => {
    const leader = new Leader([]);
    const session = leader.open("w1");
    leader.forgetReports();
    const late = seconds(300);
    leader.dispatcher.check(late as never);
    if (leader.dispatcher.takeDoubt(late as never)) {
      leader.dispatcher.confirmed(late as never, late as never);
    }
    expect(leader.reported("w1")).toBeNull();
    expect(session).not.toBe("");
  });

  test("is not called down by an answer that lay about while the leader stood still", () => {
    const leader = new Leader([]);
    leader.open("w1");
    const session = leader.open("w2");
    leader.forgetReports();
    for (let second = 1; second < 14; second += 1) leader.at(second).beat("w2", session);
    const { dispatcher } = leader.cutOffAt(17);
    expect(dispatcher.takeDoubt(seconds(17) as never)).toBe(true);
    dispatcher.confirmed(seconds(17) as never, seconds(300) as never);
    expect([leader.reported("w1"), leader.reported("w2")]).toEqual(["down", null]);
  });

  test("is not called down for a leap of the leader's clock, however short of its grace", () => {
    const leader = new Leader([]);
    leader.open("w1");
    leader.forgetReports();
    leader.at(7);
    leader.leap(8);
    expect(leader.at(16).reported("w1")).toBeNull();
    expect(leader.at(24).reported("w1")).toBe("down");
  });

  describe("and was not heard of by the leader before", () => {
    const quick = { spec: { ...defaultClusterSpec, heartbeatPeriod: seconds(1) } };
    const unheard = node("w1", { state: "unknown" });

    test("is not missed for a while where the cluster was begun anew, as others are", () => {
      const anew = cluster({ ...quick, incarnation: 0x10_0000 });
      const leader = new Leader([anew, unheard, node("w2")], 1, us(0), seconds(1));
      expect(leader.at(29).reported("w1")).toBe("unknown");
      expect(leader.reported("w2")).toBe("down");
      expect(leader.at(31).reported("w1")).toBe("down");
    });

    test("is missed as usual elsewhere", () => {
      const leader = new Leader([cluster(quick), unheard], 1, us(0), seconds(1));
      expect(leader.at(29).reported("w1")).toBe("down");
    });
  });

  test("is given no more time for having been silent between two sessions", () => {
    const leader = new Leader([node("w1")]);
    leader.beat("w1", leader.open("w1"));
    const session = leader.at(12).open("w1");
    leader.at(17).beat("w1", session);
    expect(leader.at(35).reported("w1")).toBe("down");
  });

  test("comes back as ready when it registers again", () => {
    const leader = new Leader([node("w1")]);
    leader.open("w1");
    leader.at(30);
    expect(leader.reported("w1")).toBe("down");
    leader.open("w1");
    expect(leader.reported("w1")).toBe("ready");
  });
});

describe("a heartbeat period that is changed", () => {
  const beating = (second: number) =>
    cluster({ spec: { ...defaultClusterSpec, heartbeatPeriod: seconds(second) } });

  test("holds for a node once it can know of it: until then it may be silent as before", () => {
    const leader = new Leader([beating(60), node("w1")]);
    const session = leader.open("w1");
    leader.forgetReports();
    leader.commit(update(beating(1)));
    leader.at(1).receive("w1", { kind: "assignments-received", session, sequence: 1 });
    expect(leader.at(60).reported("w1")).toBeNull();
    leader.beat("w1", session);
    expect(leader.at(120).reported("w1")).toBeNull();
    leader.beat("w1", session);
    expect(leader.at(130).reported("w1")).toBe("down");
  });
});

describe("a new leader", () => {
  test("calls every node unknown but those that are down", () => {
    const leader = new Leader([node("w1"), node("w2", { state: "down" })]);
    expect(leader.dispatcher.nodeReports.get("w1")).toEqual({
      state: "unknown",
      message: 'Node moved to "unknown" state due to leadership change in cluster',
      description: null,
    });
    expect(leader.reported("w2")).toBeNull();
  });

  test("gives each node six heartbeat periods to register", () => {
    const leader = new Leader([node("w1")]);
    expect(leader.at(29.9).reported("w1")).toBe("unknown");
    expect(leader.at(30.1).reported("w1")).toBe("down");
  });

  test("counts them from when every node must have heard of the period", () => {
    const leader = new Leader([node("w1")], 1, seconds(100));
    expect(leader.at(129.9).reported("w1")).toBe("unknown");
    expect(leader.at(130.1).reported("w1")).toBe("down");
  });

  test("gives it time to learn that the leader before is none, however short its periods", () => {
    const leader = new Leader([node("w1")], 1, seconds(0), seconds(50));
    expect(leader.at(65.9).reported("w1")).toBe("unknown");
    expect(leader.at(66.1).reported("w1")).toBe("down");
  });

  test("hears of a node that registers in time and keeps it", () => {
    const leader = new Leader([node("w1")]);
    const session = leader.at(25).open("w1");
    leader.at(35).beat("w1", session);
    expect(leader.at(45).reported("w1")).toBe("ready");
  });
});
