import { describe, expect, test } from "vitest";
import { seconds } from "../../../core/base/time.ts";
import { defaultClusterSpec } from "../../../core/model/cluster.ts";
import { defaultRaftTiming } from "../../../core/node/config.ts";
import { livenessBound, unsettled } from "../../../sim/liveness/liveness.ts";
import { SettledServices } from "../../../sim/liveness/settled-services.ts";
import { create, service as planned } from "../../../sim/scenario/dsl.ts";
import { leaderOf } from "../../../sim/world/selectors.ts";
import type { World } from "../../../sim/world/world.ts";
import { service } from "../../support/model.ts";
import { runUntil, worldOf } from "../../support/world.ts";

const bound = (...services: ReturnType<typeof service>[]) =>
  livenessBound(defaultRaftTiming, defaultClusterSpec, services, [], 0);

describe("livenessBound()", () => {
  test("follows from the configuration: nothing makes it shorter but a shorter timing", () => {
    const quick = { ...defaultRaftTiming, tickInterval: seconds(0.1) };
    const beats = { ...defaultClusterSpec, heartbeatPeriod: seconds(1) };
    const base = bound();
    expect(livenessBound(quick, defaultClusterSpec, [], [], 0)).toBeLessThan(base);
    expect(livenessBound(defaultRaftTiming, beats, [], [], 0)).toBeLessThan(base);
    expect(livenessBound(defaultRaftTiming, defaultClusterSpec, [], [], 3)).toBeGreaterThan(base);
  });

  test("grows with restart delays and with the batches of an update, not with their number", () => {
    const plain = service("web", { replicas: 10 });
    expect(bound(service("web", { replicas: 20 }))).toBeGreaterThan(bound(plain));
    expect(bound(service("web", { replicas: 10, restart: { delay: seconds(60) } }))).toBe(
      bound(plain) + 2 * seconds(55),
    );
    const all = service("web", { replicas: 10, update: { parallelism: 0 } });
    expect(bound(all)).toBeLessThan(bound(plain));
    expect(bound(plain, service("api", { replicas: 10 }))).toBe(bound(plain));
  });

  test("is a number for a job that is to run nothing", () => {
    const mode = { kind: "replicated-job", maxConcurrent: 2, totalCompletions: 0 } as const;
    expect(bound(service("batch", { mode }))).toBeGreaterThan(bound());
  });

  test("leaves room for an election and for every node to be called down", () => {
    expect(bound()).toBeGreaterThan(seconds(2 * 10 + 30));
  });
});

describe("unsettled()", () => {
  const services = new SettledServices();
  const problem = ({ managers, hosts, history, operator }: World, core = hosts) =>
    unsettled({ managers, core, view: history.view, isAnswered: operator.isIdle }, services);

  function settled(): World {
    const world = worldOf({ managers: 3, workers: 2 });
    expect(problem(world)).toBe("there is no leader");
    runUntil(world, 40);
    world.operator.want(create(planned("web", { image: "web:1", replicas: 4 })));
    expect(problem(world)).toBe("a command is not answered");
    runUntil(world, 41);
    expect(problem(world)).toMatch(/^web has \d of 4 tasks running$/);
    runUntil(world, 70);
    expect(problem(world)).toBeNull();
    return world;
  }

  test("is null once everything is as wanted, and says what is missing until then", () => {
    settled();
  });

  test("sees a follower that lags behind, and a leader outside of the core", () => {
    const world = settled();
    const leader = leaderOf(world.managers);
    const others = world.hosts.filter((host) => host !== leader);
    expect(problem(world, others)).toBe("there is no leader");
    const [follower] = world.managers.filter((host) => host !== leader);
    if (follower === undefined) throw new Error("there are followers");
    follower.pause();
    world.operator.want(create(planned("api", { image: "api:1" })));
    runUntil(world, 90);
    expect(problem(world)).toMatch(
      new RegExp(`^${follower.name} has applied \\d+ of \\d+ entries$`),
    );
  });

  test("sees containers that run though the store does not say so, and the other way round", () => {
    const world = settled();
    const host = world.hosts.find(({ executor }) => executor.existing().length > 0);
    const [container] = host?.executor.existing() ?? [];
    host?.executor.execute({ kind: "remove", task: container?.task ?? "" });
    expect(problem(world)).toMatch(/^web\.\d does not run on \w+, as stored$/);
  });
});
