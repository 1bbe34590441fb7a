import { uptime } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type Duration, ms, seconds, us } from "../../core/base/time.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { RealClock } from "../../real/clock.ts";
import { Kernel } from "../../sim/kernel.ts";
import { SimClock } from "../../sim/ports/clock.ts";
import { runUntil } from "../support/world.ts";

// Goal: a clock is what `core/ports/clock.ts` says, on this machine and in the simulator.

interface ClockRig {
  readonly clock: Clock;
  /** Lets so much time pass. */
  pass(span: Duration): Promise<void>;
  /** Lets time pass until this is so; simulated, `ms(50)`. */
  until(isSo: () => boolean): Promise<void>;
}

function simulated(driftPpm: number): ClockRig {
  const kernel = new Kernel();
  const clock = new SimClock(kernel, 0);
  clock.drift(driftPpm);
  const pass = async (span: Duration) => {
    const end = kernel.now + span * 2;
    kernel.schedule(span * 2, 1, -1, null, () => true);
    runUntil({ kernel }, end / 1e6);
  };
  return { clock, pass, until: () => pass(ms(50)) };
}

const rigs: readonly [string, () => ClockRig][] = [
  ["the simulated clock", () => simulated(0)],
  ["a simulated clock that is slow", () => simulated(-300_000)],
  [
    "the real clock",
    () => ({
      clock: new RealClock(),
      pass: (span) => delay(Math.ceil(span / 1_000) * 2 + 20),
      until: (isSo) => expect.poll(isSo).toBe(true),
    }),
  ],
];

test("the real clock wakes nobody once it is stopped", async () => {
  const clock = new RealClock();
  let woken = 0;
  const again = () => {
    woken += 1;
    clock.wakeAfter(ms(1), again);
  };
  clock.wakeAfter(ms(1), again);
  clock.stop();
  clock.wakeAfter(ms(1), again);
  await delay(20);
  expect(woken).toBe(0);
});

test("the real clock goes on while its machine is suspended, and wakes at once then", async () => {
  let suspended = 0;
  const clock = new RealClock(() => uptime() + suspended);
  let wokenAt = 0;
  clock.wakeAfter(seconds(3_000), () => {
    wokenAt = clock.now();
  });
  suspended = 3_600;
  await expect.poll(() => clock.now()).toBeGreaterThan(seconds(3_599));
  await expect.poll(() => wokenAt).toBeGreaterThan(seconds(3_599));
  expect(clock.now()).toBeLessThan(seconds(3_700));
});

describe.each(rigs)("%s", (_, open) => {
  test("begins near 0 and never goes back", async () => {
    const { clock, pass } = open();
    expect(clock.now()).toBeLessThan(1_000_000);
    let before = clock.now();
    for (let look = 0; look < 10; look += 1) {
      await pass(us(200));
      const now = clock.now();
      expect(now).toBeGreaterThanOrEqual(before);
      expect(Number.isSafeInteger(now)).toBe(true);
      before = now;
    }
    expect(before).toBeGreaterThan(0);
  });

  test("knows the calendar in whole microseconds", () => {
    const calendar = open().clock.calendar();
    expect(Number.isSafeInteger(calendar)).toBe(true);
    expect(new Date(calendar / 1_000).getUTCFullYear()).toBeGreaterThanOrEqual(2026);
  });

  test("wakes once, and no sooner than it was told to", async () => {
    for (const span of [us(0), us(1), us(999), ms(3), us(7_301)]) {
      const { clock, pass, until } = open();
      const woken: number[] = [];
      const from = clock.now();
      clock.wakeAfter(span, () => woken.push(clock.now() - from));
      expect(woken).toEqual([]);
      await until(() => woken.length > 0);
      await pass(ms(1));
      expect(woken).toHaveLength(1);
      expect(woken[0]).toBeGreaterThanOrEqual(span);
    }
  });

  test("forgets an earlier wish for a later one", async () => {
    const { clock, until } = open();
    const woken: string[] = [];
    clock.wakeAfter(ms(1), () => woken.push("first"));
    clock.wakeAfter(ms(5), () => woken.push("second"));
    await until(() => woken.includes("second"));
    expect(woken).toEqual(["second"]);
  });

  test("forgets an earlier wish for one of a sooner moment", async () => {
    const { clock, until } = open();
    const woken: string[] = [];
    clock.wakeAfter((2 ** 52) as Duration, () => woken.push("first"));
    clock.wakeAfter(ms(1), () => woken.push("second"));
    await until(() => woken.includes("second"));
    expect(woken).toEqual(["second"]);
  });

  test("may be asked again while it wakes", async () => {
    const { clock, until } = open();
    let woken = 0;
    const again = () => {
      woken += 1;
      if (woken < 3) clock.wakeAfter(ms(1), again);
    };
    clock.wakeAfter(ms(1), again);
    await until(() => woken >= 3);
    expect(woken).toBe(3);
  });

  test("can wait for longer than anyone will", async () => {
    const { clock, pass } = open();
    let woken = 0;
    clock.wakeAfter((2 ** 52) as Duration, () => {
      woken += 1;
    });
    await pass(ms(5));
    expect(woken).toBe(0);
    clock.wakeAfter(us(0), () => undefined);
  });
});
