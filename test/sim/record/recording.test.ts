import { beforeAll, describe, expect, test } from "vitest";
import { sortedById } from "../../../core/base/order.ts";
import { isWanted } from "../../../core/model/task-state.ts";
import type { MessageFrame } from "../../../core/observe/frame.ts";
import { digestOf } from "../../../sim/digest.ts";
import type { SimEvent } from "../../../sim/kernel.ts";
import { Moments } from "../../../sim/record/moments.ts";
import { type Recording, recordRun } from "../../../sim/record/recording.ts";
import { upTo, Versions } from "../../../sim/record/versions.ts";
import type { StoryLine } from "../../../sim/result.ts";
import {
  at,
  heal,
  partition,
  pause,
  resume,
  type ScenarioPlan,
} from "../../../sim/scenario/dsl.ts";
import { simulate } from "../../../sim/simulate.ts";
import type { Watcher } from "../../../sim/world/watch.ts";
import type { World } from "../../../sim/world/world.ts";
import { scenarioNamed } from "../scenario-named.ts";

// Goal: a look back shows what really was. Method: a second run of the same seed is stopped at
// many events, and the live world is held against the frame of that event.

const seed = "3";
const every = 97;

/** What is true of a world after an event. */
interface Truth {
  readonly event: number;
  readonly raft: unknown;
  readonly process: readonly string[];
  readonly store: string;
  readonly cuts: readonly string[];
  readonly running: number;
}

/** Writes down the truth at every so many events. */
class Witness implements Watcher {
  readonly truths: Truth[] = [];
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  handled(_event: SimEvent): void {
    const { kernel, hosts, history, network } = this.#world;
    if (kernel.handled % every !== 0) return;
    const { view } = history;
    const tables = [view.nodes, view.services, view.tasks, view.secrets, view.configs];
    const more = [view.networks, view.volumes];
    const objects = [...tables, ...more].flatMap((table) => [...table.values()]);
    this.truths.push({
      event: kernel.handled,
      raft: hosts.map(({ raft }) => raft?.status() ?? null),
      process: hosts.map(({ state }) => state),
      store: digestOf(sortedById([...objects, ...(view.cluster === null ? [] : [view.cluster])])),
      cuts: network.cutLinks().map(([from, to]) => `${hosts[from]?.name} ${hosts[to]?.name}`),
      running: [...view.tasks.values()].filter(
        ({ status, desiredState }) => status.state === 512 && isWanted(desiredState),
      ).length,
    });
  }
}

let plan: ScenarioPlan;
let recording: Recording;

beforeAll(async () => {
  const chaos = await scenarioNamed("random-chaos");
  // Whatever the seed draws: something is cut off, and something is paused.
  const steps = [
    at("50s", pause("w1")),
    at("55s", partition(["w2"], "rest")),
    at("80s", resume("w1")),
    at("85s", heal()),
  ];
  plan = { ...chaos, steps };
  recording = recordRun(plan, seed);
});

describe("Recording", () => {
  test("shows after every event what was true then", () => {
    const seen: { witness: Witness | null } = { witness: null };
    const watch = (world: World) => {
      seen.witness = new Witness(world);
      return seen.witness;
    };
    const result = simulate(plan, seed, { observer: { watch } });
    expect(recording.result.digest).toBe(result.digest);
    const truths = seen.witness?.truths ?? [];
    expect(truths.length).toBeGreaterThan(20);
    expect(truths.some(({ cuts }) => cuts.length > 0)).toBe(true);
    expect(truths.some(({ process }) => process.includes("paused"))).toBe(true);
    for (const truth of truths) {
      const frame = recording.after(truth.event);
      const found: Truth = {
        event: frame.event,
        raft: frame.nodes.map(({ raft }) => raft?.status ?? null),
        process: frame.nodes.map(({ machine }) => machine),
        store: recording.storeDigestAfter(truth.event),
        cuts: frame.cuts.map(({ from, to }) => `${from} ${to}`),
        running: frame.services.reduce((sum, { running }) => sum + running, 0),
      };
      expect(found).toEqual(truth);
    }
  });

  test("shows each message on its way until it arrives", () => {
    const arrival = deliveries(recording)[50];
    if (arrival === undefined) throw new Error("messages arrive");
    const { event, time, kind } = arrival;
    const isIt = (message: MessageFrame) => message.kind === kind && message.arrivesAt === time;
    expect(recording.at(time - 1).messages.some(isIt)).toBe(true);
    expect(recording.after(event).messages.some(isIt)).toBe(false);
  });

  test("tells through which states a task has gone", () => {
    const { tasks } = recording.after(recording.events);
    const running = tasks.find(({ state, desired }) => state === "RUNNING" && desired === state);
    const states = running?.history.map(({ state }) => state) ?? [];
    expect(states[0]).toBe("NEW");
    expect(states.at(-1)).toBe("RUNNING");
    const times = running?.history.map(({ at }) => at) ?? [];
    expect(times).toEqual([...times].sort((left, right) => left - right));
  });

  test("is asked by time as well as by event", () => {
    expect(recording.at("0s")).toMatchObject({ event: 0, services: [] });
    const frame = recording.at("60s");
    expect(frame.at).toBe(60_000_000);
    expect(recording.after(frame.event).nodes).toEqual(frame.nodes);
    expect(recording.line(0)).toBeNull();
    expect(recording.line(recording.events)).toMatch(/^\d+\.\d{6}s /);
  });

  test("can be sent as JSON", () => {
    const frame = recording.at("80s");
    expect(JSON.parse(JSON.stringify(frame))).toEqual(frame);
  });
});

/** Of every message between two machines: the event, and what it was. */
function deliveries(run: Recording): { event: number; time: number; kind: string }[] {
  return Array.from({ length: run.events }, (_, at) => at + 1).flatMap((event) => {
    const record = run.record(event);
    if (record?.kind !== "deliver" || record.from === record.node) return [];
    return [{ event, time: record.t, kind: String(record.message) }];
  });
}

test("Versions has the value of each event, and the last of several in one", () => {
  const versions = new Versions<string>();
  for (const [event, value] of [
    [2, "a"],
    [5, "b"],
    [5, "c"],
  ] as const) {
    versions.put(event, value);
  }
  expect([1, 2, 4, 5, 9].map((event) => versions.at(event))).toEqual([
    ...[undefined, "a", "a", "c", "c"],
  ]);
  expect(versions.values).toEqual(["a", "c"]);
  expect(upTo([1, 3, 3, 7], 3)).toBe(3);
});

test("what is thinned out is still right at each moment that is kept", () => {
  const versions = new Versions<number>();
  const moments = new Moments();
  const changes = [1, 2, 3, 7, 9, 16, 17, 30, 33, 35, 36, 41];
  for (let event = 1; event <= 45; event += 1) {
    moments.add(event, event * 10);
    if (changes.includes(event)) versions.put(event, event);
  }
  const valueAt = (event: number) => changes.filter((change) => change <= event).at(-1);
  for (const [kept, left] of [
    [{ from: 33, every: 4 }, 6],
    [{ from: 40, every: 8 }, 5],
    [{ from: 40, every: 1_000 }, 1],
  ] as const) {
    expect(versions.thin(kept)).toBe(left);
    moments.thin(kept);
    for (let event = 0; event <= 45; event += 1) {
      const isKept = event >= kept.from || event % kept.every === 0;
      if (isKept) expect(versions.at(event)).toBe(valueAt(event));
      expect(moments.upTo(event) === event).toBe(isKept);
    }
  }
  expect(moments.eventAt(399)).toBe(0);
  expect(moments.from(1)).toBe(40);
  expect([moments.isAnyIn(1, 400), moments.isAnyIn(1, 401)]).toEqual([false, true]);
});

test("line() says what a fault that chaos drew has done", () => {
  const story: string[] = [];
  const tell = ({ kind, text }: StoryLine) => kind === "fault" && story.push(text);
  const recording = recordRun(plan, seed, { observer: { story: tell } });
  const events = Array.from({ length: recording.events }, (_, at) => at + 1);
  const drawn = events.filter((event) => recording.line(event)?.includes("what=chaos: "));
  expect(drawn.length).toBeGreaterThan(2);
  for (const event of drawn) {
    expect(recording.line(event)).toMatch(`what=chaos: ${recording.told(event)[0]}`);
  }
  expect(story).toContain(recording.told(drawn[0] as number)[0]);
});
