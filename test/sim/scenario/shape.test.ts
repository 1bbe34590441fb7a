import fc from "fast-check";
import { expect, test } from "vitest";
import { checkScenario } from "../../../sim/scenario/check.ts";
import { at, crash, heal, type ScenarioPlan, service } from "../../../sim/scenario/dsl.ts";

// Goal: whatever a file exports that no compiler has seen, it is refused with the place and the
// reason, and never with an exception. Method: a sound plan with single values exchanged, and
// random plans with random values anywhere in them.

const sound = {
  name: "sound",
  story: "Nothing is wrong with it.",
  topology: { managers: 1, workers: [{ cpus: 2 }] },
  services: [service("web", { image: "web:1" })],
  steps: [at("10s", crash("w1"))],
  expect: [],
};

function said(parts: object): string[] {
  const problems = checkScenario({ ...sound, ...parts } as ScenarioPlan);
  return problems.map(({ where, reason, help }) => `${where}: ${reason} / ${help}`);
}

const chaos = { from: "1s", until: "2s" };
const web = { name: "web", image: "web:1" };

test.each<[object, string, string]>([
  [{ name: 3 }, "name: expected text, got 3", "write it in quotes"],
  [{ name: undefined }, "name: is missing, expected text", "write it in quotes"],
  [{ name: " " }, "name: is empty", "write a few words"],
  [{ name: "two\nlines" }, "name: has a line end or a control character", "write it on one line"],
  [
    { story: "" },
    "story: is empty",
    "write one or two sentences: what happens, what a reader sees",
  ],
  [{ servces: [] }, 'scenario: unknown key "servces"', 'did you mean "services"?'],
  [
    { services: null },
    "services: expected a list, got null",
    "write it in square brackets: [a, b]",
  ],
  [
    { topology: { managers: "3", workers: 1 } },
    'topology: managers: expected a number or a list, got "3"',
    "write a plain number, without quotes; or write it in square brackets: [a, b]",
  ],
  [
    { topology: { managers: 3 } },
    "topology: workers: is missing, expected a number or a list",
    "write a plain number; or write it in square brackets: [a, b]",
  ],
  [
    { topology: { managers: 1, workers: [{}, { cpuz: 1 }] } },
    'topology.workers[1]: unknown key "cpuz"',
    'did you mean "cpus"?',
  ],
  [
    { topology: { managers: 1, workers: [{ memory: "8GB" }] } },
    'topology.workers[0]: memory: "8GB" is not an amount of memory',
    "write a number and its unit: 64MiB, 2GiB",
  ],
  [
    { topology: { managers: 1, workers: [{ cpus: 0 }] } },
    "topology.workers[0]: cpus: 0 is not a number of processors",
    "give at least 0.001",
  ],
  [
    { topology: { managers: 1.5, workers: 1 } },
    "topology: managers: 1.5 is not a whole number",
    "give a whole number from 1 to 10000",
  ],
  [
    { topology: { managers: 1, workers: 1, raft: { tick: "0s" } } },
    "topology: raft.tick: 0s is no time at all",
    "give at least 1us",
  ],
  [
    { topology: { managers: 1, workers: 1, raft: { reads: "leases" } } },
    'topology: raft.reads: unknown value "leases"',
    'did you mean "lease"?',
  ],
  [
    {
      topology: { managers: 1, workers: 1, raft: { reads: "lease", maxClockDriftPpm: 2_000_001 } },
    },
    "topology: raft.maxClockDriftPpm: 2000001 is too many",
    "give a whole number from 0 to 2000000",
  ],
  [
    { steps: [{ at: 60, action: { do: "crash", nodes: "m1" } }] },
    "steps[0] crash: at: expected a span of time, got 60",
    'write it in quotes, with its unit: "20ms", "1.5s", "2m"',
  ],
  [
    { steps: [{ do: "crash", nodes: "m1" }] },
    "steps[0]: crash is to happen at no time",
    'write when: at("20s", ...) around it',
  ],
  [
    { expect: [{ goal: "running", service: "web", count: 1 }] },
    'expect[0]: "running" is expected at no time',
    "write when: eventually(...) or always(...) around it",
  ],
  [
    { services: [{ name: "web" }] },
    'services[0] "web": image: is missing, expected text',
    "write it in quotes",
  ],
  [
    { services: [{ ...web, replicas: Number.NaN }] },
    'services[0] "web": replicas: expected a number, got NaN',
    "write a plain number",
  ],
  [
    { services: [{ ...web, cpus: Number.POSITIVE_INFINITY }] },
    'services[0] "web": cpus: expected a number, got Infinity',
    "write a plain number",
  ],
  [
    { services: [{ ...web, replicas: -1 }] },
    'services[0] "web": replicas: -1 is negative',
    "give a whole number from 0 to 100000",
  ],
  [
    { services: [{ ...web, replicas: 1e6 }] },
    'services[0] "web": replicas: 1000000 is too many',
    "give a whole number from 0 to 100000",
  ],
  [
    { services: [{ ...web, restart: { condition: "on-failures" } }] },
    'services[0] "web": restart.condition: unknown value "on-failures"',
    'did you mean "on-failure"?',
  ],
  [
    { steps: [{ at: "10s", action: heal }] },
    "steps[0] at 10s: expected an object, got a function",
    "call it, with its parentheses",
  ],
  [
    { steps: [{ at: "-5s", action: crash("w1") }] },
    "steps[0] at -5s crash: at: -5s is negative",
    "a time counts from the start, or from an event",
  ],
  [
    { steps: [{ at: "5 s", action: crash("w1") }] },
    'steps[0] at 5 s crash: at: "5 s" is not a span of time',
    "write a number and its unit: 250us, 20ms, 1.5s, 2m, 1h",
  ],
  [
    { steps: [{ at: "9000h", action: crash("w1") }] },
    "steps[0] at 9000h crash: at: 9000h is longer than a year",
    "a run simulates hours, or days",
  ],
  [
    { steps: [{ at: "5s", action: { do: "crsh", nodes: "w1" } }] },
    'steps[0] at 5s crsh: do: unknown action "crsh"',
    'did you mean "crash"?',
  ],
  [
    { steps: [{ at: "5s", action: { do: "crash", node: "w1", nodes: "w1" } }] },
    'steps[0] at 5s crash: unknown key "node"',
    'did you mean "nodes"?',
  ],
  [
    { steps: [{ at: "5s", action: { do: "partition", from: "m1", to: "rest", oneWay: false } }] },
    'steps[0] at 5s partition: from: expected a list, got "m1"',
    "write it in square brackets: [a, b]",
  ],
  [
    { steps: [{ at: "5s", action: { do: "partition", from: ["m1"], to: "w1", oneWay: false } }] },
    'steps[0] at 5s partition: to: expected "rest" or a list, got "w1"',
    'write "rest"; or write it in square brackets: [a, b]',
  ],
  [
    { steps: [{ at: "5s", action: { do: "network", conditions: { loss: 101 } } }] },
    "steps[0] at 5s network: conditions.loss: 101 is not a percentage",
    "give a number from 0 to 100",
  ],
  [
    { steps: [{ at: "5s", action: { do: "drift-clock", nodes: "w1", ppm: 1e6 } }] },
    "steps[0] at 5s drift-clock: ppm: 1000000 is too much",
    "give at most 500000 millionths: a clock half as fast again",
  ],
  [{ clients: 0 }, "clients: 0 is too few", "give a whole number from 1 to 100"],
  [{ clients: 1.5 }, "clients: 1.5 is not a whole number", "give a whole number from 1 to 100"],
  [
    { chaos: { ...chaos, clockDriftPpm: [1, 1.5] } },
    "chaos: clockDriftPpm[1]: 1.5 is not a whole number",
    "give whole millionths",
  ],
  [
    { chaos: { ...chaos, loss: [1] } },
    "chaos: loss: expected a list of two, got a list of 1",
    "write it as [lowest, highest]",
  ],
  [
    { chaos: { ...chaos, loss: [5, 1] } },
    "chaos: loss: the range descends from 5 to 1",
    "lowest first",
  ],
  [
    { chaos: { ...chaos, crashes: { every: ["1s", "2s"], downFor: ["2s", "1500ms"] } } },
    "chaos: crashes.downFor: the range descends from 2s to 1500ms",
    "lowest first",
  ],
  [
    { chaos: { ...chaos, clockDriftPpm: [-5, 5] } },
    "chaos: clockDriftPpm[0]: -5 is negative",
    "give its size: both ways are meant",
  ],
  [
    { expect: [{ expect: "eventualy", goal: { goal: "empty", node: "w1" } }] },
    'expect[0] eventualy: expect: unknown expectation "eventualy"',
    'did you mean "eventually"?',
  ],
  [
    { expect: [{ expect: "always", goal: { goal: "runing", service: "web", count: 1 } }] },
    'expect[0] always: goal.goal: unknown goal "runing"',
    'did you mean "running"?',
  ],
])("checkScenario() refuses what no compiler has seen: %#", (parts, reason, help) => {
  expect(said(parts)).toEqual([`${reason} / ${help}`]);
});

test.each([null, undefined, 3, "text", [], () => 1])("checkScenario() refuses %s", (value) => {
  const [problem] = checkScenario(value as never);
  expect(problem?.where).toBe("scenario");
});

test("checkScenario() says everything at once, and still looks for what makes no sense", () => {
  const steps = [at("5s", crash("w9")), { at: "4 s", action: crash("w1") }];
  const services = [
    { ...web, replicas: -1 },
    { ...web, image: "" },
  ];
  expect(said({ steps, services }).map((text) => text.replace(/ \/ .*/, ""))).toEqual([
    'services[0] "web": replicas: -1 is negative',
    'steps[1] at 4 s crash: at: "4 s" is not a span of time',
    'services[1] "web": a service of this name exists already',
    'steps[0] at 5s crash: nodes: there is no node "w9"',
  ]);
});

const time = fc.constantFrom("0s", "5s", "10s", "1m", "90s", "-3s", "x", "1e9h");
const node = fc.constantFrom(
  "m1",
  "m2",
  "w1",
  "w2",
  "leader",
  "a worker",
  "all",
  "zone:a",
  "m9",
  "",
);
const name = fc.constantFrom("web", "api", "db", "a b", "constructor", "__proto__");
const size = fc.oneof(fc.integer({ min: -2, max: 60 }), fc.double());
const plan = fc.record(
  {
    image: fc.constantFrom("a", "b", ""),
    replicas: size,
    cpus: size,
    memory: fc.constantFrom("1GiB", "9GiB", "1KiB", "5"),
    constraints: fc.array(fc.constantFrom("node.role==worker", "engine.labels.zone==a", "x")),
  },
  { requiredKeys: ["image"] },
);
const action = fc.oneof(
  fc.record({ do: fc.constant("heal") }),
  fc.record({ do: fc.constantFrom("crash", "restart", "pause", "resume"), nodes: node }),
  fc.record({
    do: fc.constant("partition"),
    from: fc.array(node, { maxLength: 3 }),
    to: fc.oneof(fc.constant("rest"), fc.array(node, { maxLength: 3 })),
    oneWay: fc.boolean(),
  }),
  fc.record({ do: fc.constant("scale"), service: name, replicas: size }),
  fc.record({ do: fc.constant("update"), service: name, change: plan }),
  fc.record({ do: fc.constant("remove"), service: name }),
  fc.record({
    do: fc.constant("create"),
    service: fc.tuple(name, plan).map(([called, made]) => service(called, made as never)),
  }),
);
const machines = fc.oneof(
  fc.integer({ min: 0, max: 5 }),
  fc.array(fc.record({ name: node, zone: fc.constantFrom("a", "b"), cpus: size })),
  fc.array(fc.record({ count: fc.integer({ min: -1, max: 5 }) })),
);
const scenarios = fc.record({
  name: fc.constant("random"),
  story: fc.constant("Anything may happen."),
  topology: fc.record({ managers: machines, workers: machines }),
  services: fc.array(
    fc.tuple(name, plan).map(([called, made]) => service(called, made as never)),
    { maxLength: 4 },
  ),
  steps: fc.array(fc.record({ at: time, action }), { maxLength: 12 }),
  expect: fc.array(
    fc.record({
      expect: fc.constantFrom("eventually", "always"),
      goal: fc.record({ goal: fc.constantFrom("running", "at-least"), service: name, count: size }),
    }),
  ),
});

test("checkScenario() never throws, for plans in the words of the language", () => {
  fc.assert(
    fc.property(scenarios, (random) => {
      for (const { where, reason, help } of checkScenario(random as never)) {
        expect(where).not.toBe("");
        expect(`${reason} ${help}`).not.toMatch(/undefined|\[object/);
      }
    }),
    { numRuns: 500 },
  );
});

test("checkScenario() never throws, whatever stands anywhere in a plan", () => {
  fc.assert(
    fc.property(scenarios, fc.anything(), fc.nat(), (random, value, at) => {
      checkScenario(withValue(random, value, at) as never);
    }),
    { numRuns: 1_000 },
  );
});

test("checkScenario() names what can't be made a text of", () => {
  const [problem] = said({ steps: [at("1s", { do: Object.create(null) } as never)] });
  expect(problem).toContain("unknown action an object");
});

/** The same, but for one place in it, which holds `value`. */
function withValue(tree: unknown, value: unknown, at: number): unknown {
  if (typeof tree !== "object" || tree === null || at % 7 === 0) return value;
  const keys = Object.keys(tree);
  const chosen = keys[at % Math.max(1, keys.length)];
  if (chosen === undefined) return value;
  const copy = Array.isArray(tree) ? [...tree] : { ...tree };
  Reflect.set(copy, chosen, withValue(Reflect.get(tree, chosen), value, Math.floor(at / 3)));
  return copy;
}
