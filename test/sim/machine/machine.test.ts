import { expect, test } from "vitest";
import { seconds } from "../../../core/base/time.ts";
import { explore, simulate } from "../../../sim/library.ts";
import {
  type Machine,
  type MachineInput,
  type MachineNode,
  type MachineOutput,
  type MachinePlan,
  machines,
} from "../../../sim/machine/machine.ts";
import {
  at,
  crash,
  drain,
  heal,
  jumpClock,
  network,
  partition,
  pause,
  restart,
  resume,
} from "../../../sim/scenario/dsl.ts";

// Goal: a user's own machines live on the simulator's own network, clocks and disks.

interface Tick {
  readonly kind: "tick";
  readonly count: number;
}

/** Counts the seconds of its clock, keeps the count, and tells the other. */
class Counter implements Machine<Tick, number> {
  readonly seen: MachineInput<Tick, number>[] = [];
  readonly #other: string;
  count = 0;

  constructor(other: string) {
    this.#other = other;
  }

  step(input: MachineInput<Tick, number>): MachineOutput<Tick, number>[] {
    this.seen.push(input);
    if (input.kind === "start") this.count = input.kept ?? 0;
    if (input.kind === "message" || input.kind === "kept") return [];
    if (input.kind === "timer") this.count += 1;
    return [
      { kind: "keep", value: this.count },
      { kind: "send", to: this.#other, message: { kind: "tick", count: this.count } },
      { kind: "wake", after: seconds(1) },
    ];
  }
}

/** Every counter that was started, the newest of a node last. */
function counters(): { plan: MachinePlan<Counter>; of: (node: string) => Counter[] } {
  const started: { node: string; counter: Counter }[] = [];
  const plan: MachinePlan<Counter> = {
    name: "counters",
    story: "Two machines count.",
    nodes: ["a", "b"],
    start: (node) => {
      const counter = new Counter(node === "a" ? "b" : "a");
      started.push({ node, counter });
      return counter;
    },
    lasting: "29500ms",
    invariants: [],
  };
  const of = (name: string) =>
    started.filter(({ node }) => node === name).map(({ counter }) => counter);
  return { plan, of };
}

async function lives(steps: MachinePlan<Counter>["steps"] = []) {
  const { plan, of } = counters();
  const result = await simulate(machines({ ...plan, steps }), { seed: 1, reports: null });
  return { result, of };
}

const messages = ({ seen }: Counter) => seen.filter(({ kind }) => kind === "message");

test("machines are started, woken, told and kept", async () => {
  const { result, of } = await lives();
  const [a] = of("a");
  expect(a?.seen[0]).toMatchObject({ kind: "start", kept: null, now: 0 });
  expect(a?.count).toBe(29);
  expect(a?.seen.filter(({ kind }) => kind === "kept").length).toBe(30);
  expect(messages(a as Counter)).toHaveLength(30);
  expect(result.messages).toEqual({ sent: 60, dropped: 0 });
});

test("after a crash a machine starts with what was safe, and its clock begins anew", async () => {
  const { of } = await lives([at("10500ms", crash("a")), at("20s", restart("a"))]);
  const [first, second] = of("a");
  expect(first?.count).toBe(10);
  expect(second?.seen[0]).toMatchObject({ kind: "start", kept: 10, now: 0 });
  expect(second?.count).toBe(19);
});

test("a pause holds everything up, and a partition loses messages one way or both", async () => {
  const paused = await lives([at("10500ms", pause("a")), at("20500ms", resume("a"))]);
  expect(paused.of("a")[0]?.count).toBeLessThan(21);
  expect(messages(paused.of("a")[0] as Counter)).toHaveLength(30);
  const cut = await lives([at("10500ms", partition(["a"], ["b"])), at("20500ms", heal())]);
  expect(messages(cut.of("b")[0] as Counter)).toHaveLength(20);
  expect(cut.result.messages.dropped).toBe(20);
});

test("clocks leap and networks are bad for them as for the cluster", async () => {
  const leapt = await lives([at("10500ms", jumpClock("a", "5s"))]);
  expect(leapt.of("a")[0]?.seen.at(-1)?.now).toBeGreaterThan(34e6);
  const lossy = await lives([at("1s", network({ loss: 50 }))]);
  expect(lossy.result.messages.dropped).toBeGreaterThan(10);
});

test("one seed is one run, another is another", async () => {
  const steps = [at("1s", network({ loss: 30 }))];
  const [one, same] = [await lives(steps), await lives(steps)];
  expect(one.result.digest).toBe(same.result.digest);
  const { plan } = counters();
  const other = await simulate(machines({ ...plan, steps }), { seed: 2, reports: null });
  expect(other.digest).not.toBe(one.result.digest);
});

test("an invariant breaks the run at the event that broke it", async () => {
  const { plan } = counters();
  const broken = machines<Counter>({
    ...plan,
    invariants: [
      {
        name: "below-five",
        broken: (nodes) => {
          const five = nodes.find(({ machine }) => (machine?.count ?? 0) >= 5);
          return five === undefined ? null : `${five.name} counts to five`;
        },
      },
    ],
  });
  const failed = await simulate(broken, { reports: null }).catch((error) => error);
  const [violation] = failed.result.violations;
  expect(violation).toMatchObject({ invariant: "below-five", detail: "a counts to five" });
  expect(violation.at).toBeCloseTo(5, 3);
  expect(failed.result.checks["below-five"]).toBe(1 + failed.result.events);
  expect(failed.result.lastEvents.at(-1)).toContain("wake a");
});

test("an invariant of the end is looked at once, when the time is over", async () => {
  const { plan } = counters();
  const name = "far";
  const broken = (nodes: readonly MachineNode<Counter>[]) =>
    nodes.every(({ machine }) => machine?.count === 29) ? null : "they have not counted far";
  const far = machines<Counter>({ ...plan, invariants: [{ name, when: "end", broken }] });
  expect(await simulate(far, { reports: null })).toMatchObject({ checks: { far: 1 } });
  const short = machines({ ...far, lasting: "10s" });
  const failed = await simulate(short, { reports: null }).catch((error) => error);
  expect(failed.result.violations).toMatchObject([{ invariant: "far" }]);
  expect(failed.result.evidence).toContainEqual(
    expect.stringMatching(/^ {2}a up seen=.* count=\d+$/),
  );
});

const oddOnes: readonly (readonly [why: string, answer: () => unknown])[] = [
  ['TypeError: it sends to "c", which is no node', () => [{ kind: "send", to: "c", message: {} }]],
  ["TypeError: it answers undefined, which is no list", () => undefined],
  [
    "TypeError: it is to wake after NaN, which is no number of microseconds",
    () => [{ kind: "wake", after: Number.NaN }],
  ],
  ['TypeError: it wants "sned" done; it may send, keep and wake', () => [{ kind: "sned" }]],
  [
    "Error: no idea",
    () => {
      throw new Error("no idea");
    },
  ],
];
test.each(oddOnes)("%s: the run fails, and says at which node and when", async (why, answer) => {
  const { plan } = counters();
  class Odd extends Counter {
    override step(input: MachineInput<Tick, number>): MachineOutput<Tick, number>[] {
      return input.kind === "timer" ? (answer() as never) : super.step(input);
    }
  }
  const subject = machines({ ...plan, start: () => new Odd("b") });
  const { result, message } = await explore(subject, { reports: null }).catch((error) => error);
  expect(result.violations).toMatchObject([
    { invariant: "exception", detail: why, node: expect.stringMatching(/a|b/) },
  ]);
  expect(message).toContain("counters, seed 1: exception broke at 1.0");
});

/** Does nothing at all, so that nothing ever happens. */
const idle: MachinePlan<Machine<Tick, number>> = {
  name: "idle",
  story: "Nothing happens.",
  nodes: ["a", "b"],
  start: () => ({ step: () => [] }),
  lasting: "30s",
  invariants: [],
};

async function failureOf(plan: MachinePlan<Machine<Tick, number>>) {
  const failed = await simulate(machines(plan), { reports: null }).catch((error) => error);
  return failed.result.violations[0];
}

test("what is wrong from the start on is seen, though nothing ever happens", async () => {
  const invariants = [{ name: "never", broken: () => "it is so" }];
  expect(await failureOf({ ...idle, invariants })).toMatchObject({ invariant: "never", at: 0 });
});

test("at the end the clocks show that the time is over", async () => {
  const shown: number[] = [];
  const broken = (nodes: readonly MachineNode<unknown>[]) => {
    shown.push(...nodes.map(({ now }) => now));
    return null;
  };
  const subject = machines({ ...idle, invariants: [{ name: "late", when: "end", broken }] });
  expect(await simulate(subject)).toMatchObject({ simulatedSeconds: 30 });
  expect(shown).toEqual([30e6, 30e6]);
});

test("what a user wrote and throws fails the run, wherever it stands", async () => {
  const fails = () => {
    throw new Error("no idea");
  };
  const invariants = [{ name: "odd", broken: fails }];
  const said = { invariant: "exception", detail: "Error: no idea" };
  expect(await failureOf({ ...idle, start: fails })).toMatchObject(said);
  expect(await failureOf({ ...idle, invariants })).toMatchObject(said);
  const silent = [{ name: "odd", broken: () => undefined as never }];
  expect(await failureOf({ ...idle, invariants: silent })).toMatchObject({
    detail: "TypeError: the invariant odd says undefined, neither words nor null",
  });
});

const { invariants: _none, ...named } = idle;
const twins = [1, 2].map(() => ({ name: "twin", broken: () => null }));
test.each<[problem: string, plan: object]>([
  ["nodes: there is none", { nodes: [] }],
  ['nodes: two are named "a"', { nodes: ["a", "a"] }],
  ["nodes[0]: name: ", { nodes: ["a b"] }],
  ['lasting: "soon" is not a span of time', { lasting: "soon" }],
  ['lasting: "0s" is not a span of time', { lasting: "0s" }],
  ["steps[0] at 40s heal: there is no partition", { steps: [at("40s", heal())] }],
  ["steps[0] at 40s crash: comes when the run is over", { steps: [at("40s", crash("a"))] }],
  ["chaos: comes when the run is over", { chaos: { from: "40s", until: "50s" } }],
  ["steps[0] at 1s availability: is about a cluster", { steps: [at("1s", drain("a"))] }],
  [
    "chaos: unhealthy: is about a cluster",
    { chaos: { from: "1s", until: "9s", unhealthy: { every: ["1s", "2s"] } } },
  ],
  ['invariants: two are named "twin"', { invariants: twins }],
])("%s: machines are refused before anything runs", async (problem, plan) => {
  const subject = machines({ ...named, invariants: [], ...plan });
  const failed: unknown = await simulate(subject).catch((error: unknown) => error);
  const { name, message } = failed as Error;
  expect({ name, message }).toEqual({
    name: "TypeError",
    message: expect.stringContaining(`\n  ${problem}`),
  });
});

test("what is for scenarios is refused of machines", async () => {
  const options = { until: "5s", clients: 2 } as const;
  await expect(simulate(machines(idle), options)).rejects.toThrow(/^idle: 2 problems\n/);
});

test("steps are held against the nodes before anything runs", async () => {
  const { plan } = counters();
  const wrong = machines({ ...plan, steps: [at("1s", crash("c"))] });
  await expect(simulate(wrong)).rejects.toThrow(/counters: 1 problem\n {2}steps\[0\]/);
});

/** Counts as the other does, and does besides what no machine should. */
class Odd extends Counter {
  override step(input: MachineInput<Tick, number>): MachineOutput<Tick, number>[] {
    if (input.kind === "timer") odd.does();
    return super.step(input);
  }
}
const odd = { does: (): void => undefined };

test("what asks the world outside, or keeps something between two runs, is refused", async () => {
  const { plan } = counters();
  let runs = 0;
  const start = (node: string) => {
    if (node === "a") runs += 1;
    return new Odd(runs % 2 === 0 ? "a" : "b");
  };
  const subject = machines({ ...plan, start: () => new Odd("b") });
  for (const does of [() => void Math.random(), () => void Date.now()]) {
    odd.does = does;
    await expect(explore(subject, { seeds: 1, reports: null })).rejects.toThrow(
      /seed 1: exception broke at .* Error: the run asked for (Math\.random|Date)\n/,
    );
  }
  odd.does = () => undefined;
  await explore(subject, { seeds: 1, reports: null });
  await expect(explore(machines({ ...plan, start }), { reports: null })).rejects.toThrow(
    "counters, seed 1: two runs of the same seed differ; machines must depend on nothing but",
  );
});
