import { describe, expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import { twoSides } from "../../../sim/faults/faults.ts";
import { EventKind, type SimEvent } from "../../../sim/kernel.ts";
import { Run } from "../../../sim/run.ts";
import { checkScenario } from "../../../sim/scenario/check.ts";
import {
  type Action,
  at,
  clog,
  containers,
  corruptRead,
  crash,
  crashLoop,
  demote,
  disk,
  drain,
  driftClock,
  eventually,
  failSync,
  fillDisk,
  flap,
  freeDaemon,
  freeDisk,
  freeze,
  hangDaemon,
  jumpClock,
  kill,
  leave,
  misdirectWrite,
  network,
  partitionAtRandom,
  powerOn,
  promote,
  refit,
  restart,
  running,
  type ScenarioPlan,
  type Step,
  scale,
  service,
  unclog,
  wipeDisk,
} from "../../../sim/scenario/dsl.ts";
import type { Topology } from "../../../sim/scenario/topology-words.ts";
import { random } from "../../support/store.ts";
import { runUntil, worldOf } from "../../support/world.ts";

// Goal: each fault of the menu does to the world what its word says, and clusters live through it.

const topology: Topology = { managers: 3, workers: 2 };

function story(plan: Partial<ScenarioPlan> & { readonly steps: readonly Step[] }): ScenarioPlan {
  const services = [service("web", { image: "web:1", replicas: 3 })];
  const expectations = [eventually(running("web", 3))];
  return {
    name: "a fault",
    story: "It happens.",
    topology,
    services,
    expect: expectations,
    ...plan,
  };
}

/** Runs a story that must pass; the lines of it that tell of faults and their end. */
function told(plan: ScenarioPlan, seed = "1"): string[] {
  expect(checkScenario(plan)).toEqual([]);
  const lines: string[] = [];
  const observer = {
    story: ({ kind, text }: { kind: string; text: string }) => {
      if (kind === "fault" || kind === "heal") lines.push(text);
    },
  };
  const result = new Run(plan, seed, { observer }, noBug).toEnd();
  expect(result.violations).toEqual([]);
  return lines;
}

describe("the network", () => {
  test("a clogged link keeps everything back, and gives it out at the end", () => {
    const { faults, network: net, kernel } = worldOf(topology);
    let arrived = 0;
    const count = () => net.sent - net.dropped - arrived;
    runUntil({ kernel }, 30);
    faults.act({ do: "clog", from: ["m1"], to: ["m2"], lasting: "5s" });
    const droppedBefore = net.dropped;
    runUntil({ kernel }, 34);
    expect(net.dropped).toBe(droppedBefore);
    arrived = count();
    runUntil({ kernel }, 40);
    expect(net.dropped).toBe(droppedBefore);
    expect(told(story({ steps: [at("30s", clog(["leader"], "rest", "20s"))] }))[0]).toContain(
      "waits",
    );
    told(story({ steps: [at("30s", clog(["all"], ["all"], "60s")), at("40s", unclog())] }));
  });

  test("a link at its capacity drops what is too much", () => {
    const world = worldOf(topology);
    world.faults.act(network({ capacity: 1, latencyMin: "2s" }));
    runUntil(world, 30);
    expect(world.network.dropped).toBeGreaterThan(10);
    const conditions = { capacity: 1, latencyMin: "300ms", loss: 0 } as const;
    expect(told(story({ steps: [at("30s", network(conditions))] }))).toContain(
      "the network holds 1 at most on a link, takes 300ms at least, loses nothing",
    );
  });

  test("delays are spread as named, around one mean", () => {
    for (const delays of ["fixed", "uniform", "exponential", "heavy-tailed"] as const) {
      told(story({ steps: [at("30s", network({ delays, latencyMean: "20ms", reordering: 10 }))] }));
    }
  });

  test("a flapping partition is told part by part, and ends open", () => {
    const rhythm = { cut: "3s", open: "2s", times: 4 } as const;
    const lines = told(
      story({
        steps: [at("30s", flap(["leader"], ["followers"], rhythm)), at("60s", network({}))],
      }),
    );
    expect(lines.filter((line) => line.startsWith("partition"))).toHaveLength(4);
    expect(lines.filter((line) => line === "a partition has healed")).toHaveLength(4);
  });

  test("every mode of a random partition leaves nobody out and no side empty", () => {
    const stream = random();
    const names = ["a", "b", "c", "d", "e"];
    const sizes = {
      "isolate-one": new Set(),
      "uniform-size": new Set(),
      "uniform-partition": new Set(),
    };
    for (const mode of ["isolate-one", "uniform-size", "uniform-partition"] as const) {
      for (let draw = 0; draw < 200; draw += 1) {
        const [left, right] = twoSides(names, mode, stream);
        expect([...left, ...right].sort()).toEqual(names);
        sizes[mode].add(left.length);
      }
      told(story({ steps: [at("30s", partitionAtRandom(mode, true))] }));
    }
    expect([...sizes["isolate-one"]].sort()).toEqual([1, 4]);
    expect([...sizes["uniform-size"]].sort()).toEqual([1, 2, 3, 4]);
  });
});

describe("disks", () => {
  test("after a failed sync the daemon ends and starts again; its containers go on", () => {
    const world = worldOf(topology);
    runUntil(world, 30);
    const [m1] = world.hosts;
    world.faults.act(failSync("m1"));
    world.faults.act(drain("w1"));
    runUntil(world, 60);
    expect(m1?.state).toBe("up");
    expect(m1?.disk.conditions.failsNext).toBe(false);
    const lines = told(
      story({
        steps: [
          at("40s", failSync("leader")),
          at("41s", scale("web", 2)),
          at("60s", scale("web", 3)),
        ],
      }),
    );
    expect(lines.join()).toMatch(/ends: fsync: input\/output error.*starts again/);
  });

  test("on a full disk the daemon ends at every start, until there is room", () => {
    const lines = told(
      story({
        steps: [
          at("40s", fillDisk("m1")),
          at("41s", scale("web", 5)),
          at("45s", scale("web", 2)),
          at("50s", scale("web", 3)),
          at("60s", freeDisk("m1")),
          at("70s", scale("web", 3)),
        ],
      }),
    );
    expect(lines.filter((line) => line.includes("no space left")).length).toBeGreaterThan(2);
  });

  test("a disk that fails now and then does not stop the cluster", () => {
    told(
      story({
        steps: [at("30s", disk("m1", { failures: 20 })), at("90s", disk("m1", { failures: 0 }))],
      }),
    );
  });

  test("a manager that reads wrong refuses once; misdirected writes are refused for good", () => {
    const world = worldOf(topology);
    runUntil(world, 40);
    for (const action of [corruptRead("m1"), misdirectWrite("m2")]) world.faults.act(action);
    for (const nodes of ["m1", "m2"]) {
      world.faults.act({ do: "crash", nodes });
      world.faults.act({ do: "restart", nodes });
    }
    const states = () => world.hosts.slice(0, 2).map(({ state }) => state);
    expect(states()).toEqual(["refused", "refused"]);
    world.faults.act(restart("all"));
    expect(states()).toEqual(["up", "refused"]);
  });

  test("a manager whose disk is wiped comes back once it was demoted, and no sooner", () => {
    const steps = [
      ...[at("40s", wipeDisk("m1")), at("41s", crash("m1")), at("45s", restart("m1"))],
      ...[at("50s", demote("m1")), at("100s", restart("m1")), at("130s", promote("m1"))],
    ];
    const lines = told(story({ steps }));
    expect(lines.filter((line) => line === "m1 starts again")).toHaveLength(1);
  });

  test("a worker whose disk is wiped joins anew at once", () => {
    const lines = told(
      story({
        steps: [at("40s", wipeDisk("w1")), at("41s", crash("w1")), at("45s", restart("w1"))],
      }),
    );
    expect(lines).toContain("w1 starts again");
  });
});

test("a machine that leaves joins again as another node, and its old one stays down", () => {
  const lasting: Topology = { managers: 3, workers: [{ count: 2, lives: 2 }] };
  const world = worldOf(lasting);
  runUntil(world, 30);
  for (const action of [powerOn("w1~2"), leave("w2~2"), leave("w1"), restart("w1")]) {
    world.faults.act(action);
  }
  runUntil(world, 60);
  const there = () => {
    const nodes = [...world.history.view.nodes.values()];
    return nodes.map(({ id, status, description: { hostname, address } }) => {
      return [id, status.state, hostname, address].join(" ");
    });
  };
  expect(there().slice(3)).toEqual(["w1 down w1 10.2.0.0", "w2 ready w2 10.2.0.1"]);
  world.faults.act(powerOn("w1~2"));
  runUntil(world, 90);
  expect(there().at(-1)).toBe("w1~2 ready w1 10.2.0.0");
  expect(world.hosts.filter(({ state }) => state === "up").map(({ name }) => name)).toEqual(
    expect.arrayContaining(["w1~2", "w2"]),
  );
});

describe("processes and clocks", () => {
  test("containers outlive a killed daemon", () => {
    const world = worldOf(topology);
    const web = service("web", { image: "web:1", replicas: 5 });
    runUntil(world, 30);
    world.faults.act({ do: "create", service: web });
    runUntil(world, 60);
    const running = () =>
      world.hosts.map(
        ({ executor }) => executor.existing().filter((each) => each.state === "running").length,
      );
    const before = running();
    expect(before.reduce((sum, each) => sum + each, 0)).toBe(5);
    world.faults.act(kill("all"));
    expect(running()).toEqual(before);
    world.faults.act(restart("all"));
    runUntil(world, 120);
    expect(running()).toEqual(before);
  });

  test("a machine answers in place of its daemon, unless it is off itself", () => {
    const answersOf = (fault: Action) => {
      const { kernel, faults } = worldOf(topology);
      runUntil({ kernel }, 30);
      faults.act(fault);
      const events: (SimEvent | null)[] = [];
      while ((kernel.nextAt ?? 0) < 60e6) events.push(kernel.step());
      return events.filter((event) => event?.kind === EventKind.UNREACHABLE).length;
    };
    expect(answersOf(kill("leader"))).toBeGreaterThan(0);
    expect(answersOf(crash("leader"))).toBe(0);
  });

  test("a leader sends no more than it must to a manager whose daemon is killed", () => {
    const world = worldOf(topology);
    runUntil(world, 30);
    world.faults.act(kill("m2"));
    world.faults.act({ do: "create", service: service("web", { image: "web:1" }) });
    runUntil(world, 32);
    const leader = world.hosts.find(({ raft }) => raft?.role === "leader");
    const followed = leader?.raft?.progress().map(({ member, state }) => [member, state]);
    expect(followed).toContainEqual(["m2", "probe"]);
  });

  test("a daemon that crashes in a loop comes back each time", () => {
    const lines = told(
      story({
        steps: [at("30s", crashLoop("m1", { after: "2s", times: 5 })), at("60s", network({}))],
      }),
    );
    expect(lines.filter((line) => line === "m1 starts again")).toHaveLength(5);
  });

  test("a clock that leaps ahead makes a timer due", () => {
    const { hosts, kernel, faults } = worldOf(topology);
    const clock = hosts[0]?.clock;
    runUntil({ kernel }, 30);
    const [now, calendar] = [clock?.now() ?? 0, clock?.calendar() ?? 0];
    faults.act(jumpClock("m1", "1h"));
    expect((clock?.now() ?? 0) - now).toBe(3_600_000_000);
    expect((clock?.calendar() ?? 0) - calendar).toBe(3_600_000_000);
    const steps = [at("40s", jumpClock("all", "10m")), at("50s", driftClock("m1", -100))];
    expect(told(story({ steps }))).toContain("the clock of m1 runs 100 millionths slow");
  });
});

describe("what a machine has", () => {
  const worker = { cpus: 4, memory: "2GiB", generic: { gpu: ["a", "b"] }, labels: { disk: "ssd" } };

  test("the cluster hears of it at the next start, and what is not named is as before", () => {
    const world = worldOf({ managers: 1, workers: [worker] } as Topology);
    const known = () => world.history.view.nodes.get("w1")?.description;
    runUntil(world, 30);
    const before = known();
    world.faults.act(refit("w1", { cpus: 1, generic: { gpu: ["b"] }, plugins: ["Log/local"] }));
    runUntil(world, 40);
    const { memoryBytes = 0 } = before?.resources ?? {};
    expect(known()).toMatchObject({
      resources: { nanoCpus: 1e9, memoryBytes },
      genericResources: new Map([["gpu", { kind: "named", ids: ["b"] }]]),
      engineLabels: new Map([["disk", "ssd"]]),
      plugins: ["Log/local"],
    });
    world.faults.act(refit("w1"));
    runUntil(world, 50);
    expect(known()).toEqual(before);
  });

  test("what is off finds it when it is started, and what stays as it was is not told", () => {
    const steps = [at("20s", crash("w2")), at("30s", refit("workers", { cpus: 2 }))];
    const again = [at("40s", restart("w2")), at("50s", refit("workers", { cpus: 2 }))];
    const lines = told(story({ steps: [...steps, ...again] }));
    expect(lines.filter((line) => line.includes("comes to have"))).toEqual([
      "w1 comes to have cpus 2",
      "w2 comes to have cpus 2",
    ]);
  });
});

describe("what runs containers", () => {
  test("nothing is done nor answered while it hangs, and everything afterwards", () => {
    const lines = told(
      story({ steps: [at("5s", hangDaemon("all")), at("60s", freeDaemon("all"))] }),
    );
    expect(lines.filter((line) => line.includes("answers again"))).toHaveLength(5);
  });

  test("slow starts and failures are conditions like others", () => {
    const conditions = { pullMean: "5s", startMean: "2s", startFailures: 30 } as const;
    const steps = [at("1s", containers(conditions)), at("90s", containers({ startFailures: 0 }))];
    const lines = told(story({ steps }));
    expect(lines).toContain("containers: pulls take 5s, starts take 2s, 30 % of starts fail");
    expect(lines).toContain("containers: no start fails");
  });
});

test("steps that can't be meant are refused", () => {
  const wrong = (action: Action, other: Partial<ScenarioPlan> = {}) =>
    checkScenario(story({ ...other, steps: [at("30s", action)] }))
      .map(({ reason }) => reason)
      .join();
  expect(wrong(freeDisk("m1"))).toContain("has a full disk");
  expect(wrong(freeDaemon("w1"))).toContain("has a daemon that hangs");
  expect(wrong(wipeDisk("m1"), { topology: { managers: 1, workers: 2 } })).toContain(
    "only manager",
  );
  const lease: Topology = { ...topology, raft: { reads: "lease" } };
  expect(wrong(jumpClock("m1", "1s"), { topology: lease })).toContain("clocks that neither leap");
  expect(wrong(freeze("m1"), { topology: lease })).toContain("nor stand still");
  expect(wrong(clog(["all"], "rest", "1s"))).toContain("names every node");
  expect(wrong(kill("m9"))).toContain('no node "m9"');
  expect(
    wrong(partitionAtRandom("isolate-one"), {
      topology: { managers: 1, workers: 0 },
      services: [],
      expect: [],
    }),
  ).toContain("parted");
});
