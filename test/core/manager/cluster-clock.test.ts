import { expect, test } from "vitest";
import { type Instant, seconds } from "../../../core/base/time.ts";
import { ClusterClock } from "../../../core/manager/cluster-clock.ts";
import { moment } from "../../support/model.ts";
import { Office } from "./office.ts";

const at = (second: number) => seconds(second) as number as Instant;

test("ClusterClock starts where the calendar or the store is, the later of the two", () => {
  expect(new ClusterClock(at(0), moment(100), moment(40)).at(at(0))).toBe(moment(100));
  expect(new ClusterClock(at(0), moment(40), moment(100)).at(at(0))).toBe(moment(100));
});

test("ClusterClock follows the monotonic clock from there", () => {
  const clock = new ClusterClock(at(5), moment(100), moment(0));
  expect(clock.at(at(5))).toBe(moment(100));
  expect(clock.at(at(65))).toBe(moment(160));
});

test("ClusterClock.instantOf() is the local moment of a time, or now when that has passed", () => {
  const clock = new ClusterClock(at(5), moment(100), moment(0));
  expect(clock.instantOf(moment(130), at(10))).toBe(at(35));
  expect(clock.at(clock.instantOf(moment(130), at(10)))).toBe(moment(130));
  expect(clock.instantOf(moment(101), at(10))).toBe(at(10));
});

test("entries' times never go back through leaders whose calendars are an hour apart", () => {
  let { store } = new Office({ calendar: 10_000 }).settle();
  const times = [store.time];
  for (const calendar of [6_400, 13_600, 2, 10_000]) {
    const office = new Office({ store, calendar });
    for (const second of [0, 5, 10]) {
      office
        .at(second)
        .ask(`c${calendar}`, second + 1, { kind: "remove-service", id: "x" })
        .settle();
      times.push(office.store.time);
    }
    ({ store } = office);
  }
  expect(times).toEqual([...times].sort((left, right) => left - right));
  expect(times.at(-1)).toBeGreaterThanOrEqual(moment(13_610));
});
