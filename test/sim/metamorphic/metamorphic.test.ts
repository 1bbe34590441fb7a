import { describe, expect, test } from "vitest";
import type { ScenarioPlan, Step, Topology } from "../../../sim/scenario/dsl.ts";
import { at, crash, network, restart, scale } from "../../../sim/scenario/dsl.ts";
import { outcomeOf } from "./outcome.ts";
import { workload } from "./workload.ts";

// Goal: what users get does not depend on what must not matter: faults that have healed, the names
// of machines, how slow the network is, how often snapshots are taken, how many managers there are.
// Method: many drawn workloads, each run in both ways and compared; and for each kind one more run
// with a difference planted in it, which the comparison must see.

const workloads = Array.from({ length: 8 }, (_, at) => at + 1);
const three: Topology = { managers: 3, workers: 4 };

/** The plan with more steps, in the order of their times. */
function withSteps(plan: ScenarioPlan, ...more: Step[]): ScenarioPlan {
  const time = ({ at: text }: Step) => Number.parseFloat(text);
  const steps = [...(plan.steps ?? []), ...more].sort((left, right) => time(left) - time(right));
  return { ...plan, steps };
}

/** A service that the last step leaves with another size than it had. */
function different(plan: ScenarioPlan): ScenarioPlan {
  const odd = { name: "odd", image: "odd:1", replicas: 2 };
  return withSteps({ ...plan, services: [...plan.services, odd] }, at("101s", scale("odd", 7)));
}

function same(plan: ScenarioPlan): ScenarioPlan {
  const odd = { name: "odd", image: "odd:1", replicas: 2 };
  return withSteps({ ...plan, services: [...plan.services, odd] }, at("101s", scale("odd", 6)));
}

const faults = {
  chaos: {
    from: "35s",
    until: "110s",
    crashes: { every: ["10s", "20s"], downFor: ["1s", "10s"] },
    pauses: { every: ["10s", "20s"], lasting: ["1s", "10s"] },
    partitions: { every: ["10s", "20s"], lasting: ["1s", "15s"] },
    loss: [1, 10],
    latencyMean: ["1ms", "50ms"],
  },
  core: ["m1", "m2", "m3", "w1", "w2", "w3", "w4"],
} as const;

describe("faults that have healed", () => {
  test.each(workloads)("leave what users asked for, in workload %i", (number) => {
    const plan = workload(number, three, false);
    const { desired } = outcomeOf({ ...plan, ...faults });
    expect(desired).toEqual(outcomeOf(plan).desired);
  });

  test("and a difference would be seen", () => {
    const plan = workload(1, three, false);
    const { desired } = outcomeOf({ ...different(plan), ...faults });
    expect(desired).not.toEqual(outcomeOf(same(plan)).desired);
  });
});

describe("the names of machines", () => {
  const names = (managers: readonly string[], workers: readonly string[]): Topology => ({
    managers: managers.map((name) => ({ name })),
    workers: workers.map((name) => ({ name })),
  });
  const one = names(["a", "b", "c"], ["d", "e", "f", "g"]);
  const other = names(["g", "d", "e"], ["c", "a", "f", "b"]);

  test.each(workloads)("change who runs what and not how much, in workload %i", (number) => {
    const [left, right] = [one, other].map((each) => outcomeOf(workload(number, each)));
    expect(right?.shape).toEqual(left?.shape);
  });

  test("and a difference would be seen", () => {
    const left = outcomeOf(same(workload(1, one)));
    expect(outcomeOf(different(workload(1, other))).shape).not.toEqual(left.shape);
  });
});

describe("a network half as fast", () => {
  const slow = at("1s", network({ latencyMin: "400us", latencyMean: "600us" }));
  const usual = at("1s", network({ latencyMin: "200us", latencyMean: "300us" }));

  test.each(workloads)("leads to the same decisions, in workload %i", (number) => {
    const plan = workload(number, three);
    const { decisions } = outcomeOf(withSteps(plan, slow));
    expect(decisions).toEqual(outcomeOf(withSteps(plan, usual)).decisions);
    expect(decisions.length).toBeGreaterThan(2);
  });

  test("and a difference would be seen", () => {
    const plan = workload(1, three);
    const { decisions } = outcomeOf(withSteps(different(plan), slow));
    expect(decisions).not.toEqual(outcomeOf(withSteps(same(plan), usual)).decisions);
  });
});

describe("snapshots", () => {
  const every: Topology = {
    ...three,
    raft: { snapshotInterval: 1, logEntriesForSlowFollowers: 0 },
  };
  const never: Topology = { ...three, raft: { snapshotInterval: 99_999 } };
  /** Managers that must catch up, from a snapshot where there is no log. */
  const outages = [at("50s", crash("m2")), at("70s", restart("m2"))];

  test.each(workloads)("after each entry or never are the same, in workload %i", (number) => {
    const [often, none] = [every, never].map((topology) =>
      outcomeOf(withSteps(workload(number, topology), ...outages)),
    );
    expect(often?.desired).toEqual(none?.desired);
    expect(often?.answers).toEqual(none?.answers);
  });

  test("and a difference would be seen", () => {
    const { desired } = outcomeOf(different(workload(1, every)));
    expect(desired).not.toEqual(outcomeOf(same(workload(1, never))).desired);
  });
});

describe("one, three or five managers", () => {
  test.each(workloads)("answer users the same, in workload %i", (number) => {
    const [one, three, five] = [1, 3, 5].map((managers) =>
      outcomeOf(workload(number, { managers, workers: 8 - managers })),
    );
    expect(three?.answers).toEqual(one?.answers);
    expect(five?.answers).toEqual(one?.answers);
    expect(one?.answers.length).toBeGreaterThan(2);
  });

  test("and a difference would be seen", () => {
    const plan = workload(1, { managers: 1, workers: 7 });
    const more = withSteps(plan, at("102s", scale("api", 2)), at("103s", scale("web", 3)));
    expect(outcomeOf(more).answers).not.toEqual(outcomeOf(plan).answers);
  });
});
