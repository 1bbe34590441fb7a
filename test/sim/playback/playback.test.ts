import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import type { ClusterFrame } from "../../../core/observe/frame.ts";
import type { CommandOutcome, PlaybackCommand } from "../../../core/observe/source.ts";
import { plant } from "../../../sim/planted.ts";
import type { HandCommand } from "../../../sim/playback/by-hand.ts";
import { Playback } from "../../../sim/playback/playback.ts";
import { Tape, type TapeLimits } from "../../../sim/playback/tape.ts";
import { type Recording, recordRun } from "../../../sim/record/recording.ts";
import { checkScenario } from "../../../sim/scenario/check.ts";
import type { ScenarioPlan } from "../../../sim/scenario/dsl.ts";
import { loadScenario } from "../../../sim/scenario/load.ts";
import { printScenario } from "../../../sim/scenario/print.ts";
import { simulate } from "../../../sim/simulate.ts";
import { scenarioNamed } from "../scenario-named.ts";

// Goal: whichever way one has come to a moment, it shows what a straight run had at that moment;
// and a run that was acted on is the run of the plan that was written down of it.

const seed = "3";
const slice = 200;
let chaos: ScenarioPlan;
let partition: ScenarioPlan;
let straight: Recording;

beforeAll(async () => {
  chaos = await scenarioNamed("random-chaos");
  partition = await scenarioNamed("partition");
  straight = recordRun(partition, seed);
});

function play(of: ScenarioPlan, bug: string | null = null, limits?: TapeLimits): Playback {
  const planted = bug === null ? noBug : plant(bug);
  return new Playback({ plan: of, seed, options: () => ({}), planted, ...(limits && { limits }) });
}

/** What came of a command, as soon as it is done. */
function control(playback: Playback, command: PlaybackCommand): CommandOutcome {
  return finished(playback, (done) => playback.control(command, done));
}

function act(playback: Playback, command: HandCommand): CommandOutcome {
  return finished(playback, (done) => playback.act(command, done));
}

function finished(
  playback: Playback,
  ask: (done: (outcome: CommandOutcome) => void) => void,
): CommandOutcome {
  const found: CommandOutcome[] = [];
  ask((outcome) => found.push(outcome));
  for (let part = 0; playback.isBusy && part < 100_000; part += 1) playback.work(slice);
  expect(found).toHaveLength(1);
  return found[0] as CommandOutcome;
}

function toSecond(playback: Playback, seconds: number): void {
  control(playback, { kind: "jump", to: "start", direction: "back" });
  control(playback, { kind: "step", by: "second", count: seconds });
}

function jump(playback: Playback, to: "election" | "fault" | "violation" | "end" | "start") {
  return control(playback, { kind: "jump", to, direction: "forward" });
}

const move = fc.oneof(
  fc.record({
    kind: fc.constant("step" as const),
    by: fc.constantFrom("event" as const, "second" as const),
    count: fc.integer({ min: -60, max: 60 }),
  }),
  fc.record({
    kind: fc.constant("jump" as const),
    to: fc.constantFrom("election" as const, "fault" as const, "violation" as const),
    direction: fc.constantFrom("forward" as const, "back" as const),
  }),
  fc.record({ kind: fc.constant("play" as const), us: fc.integer({ min: 1, max: 30_000_000 }) }),
);

test("a moment shows the same, however it was reached", () => {
  fc.assert(
    fc.property(fc.array(move, { minLength: 1, maxLength: 12 }), (moves) => {
      const playback = play(partition);
      for (const each of moves) {
        if (each.kind !== "play") control(playback, each);
        else {
          control(playback, { kind: "play", direction: "forward" });
          playback.elapse(each.us, 1_000_000);
          control(playback, { kind: "pause" });
        }
        const { frame } = playback.moment();
        const isAfter = straight.timeOf(frame.event) === frame.at;
        const expected = isAfter ? straight.after(frame.event) : straight.at(frame.at);
        expect(frame).toEqual(expected);
      }
    }),
    { numRuns: 25 },
  );
});

/** So little that nearly all of the run is beyond it. */
const tight: TapeLimits = { events: 100, versions: 1_000, lines: 20 };

test("of what is far behind some moments are known, and each event once it is asked for", () => {
  const playback = play(partition, null, tight);
  const isSame = (frame: ClusterFrame) => {
    const { event, at } = frame;
    const isAfter = straight.timeOf(event) === at || straight.eventsUntil(at) !== event;
    expect(frame).toEqual(isAfter ? { ...straight.after(event), at } : straight.at(at));
  };
  jump(playback, "end");
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 380 }), fc.array(move, { maxLength: 6 }), (at, moves) => {
      toSecond(playback, at);
      isSame(playback.moment().frame);
      control(playback, { kind: "step", by: "event", count: -1 });
      const { frame } = playback.moment();
      const before = Math.max(0, straight.eventsUntil(at * 1e6) - 1);
      expect(frame).toEqual(straight.after(before));
      for (const each of moves) {
        if (each.kind === "play") continue;
        control(playback, each);
        isSame(playback.moment().frame);
      }
    }),
    { numRuns: 15 },
  );
  jump(playback, "end");
  expect(playback.digest).toBe(straight.result.digest);
});

test("jumps find the same elections and faults, however much of the run is known", () => {
  const [all, some] = [play(partition), play(partition, null, tight)];
  for (const playback of [all, some]) {
    jump(playback, "end");
    control(playback, { kind: "jump", to: "start", direction: "back" });
  }
  for (const direction of ["forward", "back"] as const) {
    for (const to of ["election", "election", "election", "fault", "fault", "fault"] as const) {
      const outcomes = [all, some].map((each) => control(each, { kind: "jump", to, direction }));
      expect(outcomes[0]).toEqual(outcomes[1]);
      expect(some.moment().frame).toEqual(all.moment().frame);
    }
  }
});

test("what is done by hand far behind is done to the cluster as it was then", () => {
  const [all, some] = [play(partition), play(partition, null, tight)];
  for (const playback of [all, some]) {
    jump(playback, "end");
    toSecond(playback, 60.0005);
    expect(act(playback, { kind: "crash", node: "w4" }).ok).toBe(true);
  }
  const [{ frame, availability }, other] = [all.moment(), some.moment()];
  expect(other).toMatchObject({ frame, availability });
  expect(some.plan).toEqual(all.plan);
});

test("what is kept of a run has a bound, and its beginning is a part of it", () => {
  const tape = new Tape(chaos, seed, {}, noBug, tight);
  const known = () => {
    const events = Array.from({ length: tape.count + 1 }, (_, n) => tape.positionAfter(n).event);
    return new Set(events);
  };
  const sizes: number[] = [];
  while (!tape.play(Number.MAX_SAFE_INTEGER, slice)) sizes.push(known().size);
  expect(tape.count).toBeGreaterThan(4 * tight.versions);
  expect(Math.max(...sizes)).toBeLessThan(tight.versions + 2 * tight.events + slice);
  expect(known().has(0)).toBe(true);
  const kinds = new Set(tape.lines(tape.positionAfter(tape.count >> 1)).map(({ kind }) => kind));
  expect([...kinds].every((kind) => ["election", "fault", "heal"].includes(kind))).toBe(true);
});

test("time goes backwards as fast as it goes forwards, to the start", () => {
  const playback = play(partition);
  toSecond(playback, 30);
  control(playback, { kind: "play", direction: "back" });
  playback.elapse(12_345_678, slice);
  expect(playback.moment().frame).toEqual(straight.at(17_654_322));
  expect(playback.playback.playing).toBe("back");
  const { event } = playback.moment().frame;
  playback.elapse(null, 100);
  expect(playback.moment().frame).toEqual(straight.after(event - 100));
  playback.elapse(30_000_000, slice);
  expect(playback.moment().frame).toEqual(straight.after(0));
  expect(playback.playback.playing).toBeNull();
  const again = control(playback, { kind: "play", direction: "back" });
  expect(again).toEqual({ ok: false, text: "this is the start" });
});

test("a long jump tells how far it is, and can be stopped where it began", () => {
  const playback = play(chaos);
  const outcomes: CommandOutcome[] = [];
  const kind = { kind: "jump", to: "end", direction: "forward" } as const;
  playback.control(kind, (outcome) => outcomes.push(outcome));
  const seen = [1, 2, 3].map(() => {
    playback.work(slice);
    return playback.playback.underWay;
  });
  expect(seen.map((each) => each?.what)).toEqual(["to the end", "to the end", "to the end"]);
  expect(seen[2]?.at).toBeGreaterThan(seen[0]?.at ?? 0);
  playback.control({ kind: "stop" }, (outcome) => outcomes.push(outcome));
  expect(outcomes.map(({ text }) => text)).toEqual(["", "stopped"]);
  expect(playback.isBusy).toBe(false);
  expect(playback.moment()).toMatchObject({ frame: { at: 0 }, playback: { underWay: null } });
});

test("at the end the run is the one that a straight run is", () => {
  const playback = play(chaos);
  expect(jump(playback, "end").ok).toBe(true);
  expect(playback.digest).toBe(simulate(chaos, seed).digest);
  const { frame, events, playback: state } = playback.moment();
  const whole = recordRun(chaos, seed);
  expect(frame).toEqual(whole.at(frame.at));
  expect(frame.event).toBe(whole.events);
  expect(events.at(-1)?.text).toBe("pass: every property held");
  expect(state).toMatchObject({ isOver: true, playing: null, known: frame.at });
});

test("time played in small parts goes as far as time played at once", () => {
  const playback = play(partition);
  control(playback, { kind: "play", direction: "forward" });
  for (let part = 0; part < 400; part += 1) playback.elapse(100_000, 10_000);
  const { frame } = playback.moment();
  expect(frame).toEqual(straight.at("40s"));
  playback.elapse(null, 100);
  expect(playback.moment().frame.event).toBe(frame.event + 100);
});

test("jumps find elections and faults, forwards and backwards, and say where there is none", () => {
  const playback = play(partition);
  jump(playback, "election");
  expect(playback.moment().events.at(-1)).toMatchObject({ kind: "election" });
  const { at: first } = playback.moment().frame;
  jump(playback, "fault");
  expect(playback.moment().frame.at).toBe(40_000_000);
  expect(playback.moment().events.at(-1)?.text).toContain("partition");
  while (jump(playback, "fault").ok);
  const { at: last } = playback.moment().frame;
  expect(jump(playback, "fault")).toEqual({ ok: false, text: "there is no fault up to the end" });
  expect(playback.moment().frame.at).toBe(last);
  const back = { kind: "jump", to: "election", direction: "back" } as const;
  while (control(playback, back).ok);
  expect(playback.moment().frame.at).toBe(first);
  expect(control(playback, back).text).toBe("there is no election before this");
  expect(jump(playback, "violation")).toEqual({ ok: false, text: "nothing breaks up to the end" });
});

test("a jump to what breaks shows it, and where one goes back it is not broken yet", () => {
  const playback = play(chaos, "R01");
  expect(jump(playback, "violation").ok).toBe(true);
  const { violations, events } = playback.moment();
  expect(violations).toHaveLength(1);
  const mark = { kind: "violation", at: violations[0]?.at };
  expect(playback.playback.marks.at(-1)).toMatchObject(mark);
  expect(events.at(-1)?.text).toContain(violations[0]?.invariant);
  expect(act(playback, { kind: "isolate", node: "m1" }).text).toContain("go back first");
  control(playback, { kind: "step", by: "event", count: -1 });
  expect(playback.moment().violations).toEqual([]);
});

/** The plan as it comes back from a scenario file. */
async function saved(of: ScenarioPlan): Promise<ScenarioPlan> {
  const written = mkdtempSync(join(tmpdir(), "playback-"));
  const file = join(written, "by-hand.ts");
  writeFileSync(file, printScenario(of));
  const scenario = await loadScenario(file);
  rmSync(written, { recursive: true });
  expect(checkScenario(scenario as ScenarioPlan)).toEqual([]);
  return scenario as ScenarioPlan;
}

/** Each with the second at which it is done. */
const story: readonly (readonly [number, HandCommand])[] = [
  [30, { kind: "crash", node: "w1" }],
  [35, { kind: "cut", from: "m1", to: "m2" }],
  [36, { kind: "scale", service: "web", replicas: 4 }],
  [45, { kind: "pause-node", node: "w2" }],
  [50, { kind: "resume-node", node: "w2" }],
  [52, { kind: "heal" }],
  [55, { kind: "restart", node: "w1" }],
  [230, { kind: "isolate", node: "m2" }],
  [231, { kind: "availability", node: "w3", availability: "drain" }],
  [330, { kind: "role", node: "w4", role: "manager" }],
];

test("what is done by hand is a plan whose run is this one, and the past stays", async () => {
  const playback = play(partition);
  for (const [second, command] of story) {
    toSecond(playback, second);
    const before = playback.moment();
    expect({ ...act(playback, command), second }).toEqual({
      ok: true,
      text: expect.any(String),
      second,
    });
    toSecond(playback, before.frame.at / 1e6);
    const { frame, events } = playback.moment();
    expect(frame).toEqual(before.frame);
    expect(events).toEqual(before.events.filter(({ kind }) => kind !== "verdict"));
  }
  jump(playback, "end");
  const result = simulate(await saved(playback.plan), seed);
  expect(result.violations).toEqual([]);
  expect(playback.digest).toBe(result.digest);
  expect(playback.digest).not.toBe(straight.result.digest);
});

test("what is done by hand waits for what was done before, and is given up with it", () => {
  const told: string[] = [];
  const playback = play(partition);
  toSecond(playback, 15);
  const crash = (node: string) =>
    playback.act({ kind: "crash", node }, ({ text }) => told.push(text));
  for (const node of ["w1", "w2", "w2"]) crash(node);
  for (let part = 0; playback.isBusy && part < 100_000; part += 1) playback.work(slice);
  expect(told).toEqual(["w1 crashes", "w2 crashes", "w2 is down"]);
  const { nodes } = playback.moment().frame;
  const down = nodes.filter(({ machine }) => machine === "down").map(({ id }) => id);
  expect(down).toEqual(["w1", "w2"]);
  for (const node of ["w3", "w4"]) crash(node);
  expect(control(playback, { kind: "stop" }).text).toBe("stopped");
  expect(told.slice(3)).toEqual(["", ""]);
  expect(playback.plan.steps).toHaveLength((partition.steps?.length ?? 0) + 2);
});
