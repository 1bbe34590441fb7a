import fc from "fast-check";
import { expect, test } from "vitest";
import { EventKind, Kernel } from "../../sim/kernel.ts";
import { runOut } from "../support/world.ts";

function at(kernel: Kernel, delay: number, run: () => unknown): void {
  kernel.schedule(delay, EventKind.STEP, -1, null, () => run() !== false);
}

test("Kernel.step() handles events by time, then in the order of schedule()", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5), { maxLength: 40 }), (delays) => {
      const kernel = new Kernel();
      const handled: (readonly [number, number])[] = [];
      for (const [sequence, delay] of delays.entries()) {
        at(kernel, delay, () => {
          expect(kernel.now).toBe(delay);
          handled.push([delay, sequence]);
        });
      }
      runOut(kernel);
      expect(handled).toEqual([...handled].sort((l, r) => l[0] - r[0] || l[1] - r[1]));
      expect(handled).toHaveLength(delays.length);
    }),
  );
});

test("Kernel.schedule() counts from the event under way, and nothing happens in the past", () => {
  const kernel = new Kernel();
  const moments: number[] = [];
  at(kernel, 10, () => {
    at(kernel, 5, () => void moments.push(kernel.now));
    at(kernel, 0, () => void moments.push(kernel.now));
  });
  runOut(kernel);
  expect(moments).toEqual([10, 15]);
  expect(() => at(kernel, -1, () => true)).toThrow("nothing happens in the past");
});

test("an event that comes too late to matter is not counted and leaves no trace", () => {
  const kernel = new Kernel();
  at(kernel, 1, () => false);
  at(kernel, 2, () => true);
  expect(kernel.step()).toBeNull();
  expect(kernel.handled).toBe(0);
  expect(kernel.now).toBe(1);
  expect(kernel.step()?.time).toBe(2);
  expect(kernel.handled).toBe(1);
  expect(kernel.step()).toBeNull();
  expect(kernel.nextAt).toBeNull();
});

test("a Kernel in which time stands still stops, and one that is only busy does not", () => {
  const loop = new Kernel();
  const again = (): void => at(loop, 0, again);
  again();
  expect(() => runOut(loop)).toThrow("time goes on");

  const busy = new Kernel();
  let left = 150_000;
  const next = (): void => {
    left -= 1;
    if (left > 0) at(busy, left % 2, next);
  };
  next();
  runOut(busy);
  expect(left).toBe(0);
});

test("an event that is put off comes after those of its new moment, or sooner than it was", () => {
  const kernel = new Kernel();
  const handled: string[] = [];
  const add = (name: string, delay: number) =>
    kernel.schedule(delay, EventKind.STEP, -1, name, () => handled.push(name) > 0);
  const late = add("put off", 1);
  add("there before", 5);
  const soon = add("brought forward", 9);
  kernel.postpone(late, 5);
  kernel.postpone(soon, 2);
  add("there later", 5);
  runOut(kernel);
  expect(handled).toEqual(["brought forward", "there before", "put off", "there later"]);
  const place = add("once more", 1);
  expect(() => kernel.postpone(place, -1)).toThrow("nothing happens in the past");
});
