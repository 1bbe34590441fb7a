import { expect, test } from "vitest";
import { chromeTrace } from "../../../sim/trace/chrome.ts";
import { recorded } from "../report/recorded.ts";
import { scenarioNamed } from "../scenario-named.ts";

// Goal: a run is a trace that Perfetto opens, with nothing left out or in the wrong place.
// Method: the rules of the trace-event format, event by event.

interface Event {
  readonly ph: string;
  readonly name: string;
  readonly cat?: string;
  readonly ts: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly id?: number | string;
  readonly args?: Readonly<Record<string, unknown>>;
}

async function traceOf(name: string): Promise<Event[]> {
  const { record } = recorded(await scenarioNamed(name));
  return JSON.parse([...chromeTrace(record)].join("")).traceEvents;
}

const events = await traceOf("leader-crash");
const of = (phase: string) => events.filter(({ ph }) => ph === phase);

test("every process and every track that is used has a name", () => {
  const named = new Set(of("M").map(({ pid, tid, name }) => `${name} ${pid} ${tid}`));
  for (const { ph, pid, tid } of events) {
    expect(named).toContain(`process_name ${pid} 0`);
    if (ph === "X" || ph === "i") expect(named).toContain(`thread_name ${pid} ${tid}`);
  }
});

test("both ends of each flow lie in a slice of their track, the end not before the start", () => {
  const slices = new Set(of("X").map(({ pid, tid, ts }) => `${pid} ${tid} ${ts}`));
  const starts = new Map(of("s").map((event) => [event.id, event]));
  expect(starts.size).toBeGreaterThan(500);
  expect(of("f")).toHaveLength(starts.size);
  for (const end of of("f")) {
    const start = starts.get(end.id) as Event;
    expect(start.cat).toBe(end.cat);
    expect(start.name).toBe(end.name);
    expect(start.ts).toBeLessThan(end.ts);
    for (const { pid, tid, ts } of [start, end]) expect(slices).toContain(`${pid} ${tid} ${ts}`);
  }
});

test("what begins ends, and nothing lasts less than no time", () => {
  const ends = new Map(of("e").map((event) => [`${event.cat} ${event.id} ${event.name}`, event]));
  for (const begin of of("b")) {
    const end = ends.get(`${begin.cat} ${begin.id} ${begin.name}`);
    expect(end?.ts).toBeGreaterThanOrEqual(begin.ts);
  }
  for (const { dur = 0 } of of("X")) expect(dur).toBeGreaterThanOrEqual(0);
});

test("the roles of a node follow one another without overlapping, and the crash is there", () => {
  const roles = of("X").filter(({ cat }) => cat === "raft" || cat === "machine");
  const byTrack = new Map<string, Event[]>();
  for (const role of roles) {
    const key = `${role.pid} ${role.tid}`;
    byTrack.set(key, [...(byTrack.get(key) ?? []), role]);
  }
  for (const track of byTrack.values()) {
    for (const [at, { ts }] of track.entries()) {
      const before = track[at - 1];
      if (before !== undefined) expect(ts).toBeGreaterThanOrEqual(before.ts + (before.dur ?? 0));
    }
  }
  expect(roles.some(({ name }) => /^leader, term \d+$/.test(name))).toBe(true);
  expect(roles.some(({ name }) => name === "down")).toBe(true);
  expect(of("i").some(({ name }) => name.endsWith("crashes"))).toBe(true);
});

test("a service's counter ends with all tasks running", () => {
  const counts = of("C").filter(({ name }) => name === "service web");
  expect(counts.length).toBeGreaterThan(2);
  const { running, wanted } = counts.at(-1)?.args ?? {};
  expect(wanted).toBeGreaterThan(0);
  expect(running).toBe(wanted);
});
