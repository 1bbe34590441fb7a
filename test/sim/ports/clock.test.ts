import fc from "fast-check";
import { expect, test } from "vitest";
import { type Duration, ms, seconds } from "../../../core/base/time.ts";
import { EventKind, Kernel } from "../../../sim/kernel.ts";
import { SimClock } from "../../../sim/ports/clock.ts";
import { runUntil } from "../../support/world.ts";

const ppm = fc.integer({ min: -1_000, max: 1_000 });

/** Lets simulated time pass. */
function pass(kernel: Kernel, microseconds: number): void {
  const end = kernel.now + microseconds;
  kernel.schedule(microseconds, EventKind.STEP, -1, null, () => true);
  while (kernel.now < end) kernel.step();
}

test("SimClock.now() starts at 0 and runs with simulated time, a little fast or slow", () => {
  const kernel = new Kernel();
  const clock = new SimClock(kernel, 0);
  expect(clock.now()).toBe(0);
  pass(kernel, 1_000_000);
  expect(clock.now()).toBe(1_000_000);
  clock.drift(500);
  pass(kernel, 1_000_000);
  expect(clock.now()).toBe(2_000_500);
  clock.drift(-500);
  pass(kernel, 1_000_000);
  expect(clock.now()).toBe(3_000_000);
});

test("SimClock.now() never runs backwards and leaves no jump, however its speed changes", () => {
  const change = fc.record({ pass: fc.nat(5_000), drift: ppm });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
      const kernel = new Kernel();
      const clock = new SimClock(kernel, 0);
      let before = clock.now();
      for (const each of changes) {
        pass(kernel, each.pass);
        const now = clock.now();
        expect(now).toBeGreaterThanOrEqual(before);
        expect(Math.abs(now - before - each.pass)).toBeLessThanOrEqual(1 + each.pass / 500);
        clock.drift(each.drift);
        expect(clock.now()).toBe(now);
        before = now;
      }
    }),
  );
});

test("SimClock.wakeAfter() never wakes early by its own clock, nor more than a moment late", () => {
  fc.assert(
    fc.property(ppm, fc.nat(10_000_000), fc.nat(20_000_000), (drift, delay, start) => {
      const kernel = new Kernel();
      const clock = new SimClock(kernel, 0);
      clock.drift(drift);
      pass(kernel, start);
      const setAt = clock.now();
      let woken = -1;
      clock.wakeAfter(delay as Duration, () => {
        woken = clock.now();
      });
      while (woken < 0) kernel.step();
      expect(woken - setAt).toBeGreaterThanOrEqual(delay);
      expect(woken - setAt).toBeLessThanOrEqual(delay + 2);
    }),
  );
});

test("SimClock.wakeAfter() replaces the timer before, and a reboot cancels it", () => {
  const kernel = new Kernel();
  const clock = new SimClock(kernel, 0);
  const woken: string[] = [];
  clock.wakeAfter(ms(5), () => void woken.push("first"));
  clock.wakeAfter(ms(9), () => void woken.push("second"));
  runUntil({ kernel }, 1);
  expect(woken).toEqual(["second"]);
  clock.wakeAfter(ms(5), () => void woken.push("third"));
  clock.reboot();
  runUntil({ kernel }, 2);
  expect(woken).toEqual(["second"]);
});

test("SimClock.wakeAfter() has one event in the queue, however often it is called", () => {
  const kernel = new Kernel();
  const clock = new SimClock(kernel, 0);
  for (const delay of [5, 9, 3]) clock.wakeAfter(ms(delay), () => undefined);
  expect(kernel.step()?.time).toBe(3_000);
  expect(kernel.nextAt).toBeNull();
});

test("SimClock.reboot() begins at 0 again and keeps the clock's speed and its calendar", () => {
  const kernel = new Kernel();
  const clock = new SimClock(kernel, 0);
  clock.drift(1_000);
  clock.skew(seconds(60));
  pass(kernel, 5_000_000);
  const calendar = clock.calendar();
  clock.reboot();
  expect(clock.now()).toBe(0);
  expect(clock.calendar()).toBe(calendar);
  pass(kernel, 1_000_000);
  expect(clock.now()).toBe(1_001_000);
});

test("SimClock.skew() moves the calendar, ahead or behind, and no other clock", () => {
  const kernel = new Kernel();
  const [right, wrong] = [new SimClock(kernel, 0), new SimClock(kernel, 1)];
  wrong.skew(seconds(3_600));
  expect(wrong.calendar() - right.calendar()).toBe(seconds(3_600));
  wrong.skew(-seconds(10));
  expect(wrong.calendar() - right.calendar()).toBe(-seconds(10));
  expect(wrong.now()).toBe(right.now());
});

test("SimClock.stop() lets both clocks stand still, and the calendar stays behind", () => {
  const kernel = new Kernel();
  const clock = new SimClock(kernel, 0);
  clock.drift(1_000);
  pass(kernel, 1_000_000);
  const calendar = clock.calendar();
  let woken = 0;
  clock.wakeAfter(seconds(2), () => {
    woken += 1;
  });
  clock.stop();
  pass(kernel, 3_000_000);
  clock.stop();
  pass(kernel, 3_000_000);
  expect([clock.now(), clock.calendar() - calendar, woken]).toEqual([1_001_000, 0, 0]);
  clock.goOn();
  clock.goOn();
  expect([clock.now(), clock.calendar() - calendar]).toEqual([1_001_000, 0]);
  pass(kernel, 1_000_000);
  expect([clock.now(), clock.calendar() - calendar, woken]).toEqual([2_002_000, 1_000_000, 0]);
  expect(clock.faults.ahead).toBe(-6_000_000);
  pass(kernel, 1_000_000);
  expect(woken).toBe(1);
});

test("SimClock.reboot() ends a stop", () => {
  const kernel = new Kernel();
  const clock = new SimClock(kernel, 0);
  clock.stop();
  pass(kernel, 1_000_000);
  clock.reboot();
  pass(kernel, 1_000_000);
  expect(clock.now()).toBe(1_000_000);
});

test("SimClock.jump() puts both clocks forward, and a timer that has run out is due", () => {
  const kernel = new Kernel();
  const clock = new SimClock(kernel, 0);
  const woken: number[] = [];
  const calendar = clock.calendar();
  clock.wakeAfter(seconds(10), () => void woken.push(clock.now()));
  pass(kernel, 1_000_000);
  clock.jump(seconds(5));
  expect([clock.now(), clock.calendar() - calendar]).toEqual([6_000_000, 6_000_000]);
  pass(kernel, 3_000_000);
  clock.jump(seconds(4));
  expect(woken).toEqual([]);
  kernel.step();
  expect(woken).toEqual([13_000_000]);
  expect([clock.leapt, clock.faults.ahead, kernel.nextAt]).toEqual([9_000_000, 9_000_000, null]);
  clock.jump(seconds(1));
  expect(kernel.nextAt).toBeNull();
});
