import { describe, expect, test } from "vitest";
import { Exploration, generation, type Trial } from "../../../sim/explore/exploration.ts";
import { chaosMost } from "../../../sim/explore/menu.ts";
import { checkScenario } from "../../../sim/scenario/check.ts";
import type { ScenarioPlan } from "../../../sim/scenario/dsl.ts";
import { span } from "../../../sim/scenario/units.ts";
import { scenarioNamed } from "../scenario-named.ts";

// Goal: what is explored follows from the seeds and the shard alone, and is always a sound plan.

const plans = await Promise.all(
  ["random-chaos", "partition", "lease-reads"].map((name) => scenarioNamed(name)),
);

const aroundMonths = await scenarioNamed("certificate-expired-while-off");

/** Plays so many trials; each reaches what `statesOf` says, and is taken `late` places later. */
function played(count: number, late: number, shard = { index: 1, count: 1 }): Trial[] {
  const exploration = new Exploration(plans, 1, shard);
  const trials: Trial[] = [];
  let taken = 0;
  for (let place = 0; place < count; place += 1) {
    while (taken <= place - late) {
      exploration.take(taken, trials[taken] as Trial, statesOf(taken));
      taken += 1;
    }
    trials.push(exploration.trialAt(place));
  }
  return trials;
}

const statesOf = (place: number) => (place % 5 === 0 ? [place] : []);

describe("Exploration", () => {
  test("makes the same trials however many are under way at once, also in a long one", () => {
    expect(played(1_500, 1)).toEqual(played(1_500, generation));
  });

  test("draws sound plans, and varies those that reached something new into sound ones", () => {
    const trials = played(400, 1);
    for (const { plan } of trials) expect(checkScenario(plan)).toEqual([]);
    const seen = new Set<unknown>();
    const bred = trials.filter(({ plan }) => {
      const kinds = Object.values(plan.chaos ?? {}).filter((kind) => typeof kind === "object");
      const hasOfEarlier = kinds.some((kind) => seen.has(kind));
      for (const kind of kinds) seen.add(kind);
      return hasOfEarlier;
    });
    expect(bred.length).toBeGreaterThan(150);
    expect(trials.filter(({ branch }) => branch !== null).length).toBeGreaterThan(20);
    const chaos = trials.map(({ plan }) => JSON.stringify(plan.chaos));
    expect(new Set(chaos).size).toBeGreaterThan(300);
  });

  test("varies those that reached more than is usual, not each that reached something", () => {
    const isRich = ({ plan: { chaos } }: Trial) =>
      ["crashes", "partitions", "kills"].every((kind) => kind in (chaos ?? {}));
    const exploration = new Exploration(plans.slice(0, 1), 1, { index: 1, count: 1 });
    const rich: boolean[] = [];
    for (let place = 0; place < 600; place += 1) {
      const trial = exploration.trialAt(place);
      rich.push(isRich(trial));
      const states = Array.from({ length: isRich(trial) ? 20 : 2 }, (_, at) => place * 20 + at);
      exploration.take(place, trial, states);
    }
    const share = (part: boolean[]) => part.filter(Boolean).length / part.length;
    expect(share(rich.slice(0, generation))).toBeLessThan(0.25);
    expect(share(rich.slice(-200))).toBeGreaterThan(0.45);
  });

  test("leaves kinds of faults out of each run, and none out of all", () => {
    const trials = played(200, 1);
    const kinds = trials.map(({ plan }) => Object.keys(plan.chaos ?? {}).length - 4);
    expect(Math.min(...kinds)).toBeLessThan(9);
    expect(Math.max(...kinds)).toBeGreaterThan(17);
    const all = new Set(trials.flatMap(({ plan }) => Object.keys(plan.chaos ?? {})));
    for (const kind of ["diskDamage", "daemonHangs", "clogs", "kills", "commands"]) {
      expect(all).toContain(kind);
    }
  });

  test("keeps chaos short and moves steps little where a scenario takes months", () => {
    const exploration = new Exploration([aroundMonths], 1, { index: 1, count: 1 });
    for (let place = 0; place < 300; place += 1) {
      const trial = exploration.trialAt(place);
      exploration.take(place, trial, [place]);
      const { chaos, steps = [] } = trial.plan;
      if (trial.plan === aroundMonths) continue;
      expect(checkScenario(trial.plan)).toEqual([]);
      expect(span(chaos?.until ?? "0s") - span(chaos?.from ?? "0s")).toBeLessThanOrEqual(chaosMost);
      expect(span(chaos?.from ?? "0s")).toBeGreaterThan(span("2399h"));
      expect(span(steps[0]?.at ?? "0s")).toBeLessThan(span("1h"));
    }
  });

  test("plays each scenario now and then as it is written", () => {
    const written = played(600, 1).filter(({ plan }) => plans.includes(plan));
    expect(written.length).toBeGreaterThan(30);
    expect(written.length).toBeLessThan(120);
    expect(new Set(written.map(({ plan }) => plan))).toEqual(new Set(plans));
    expect(written.filter(({ branch }) => branch !== null)).toEqual([]);
  });

  test("does not let clocks leap or stand still where reads trust in them", () => {
    const onLease = played(200, 1).filter(({ plan }) => plan.topology.raft?.reads === "lease");
    expect(onLease.length).toBeGreaterThan(30);
    for (const kind of ["clockJumps", "freezes"])
      for (const { plan } of onLease) expect(plan.chaos).not.toHaveProperty(kind);
  });

  test("keeps of a script only what is said of many runs", () => {
    const drawn = played(60, 1).filter(({ plan }) => !plans.includes(plan));
    const scripts = drawn.filter(({ plan }) => plan.name === plans[1]?.name);
    const expectations = scripts.flatMap(({ plan }: { plan: ScenarioPlan }) => plan.expect);
    expect(expectations.filter(({ expect: kind }) => kind === "eventually")).toEqual([]);
  });

  test("does not keep which machines a script leaves whole, for faults come on top", async () => {
    const named = await scenarioNamed("engine-hangs-for-good");
    expect(named).toHaveProperty("core");
    const { plan } = new Exploration([named], 1, { index: 1, count: 1 }).trialAt(0);
    expect(plan).not.toHaveProperty("core");
  });

  test("gives every shard trials of its own, together all of them", () => {
    const numbers = [1, 2, 3].flatMap((index) =>
      played(40, 1, { index, count: 3 }).map(({ number }) => number),
    );
    expect(numbers.sort((left, right) => left - right)).toEqual(
      Array.from({ length: 120 }, (_, at) => at + 1),
    );
  });
});
