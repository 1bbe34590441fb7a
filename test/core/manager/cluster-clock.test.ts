import { expect, test } from "vitest";
import { noBug } from "../../../core/base/planted.ts";
import { type Instant, seconds } from "../../../core/base/time.ts";
import { ClusterClock } from "../../../core/manager/cluster-clock.ts";
import { moment } from "../../support/model.ts";
import { LeadingManager } from "./leading-manager.ts";

const at = (second: number) => seconds(second) as number as Instant;

/** Of a manager that leads from this second on. */
function leading(second: number, calendar: number, stored: number): ClusterClock {
  const clock = new ClusterClock();
  clock.lead(moment(stored), { now: at(second), calendar: moment(calendar) }, noBug);
  return clock;
}

test("ClusterClock starts where the calendar or the store is, the later of the two", () => {
  expect(leading(0, 100, 40).at(at(0))).toBe(moment(100));
  expect(leading(0, 40, 100).at(at(0))).toBe(moment(100));
});

test("ClusterClock follows the monotonic clock from there", () => {
  const clock = leading(5, 100, 0);
  expect(clock.at(at(5))).toBe(moment(100));
  expect(clock.at(at(65))).toBe(moment(160));
});

test("ClusterClock goes on where other leaders were, whatever the calendar says", () => {
  for (const calendar of [0, 100, 100_000]) {
    const clock = new ClusterClock();
    clock.heard(moment(100), at(5));
    clock.heard(moment(103), at(9));
    clock.heard(moment(130), at(25));
    clock.lead(moment(130), { now: at(35), calendar: moment(calendar) }, noBug);
    expect(clock.at(at(35))).toBe(moment(140));
  }
});

test("ClusterClock.instantOf() is the local moment of a time, or now when that has passed", () => {
  const clock = leading(5, 100, 0);
  expect(clock.instantOf(moment(130), at(10))).toBe(at(35));
  expect(clock.at(clock.instantOf(moment(130), at(10)))).toBe(moment(130));
  expect(clock.instantOf(moment(101), at(10))).toBe(at(10));
});

test("ClusterClock.latestInstantOf() does not believe a calendar that had to be asked", () => {
  const guessed = leading(5, 1_000, 100);
  expect(guessed.latestInstantOf(moment(130), at(5))).toBe(at(35));
  expect(guessed.latestInstantOf(moment(130), at(15))).toBe(at(35));
  const told = new ClusterClock();
  told.heard(moment(100), at(5));
  told.lead(moment(90), { now: at(15), calendar: moment(1_000) }, noBug);
  expect(told.latestInstantOf(moment(130), at(15))).toBe(at(35));
});

test("entries' times never go back through leaders whose calendars are an hour apart", () => {
  let { store } = new LeadingManager({ calendar: 10_000 }).settle();
  const times = [store.time];
  for (const calendar of [6_400, 13_600, 2, 10_000]) {
    const leader = new LeadingManager({ store, calendar });
    for (const second of [0, 5, 10]) {
      leader
        .at(second)
        .ask(`c${calendar}`, second + 1, { kind: "remove-service", id: "x" })
        .settle();
      times.push(leader.store.time);
    }
    ({ store } = leader);
  }
  expect(times).toEqual([...times].sort((left, right) => left - right));
  expect(times.at(-1)).toBeGreaterThanOrEqual(moment(13_610));
});

test("ClusterClock follows the leader, and others only as long as it knows nothing", () => {
  const clock = new ClusterClock();
  const from = { from: "m2", to: "m1", term: 3 };
  const beat = { kind: "heartbeat", ...from, commit: 1, readContext: 1 } as const;
  const answer = { kind: "vote-response", ...from, granted: true } as const;
  expect(clock.shown(at(1))).toBeNull();
  clock.told(moment(50), answer, 3, at(1));
  clock.told(moment(70), answer, 3, at(1));
  expect(clock.shown(at(2))).toBe(moment(51));
  clock.told(moment(40), beat, 3, at(3));
  expect(clock.shown(at(4))).toBe(moment(41));
  clock.told(moment(90), beat, 4, at(5));
  expect(clock.shown(at(5))).toBe(moment(42));
});
