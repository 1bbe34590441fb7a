import fc from "fast-check";
import { expect, test } from "vitest";
import type { Timestamp } from "../../../core/base/time.ts";
import { Wakes } from "../../../core/manager/wakes.ts";
import type { SlotKey } from "../../../core/model/task.ts";

// Goal: what is set last holds, and nothing else is kept.

const service = fc.constantFrom("a", "b");
const slot = fc.constantFrom(null, "1" as SlotKey, "2" as SlotKey);
const time = fc.option(fc.integer({ min: 1, max: 9 }));
const step = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), service, slot, time }),
  fc.record({ kind: fc.constant("forget" as const), service }),
  fc.record({ kind: fc.constant("take" as const), time: fc.integer({ min: 1, max: 9 }) }),
);

test("of each slot one moment holds, and those that are due come in their order", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const wakes = new Wakes();
      let held: { of: string; service: string; time: number }[] = [];
      const soonest = () => [...held].sort((left, right) => left.time - right.time);
      for (const each of steps) {
        if (each.kind === "forget") {
          wakes.forget(each.service);
          held = held.filter((wake) => wake.service !== each.service);
        } else if (each.kind === "set") {
          const of = `${each.service} ${each.slot}`;
          wakes.set(each.service, each.slot, each.time as Timestamp | null);
          if (held.find((wake) => wake.of === of)?.time === each.time) continue;
          held = held.filter((wake) => wake.of !== of);
          if (each.time !== null) held.push({ of, service: each.service, time: each.time });
        } else {
          const due = soonest().filter((wake) => wake.time <= each.time);
          held = held.filter((wake) => wake.time > each.time);
          const taken: string[] = [];
          wakes.takeDue(each.time as Timestamp, (...key) => taken.push(key.join(" ")));
          expect(taken).toEqual(due.map(({ of }) => of.replace(" null", " ")));
        }
        expect(wakes.size).toBe(held.length);
        expect(wakes.next).toBe(soonest()[0]?.time ?? null);
      }
    }),
  );
});
