import { describe, expect, test } from "vitest";
import { EngineWatch } from "../../../core/agent/engine-watch.ts";
import { limits } from "../../../core/base/limits.ts";
import { type Instant, seconds } from "../../../core/base/time.ts";
import { description } from "../../support/model.ts";
import { AgentHost } from "./agent-host.ts";

const at = (second: number) => (second * 1e6) as Instant;
/** An agent whose period is five seconds speaks no further apart. */
const most = seconds(10);

/** Beats every five seconds up to this one, with no answer; true for each at which it asks. */
function beats(watch: EngineWatch, from: number, to: number): boolean[] {
  const asked: boolean[] = [];
  for (let second = from; second <= to; second += 5) asked.push(watch.beat(at(second), most));
  return asked;
}

/** Its leader answers each heartbeat. */
function heardUntil(worker: AgentHost, second: number): void {
  const place = { standing: null, security: null };
  const answer = {
    kind: "heartbeat-received",
    session: "s1",
    period: seconds(5),
    ...place,
  } as const;
  for (let now = worker.now / 1e6; now < second; now += 1) worker.at(now).receive(answer);
}

describe("EngineWatch", () => {
  test("asks with every fourth heartbeat an engine that answers", () => {
    const watch = new EngineWatch(at(0));
    const asked: number[] = [];
    for (let second = 5; second <= 65; second += 5) {
      if (!watch.beat(at(second), most)) continue;
      asked.push(second);
      watch.answered(at(second));
    }
    expect(asked).toEqual([20, 40, 60]);
    expect(watch.silentFor).toBe(0);
  });

  test("asks with every heartbeat until it is answered, and counts the silence", () => {
    const watch = new EngineWatch(at(0));
    expect(beats(watch, 5, 40)).toEqual([false, false, false, true, true, true, true, true]);
    expect(watch.silentFor).toBe(seconds(20));
    watch.answered(at(41));
    expect(watch.silentFor).toBe(0);
    expect(watch.beat(at(45), most)).toBe(false);
  });

  test("counts no more than one pause of a time in which the agent itself stood still", () => {
    const watch = new EngineWatch(at(0));
    beats(watch, 5, 20);
    watch.beat(at(4000), most);
    expect(watch.silentFor).toBe(most);
  });
});

describe("an agent", () => {
  test("tells the leader once what its engine has come to have, if it is not too much", () => {
    const worker = new AgentHost().open();
    const { resources } = description("w1");
    const has = { resources, engineLabels: new Map(), plugins: ["Volume/nfs"] };
    worker.executed({ kind: "pong", has });
    expect(worker.last("register")?.description).toEqual({ ...description("w1"), ...has });
    worker.open(1, "s2");
    const tooMany = ["x".repeat(limits.descriptionText)];
    for (const plugins of [["Volume/nfs"], tooMany]) {
      worker.executed({ kind: "pong", has: { ...has, plugins } });
      expect(worker.last("register")).toBeUndefined();
    }
    heardUntil(worker, worker.now / 1e6 + 30);
    expect(worker.last("heartbeat")?.session).toBe("s2");
  });

  test("tells in another registration what comes in between", () => {
    const worker = new AgentHost().at(0.2);
    const { resources } = description("w1");
    const asked = worker.last("register")?.attempt ?? 0;
    const engineLabels = new Map([["disk", "nvme"]]);
    worker.executed({ kind: "pong", has: { resources, engineLabels, plugins: null } });
    const { attempt = 0, description: told } = worker.last("register") ?? {};
    expect(told?.engineLabels).toEqual(engineLabels);
    expect(attempt).toBe(asked + 1);
  });

  test("tells the leader for how long its engine has not answered", () => {
    const worker = new AgentHost().open();
    heardUntil(worker, 90);
    expect(worker.requests).toContainEqual({ kind: "ping" });
    expect(worker.last("heartbeat")?.engineSilentFor).toBeGreaterThan(seconds(40));
    worker.executed({ kind: "pong" });
    heardUntil(worker, 100);
    expect(worker.last("heartbeat")?.engineSilentFor).toBe(0);
  });
});
