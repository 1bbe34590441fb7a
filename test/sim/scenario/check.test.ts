import { describe, expect, test } from "vitest";
import {
  activate,
  at,
  availability,
  crash,
  create,
  drain,
  driftClock,
  empty,
  eventually,
  heal,
  image,
  network,
  partition,
  partitionOneWay,
  pause,
  remove,
  removed,
  restart,
  resume,
  running,
  scale,
  service,
  skewClock,
  update,
} from "../../../sim/scenario/dsl.ts";
import { said, steps, web } from "../../support/sound-plan.ts";

// Goal: a scenario that can't work is refused before it runs, in words that say what to do.
// Method: one sound plan, spoilt in one place each; the whole text of the refusal is compared.

describe("checkScenario() finds nothing wrong with", () => {
  test("every action in its place", () => {
    const list = steps(
      at("5s", network({ loss: 3, latencyMean: "2ms" })),
      at("10s", partition(["leader", "a worker"], "rest")),
      at("10s", partitionOneWay(["zone:a"], ["managers"])),
      at("20s", heal()),
      at("30s", crash("leader")),
      at("30s", crash("a worker")),
      at("31s", pause("w1")),
      at("40s", restart("all")),
      at("41s", resume("w1")),
      at("50s", skewClock("m1", "-1h")),
      at("50s", driftClock("followers", -200)),
      at("60s", create(service("api", { image: "api:1", memory: "64MiB", cpus: 0.5 }))),
      at("70s", scale("web", 6)),
      at("70s", update("web", { image: "web:2", update: { parallelism: 2 } })),
      at("80s", remove("api")),
      at("90s", drain("zone:b")),
      at("99s", activate("w3")),
    );
    const wanted = [
      eventually(running("web", 6)),
      eventually(image("web", "web:2")),
      eventually(removed("api")),
      eventually(empty("w1")),
      availability("web", { lowest: 3, below: "1m" }),
    ];
    expect(said({ ...list, expect: wanted })).toEqual([]);
  });

  test("constraints that some node meets", () => {
    const constraints = [
      "node.role==worker",
      "engine.labels.zone!=a",
      "engine.labels.disk==ssd",
      "node.hostname==w3",
    ];
    expect(said(web({ constraints }))).toEqual([]);
    expect(said(web({ constraints: ["node.id==abc"] }))).toEqual([]);
  });

  test("steps that chaos may have made sensible", () => {
    const chaos = {
      from: "10s",
      until: "50s",
      crashes: { every: ["5s", "9s"], downFor: ["1s", "2s"] },
      partitions: { every: ["5s", "9s"], lasting: ["1s", "2s"] },
      commands: { every: ["5s", "9s"] },
    } as const;
    const list = steps(at("20s", restart("w1")), at("21s", heal()), at("60s", resume("w1")));
    expect(said({ ...list, chaos, expect: [eventually(running("web", 5))] })).toEqual([]);
  });

  test("services that fill the cluster to the last processor", () => {
    expect(said(web({ cpus: 4, replicas: 7 }))).toEqual([]);
  });

  test("fewer tasks than replicas, where stopped tasks are not replaced", () => {
    const plan = web({ replicas: 4, restart: { condition: "none" } });
    expect(said({ ...plan, expect: [eventually(running("web", 3))] })).toEqual([]);
  });
});

describe("checkScenario() refuses a topology with", () => {
  const workers = 2;

  test.each([
    [
      "no managers",
      { managers: [], workers },
      "topology: managers: there is none",
      "plan at least one: managers keep the cluster's state",
    ],
    [
      "more managers than can agree",
      { managers: 101, workers },
      "topology: 101 managers are too many",
      "plan at most 100, and workers for the rest",
    ],
    [
      "too many machines",
      { managers: 3, workers: 9_998 },
      "topology: 10001 machines are too many",
      "plan at most 10000",
    ],
    [
      "a name that selects",
      { managers: [{ name: "all" }], workers },
      'topology.managers[0]: name: "all" is a word that selects nodes',
      "choose another name",
    ],
    [
      "a name that is none",
      { managers: [{ name: "a_b" }], workers },
      'topology.managers[0]: name: "a_b" is not a host name',
      "use letters, digits and hyphens, 63 at most",
    ],
    [
      "a name for many",
      { managers: 1, workers: [{ name: "x", count: 1 }] },
      "topology.workers[0]: name and count do not go together",
      "leave out one: machines with a count are named for their number",
    ],
    [
      "one name twice",
      { managers: [{ name: "m2" }, {}], workers },
      'topology: two nodes are named "m2"',
      "without a name, a node is called m1, m2, ... or w1, w2, ... by its place in its list",
    ],
    [
      "two zones for one node",
      { managers: 1, workers: [{ zone: "a", labels: { zone: "b" } }] },
      'topology.workers[0]: zone: is "a", but the label zone is "b"',
      "leave out the label: the zone sets it",
    ],
    [
      "an empty zone",
      { managers: 1, workers: [{ zone: "" }] },
      "topology.workers[0]: zone: is empty",
      "name the zone, or leave it out",
    ],
    [
      "hasty elections",
      { managers: 1, workers, raft: { electionTicks: 2, heartbeatTicks: 2 } },
      "topology: raft: 2 electionTicks are not more than 2 heartbeatTicks",
      "followers must wait for several heartbeats before they elect; Swarm has 10 and 1",
    ],
    [
      "certificates that end too soon",
      { managers: 1, workers, cluster: { certExpiry: "30m" as const } },
      "topology: cluster: certExpiry: 30m is too short",
      "certificates are good for 1h at least",
    ],
    [
      "subnets that are larger than what they are taken from",
      { managers: 1, workers, defaultAddressPool: ["10.9.0.0/24"], subnetSize: 16 },
      "topology: SubnetSize: subnets of /16 are not to be had of 10.9.0.0/24",
      "give defaultAddressPool blocks that have no address in common, and room for subnets",
    ],
    [
      "subnets for versions that have none",
      { managers: 1, workers, level: 3, subnetSize: 26 },
      "topology: defaultAddressPool, subnetSize: a version of level 3 has no overlays",
      "leave them out, or begin with a newer version",
    ],
    [
      "a margin that nothing looks at",
      { managers: 1, workers, raft: { maxClockDriftPpm: 500 } },
      "topology: raft: maxClockDriftPpm is for lease reads, and reads are safe",
      'add reads: "lease", or leave it out',
    ],
    [
      "a margin that leaves no lease",
      {
        managers: 1,
        workers,
        raft: { reads: "lease" as const, electionTicks: 4, maxClockDriftPpm: 5e5 + 1 },
      },
      "topology: raft: 4 electionTicks leave no lease where clocks may differ by 500001 millionths",
      "every read would ask a quorum: plan more electionTicks, less drift or safe reads",
    ],
  ])("%s", (_what, topology, reason, help) => {
    expect(said({ topology, services: [] })).toEqual([`${reason} / ${help}`]);
  });
});

test("checkScenario() refuses clocks that are more wrong than certificates bear", () => {
  const chaos = { from: "10s", until: "50s", clockSkew: ["0s", "10m"] } as const;
  const topology = { managers: 1, workers: 2, cluster: { certExpiry: "1h" } } as const;
  expect(said({ topology, services: [], chaos })).toEqual([
    "chaos: clockSkew: with clocks so wrong nobody can say which certificates are good / " +
      "a tenth of their life is the most: 6m",
  ]);
  const commands = { every: ["5s", "9s"] } as const;
  const hours = { ...chaos, clockSkew: ["0s", "72m"], commands } as const;
  expect(said({ ...web({}), chaos: hours })).toEqual([]);
});

describe("checkScenario() refuses a step", () => {
  const known =
    "known: m1, m2, m3, w1, w2, w3, leader, followers, a follower, managers, workers, a worker " +
    "and 3 more";
  const sides = 'name each node on one side; "rest" is all that from leaves';

  test.each([
    [
      "before the one above it",
      steps(at("9s", drain("w1")), at("8s", drain("w2"))),
      "steps[1] at 8s availability: comes after a step at 9s",
      "put the steps in the order of their times",
    ],
    [
      "about an unknown node",
      steps(at("9s", crash("m9"))),
      `steps[0] at 9s crash: nodes: there is no node "m9"`,
      known,
    ],
    [
      "with a misspelt word",
      steps(at("9s", crash("a wroker"))),
      'steps[0] at 9s crash: nodes: there is no node "a wroker"',
      'did you mean "a worker"?',
    ],
    [
      "about an unknown zone",
      steps(at("9s", pause("zone:c"))),
      'steps[0] at 9s pause: nodes: no node is in zone "c"',
      "known: a and b",
    ],
    [
      "that heals nothing",
      steps(at("9s", heal())),
      "steps[0] at 9s heal: there is no partition to heal",
      "a partition must come before it, and heal only once",
    ],
    [
      "that heals twice",
      steps(at("7s", partition(["m1"], "rest")), at("8s", heal()), at("9s", heal())),
      "steps[2] at 9s heal: there is no partition to heal",
      "a partition must come before it, and heal only once",
    ],
    [
      "that parts a node from itself",
      steps(at("9s", partition(["m1", "w1"], ["w1"]))),
      `steps[0] at 9s partition: "w1" is on both sides`,
      sides,
    ],
    [
      "that parts the leader from the managers",
      steps(at("9s", partition(["leader"], ["managers"]))),
      `steps[0] at 9s partition: "leader" and "managers" overlap`,
      sides,
    ],
    [
      "that parts a worker from the workers",
      steps(at("9s", partition(["a worker"], ["workers"]))),
      `steps[0] at 9s partition: "a worker" and "workers" overlap`,
      sides,
    ],
    [
      "that leaves no rest",
      steps(at("9s", partition(["leader", "followers", "workers"], "rest"))),
      'steps[0] at 9s partition: to: from names every node, so there is no "rest"',
      "leave some node out of from",
    ],
    [
      "with rest in a list",
      steps(at("9s", partition(["m1"], ["rest"]))),
      'steps[0] at 9s partition: to[0]: "rest" is not a node',
      'write "rest" alone, not in a list',
    ],
    [
      "with an empty side",
      steps(at("9s", partition(["m1"], []))),
      "steps[0] at 9s partition: to: names no node",
      "name at least one node",
    ],
    [
      "that restarts what is up",
      steps(at("9s", restart("w1"))),
      "steps[0] at 9s restart: w1 is not down: it is up",
      'crash it before, or restart nodes by name, or "all"',
    ],
    [
      "that restarts a worker that is drawn among those up",
      steps(at("8s", crash("a worker")), at("9s", restart("a worker"))),
      'steps[1] at 9s restart: nodes: "a worker" is always a node that is up',
      'crash it before, or restart nodes by name, or "all"',
    ],
    [
      "that resumes what is not paused",
      steps(at("9s", resume("workers"))),
      'steps[0] at 9s resume: none of "workers" is paused',
      "pause or freeze it before",
    ],
    [
      "that crashes what is down",
      steps(at("8s", crash("zone:b")), at("9s", crash("w3"))),
      "steps[1] at 9s crash: w3 is not up: it is down",
      "crash a node that is up, or restart it before",
    ],
    [
      "that pauses what is down",
      steps(at("8s", crash("all")), at("9s", pause("w3"))),
      "steps[1] at 9s pause: w3 is not up: it is down",
      "pause a node that is up, or restart or resume it before",
    ],
    [
      "about a service that is not there",
      steps(at("9s", scale("wbe", 3))),
      'steps[0] at 9s scale: there is no service "wbe" at that time',
      'did you mean "web"?',
    ],
    [
      "about a service that comes later",
      steps(at("8s", scale("api", 3)), at("9s", create(service("api", { image: "a" })))),
      'steps[0] at 8s scale: there is no service "api" at that time',
      "known: web",
    ],
    [
      "about a service that is gone",
      steps(at("8s", remove("web")), at("9s", update("web", { image: "x" }))),
      'steps[1] at 9s update: the service "web" was removed at 8s',
      "create it again before, or leave out this step",
    ],
    [
      "that creates what exists",
      steps(at("9s", create(service("web", { image: "x" })))),
      "steps[0] at 9s create: a service of this name exists already",
      "choose another name, or update the one that exists",
    ],
  ])("%s", (_what, parts, reason, help) => {
    expect(said(parts)).toEqual([`${reason} / ${help}`]);
  });

  test("about the followers of a single manager", () => {
    const topology = { managers: 1, workers: 1 };
    expect(said({ topology, ...steps(at("9s", crash("a follower"))) })).toEqual([
      'steps[0] at 9s crash: nodes: the only manager has no followers / name it: "m1"',
    ]);
  });

  test("about workers where there are none", () => {
    const topology = { managers: 1, workers: 0 };
    expect(said({ topology, ...steps(at("9s", crash("workers"))) })).toEqual([
      "steps[0] at 9s crash: nodes: there are no workers / plan some in topology.workers",
    ]);
  });
});
