import { describe, expect, test } from "vitest";
import {
  at,
  atLeast,
  availability,
  completed,
  create,
  empty,
  eventually,
  image,
  remove,
  removed,
  rollback,
  running,
  scale,
  service,
  update,
} from "../../../sim/scenario/dsl.ts";
import { said, steps, web } from "../../support/sound-plan.ts";

// Goal: a scenario that can't work is refused before it runs, in words that say what to do.
// Method: one sound plan, spoilt in one place each; the whole text of the refusal is compared.

describe("checkScenario() refuses a service that", () => {
  const one = 'services[0] "web": ';
  const fewer = "plan fewer or smaller tasks, or more nodes that they may run on";

  test.each([
    [
      "has no image",
      web({ image: "" }),
      `${one}ContainerSpec: image reference must be provided`,
      `the cluster would refuse the service`,
    ],
    [
      "has a constraint that is none",
      web({ constraints: ["a=b"] }),
      `${one}constraint expected one operator from ==, !=`,
      `the cluster would refuse the service`,
    ],
    [
      "has no name for a host",
      { services: [service("a b", { image: "x" })] },
      'services[0] "a b": name must be valid as a DNS name component',
      "the cluster would refuse the service",
    ],
    [
      "reserves less than nothing",
      web({ cpus: -1 }),
      `${one}invalid cpu value -1: Must be at least 0.001`,
      `the cluster would refuse the service`,
    ],
    [
      "is named like another",
      { services: [service("a", { image: "x" }), service("a", { image: "x" })] },
      'services[1] "a": a service of this name exists already',
      "choose another name, or update the one that exists",
    ],
    [
      "may run nowhere",
      web({ constraints: ["engine.labels.zone==c"] }),
      `${one}no node meets "engine.labels.zone==c"`,
      `change the constraint, or give some node what it asks for`,
    ],
    [
      "may run nowhere for two reasons",
      web({ constraints: ["node.role==manager", "engine.labels.disk==ssd"] }),
      `${one}no node meets "node.role==manager" and "engine.labels.disk==ssd"`,
      `change the constraint, or give some node what it asks for`,
    ],
    [
      "is made for other machines",
      web({ platforms: ["windows/", "linux/arm64"] }),
      `${one}no node is of windows/ or linux/arm64`,
      `change the platforms, or plan such a node`,
    ],
    [
      "is made for what is no platform",
      web({ platforms: ["linux"] }),
      `${one}platforms[0]: "linux" is not a platform`,
      `write linux/arm64, or linux/ for any`,
    ],
    [
      "is larger than any node",
      web({ cpus: 9, memory: "1GiB" }),
      `${one}a task reserves 9 cpus and 1GiB, more than any node that it may run on has`,
      `reserve less; the nodes have 4 cpus and 8GiB or 8 cpus and 8GiB`,
    ],
    [
      "is larger than the nodes of its zone",
      web({ cpus: 5, constraints: ["engine.labels.zone==a"] }),
      `${one}a task reserves 5 cpus, more than any node that it may run on has`,
      `reserve less; the nodes have 4 cpus and 8GiB`,
    ],
    [
      "is to run on every node, and one is too small",
      web({ mode: "global", cpus: 5 }),
      `${one}a task reserves 5 cpus, more than m1 has`,
      "reserve less, or constrain the service to the nodes that have so much",
    ],
    [
      "is a job with an update config",
      web({ mode: "global-job", update: { parallelism: 2 } }),
      `${one}Jobs may not have an update config`,
      "the cluster would refuse the service",
    ],
    [
      "has too many tasks",
      web({ memory: "3GiB", replicas: 13 }),
      `${one}13 tasks of 3GiB each do not fit: there is room for 12`,
      fewer,
    ],
  ])("%s", (_what, parts, reason, help) => {
    expect(said(parts)).toEqual([`${reason} / ${help}`]);
  });

  test("grows beyond the cluster", () => {
    const plan = { ...web({ cpus: 1, replicas: 28 }), ...steps(at("9s", scale("web", 29))) };
    expect(said(plan)).toEqual([
      `steps[0] at 9s scale: 29 tasks of 1 cpu each do not fit: there is room for 28 / ${fewer}`,
    ]);
  });

  test("is updated to what no node has", () => {
    const change = { memory: "9GiB", constraints: ["node.role==worker"] } as const;
    expect(said({ ...web({}), ...steps(at("9s", update("web", change))) })).toEqual([
      "steps[0] at 9s update: a task reserves 9GiB, more than any node that it may run on has " +
        "/ reserve less; the nodes have 4 cpus and 8GiB or 8 cpus and 8GiB",
    ]);
  });

  test("fits alone, but not beside another", () => {
    const services = [
      service("a", { image: "a", cpus: 1, replicas: 8, constraints: ["engine.labels.zone==a"] }),
      service("b", { image: "b", cpus: 2, replicas: 2, constraints: ["node.hostname==w1"] }),
      service("c", { image: "c", cpus: 1 }),
    ];
    const reason = '"a" and "b" together reserve 12 cpus; there is 8 cpus and 16GiB for them';
    const text = `${reason} / ${fewer}`;
    expect(said({ services })).toEqual([`services: ${text}`]);
    const list = steps(at("9s", create(services[1] as never)), at("10s", scale("c", 2)));
    expect(said({ services: [services[0], services[2]] as never, ...list })).toEqual([
      `steps[0] at 9s create: ${text}`,
    ]);
  });
});

test("checkScenario() refuses a rollback of a service that is not there", () => {
  expect(said(steps(at("9s", rollback("wbe"))))).toEqual([
    'steps[0] at 9s rollback: there is no service "wbe" at that time / did you mean "web"?',
  ]);
});

describe("checkScenario() refuses an expectation", () => {
  const last = "expect what the last step leaves, or change that step";
  const scaled = steps(at("9s", scale("web", 6)), at("10s", update("web", { image: "web:2" })));

  test.each([
    [
      "about an unknown service",
      eventually(running("wbe", 6)),
      'eventually: there is no service "wbe"',
      'did you mean "web"?',
    ],
    [
      "about an unknown node",
      eventually(empty("w33")),
      'eventually: there is no node "w33"',
      'did you mean "w3"?',
    ],
    [
      "of more tasks than there will be",
      eventually(atLeast("web", 7)),
      `eventually: at least 7 of "web" do not eventually run: it ends with 6 replicas`,
      last,
    ],
    [
      "of fewer tasks than there will be",
      eventually(running("web", 4)),
      `eventually: 4 of "web" do not eventually run: it ends with 6 replicas`,
      last,
    ],
    [
      "of an image that was replaced",
      eventually(image("web", "web:1")),
      'eventually: "web" does not end with the image "web:1", but "web:2"',
      "expect the image of the last update",
    ],
    [
      "of a removal that does not happen",
      eventually(removed("web")),
      'eventually: nothing removes the service "web"',
      "remove it in a step, or leave out the expectation",
    ],
    [
      "that asks for nothing",
      availability("web", {}),
      "availability: nothing is asked of it",
      "give lowest, below, starts, or more of them",
    ],
    [
      "of more tasks than ever run",
      availability("web", { lowest: 7 }),
      `availability: lowest: 7 of "web" never run: it ends with 6 replicas`,
      last,
    ],
  ])("%s", (_what, expectation, reason, help) => {
    expect(said({ ...scaled, expect: [expectation] })).toEqual([`expect[0] ${reason} / ${help}`]);
  });

  test("but of no image or count where a rollback may have the last word", () => {
    const goal = eventually(image("web", "web:1"));
    const changed = at(
      "9s",
      update("web", { image: "web:2", update: { failureAction: "rollback" } }),
    );
    expect(said({ ...steps(changed), expect: [goal] })).toEqual([]);
    const back = steps(at("9s", update("web", { image: "web:2" })), at("10s", rollback("web")));
    expect(said({ ...back, expect: [goal, eventually(running("web", 3))] })).toEqual([]);
  });

  test("about a service that a step removes", () => {
    const list = steps(at("9s", remove("web")));
    expect(said({ ...list, expect: [eventually(running("web", 4))] })).toEqual([
      'expect[0] eventually: the service "web" is removed at 9s ' +
        '/ expect removed("web"), or do not remove it',
    ]);
  });
});

describe("checkScenario() refuses chaos that", () => {
  const chaos = { from: "10s", until: "20s" } as const;

  test("ends before it begins", () => {
    expect(said({ chaos: { from: "10s", until: "10s" } })).toEqual([
      "chaos: until: 10s is not after 10s, when it begins " +
        "/ give it some time between from and until",
    ]);
  });

  test("commands no service", () => {
    expect(said({ services: [], chaos: { ...chaos, commands: { every: ["1s", "2s"] } } })).toEqual([
      "chaos: commands: there is no service to command / plan one in services",
    ]);
  });

  test("parts a single node", () => {
    const partitions = { every: ["1s", "2s"], lasting: ["1s", "2s"] } as const;
    const topology = { managers: 1, workers: 0 };
    expect(said({ topology, chaos: { ...chaos, partitions } })).toEqual([
      "chaos: partitions: a single node can't be parted / plan more nodes",
    ]);
  });
});

test("checkScenario() takes a constraint on labels of nodes, which a step gives them", () => {
  expect(said(web({ constraints: ["node.labels.disk==ssd"] }))).toEqual([]);
});

describe("checkScenario() of modes", () => {
  const job = web({ mode: "replicated-job", replicas: 40, maxConcurrent: 4, cpus: 1 });
  const ends = "expect what the last step leaves, or change that step";

  test("takes a job for what it runs at once, and a global service for one on each node", () => {
    expect(said({ ...job, expect: [eventually(completed("web", 40))] })).toEqual([]);
    const global = web({ mode: "global", cpus: 4 });
    expect(said({ ...global, expect: [eventually(running("web", 5))] })).toEqual([]);
  });

  test("refuses expectations that no job or global service can meet", () => {
    const where = "expect[0] eventually";
    expect(said({ ...job, expect: [eventually(completed("web", 39))] })).toEqual([
      `${where}: "web" completes 40 times, not 39 / ${ends}`,
    ]);
    expect(said({ ...web({}), expect: [eventually(completed("web", 1))] })).toEqual([
      `${where}: "web" is no job, so that it never completes / ` +
        'expect running(), or give the service the mode "replicated-job" or "global-job"',
    ]);
    const tooMany = web({ mode: "global" });
    expect(said({ ...tooMany, expect: [eventually(running("web", 7))] })).toEqual([
      `${where}: 7 of "web" do not eventually run: it ends with 6 replicas / ${ends}`,
    ]);
  });
});
