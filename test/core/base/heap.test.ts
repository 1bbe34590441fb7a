import fc from "fast-check";
import { expect, test } from "vitest";
import { Heap, type Timed } from "../../../core/base/heap.ts";

// Goal: a heap gives back what it holds in the order of (time, sequence).
// Method: any interleaving of pushes and pops against a list that is sorted before each pop.

function sorted(items: readonly Timed[]): Timed[] {
  return [...items].sort((l, r) => l.time - r.time || l.sequence - r.sequence);
}

test("Heap.pop() agrees with a sorted list under any interleaving of pushes and pops", () => {
  const step = fc.oneof({ weight: 2, arbitrary: fc.nat(20) }, fc.constant(null));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new Heap<Timed>();
      let model: Timed[] = [];
      for (const [sequence, time] of steps.entries()) {
        if (time === null) {
          expect(heap.pop()).toEqual(model[0]);
          model = model.slice(1);
        } else {
          heap.push({ time, sequence });
          model = sorted([...model, { time, sequence }]);
        }
        expect(heap.peek()).toEqual(model[0]);
      }
    }),
  );
});

test("Heap.moved() is as if the item had had its new rank from the start", () => {
  const step = fc.record({ time: fc.nat(20), item: fc.option(fc.nat(200)) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new Heap<Timed>();
      const waiting = new Map<number, Timed>();
      for (const [sequence, { time, item }] of steps.entries()) {
        const slots = [...waiting.keys()];
        const slot = slots[(item ?? 0) % slots.length];
        if (item === null || slot === undefined) {
          waiting.set(heap.push({ time, sequence }), { time, sequence });
        } else {
          expect(heap.at(slot)).toEqual(waiting.get(slot));
          Object.assign(heap.at(slot), { time, sequence });
          heap.moved(slot);
          waiting.set(slot, { time, sequence });
        }
      }
      for (const next of sorted([...waiting.values()])) expect(heap.pop()).toEqual(next);
      expect(heap.pop()).toBeUndefined();
    }),
  );
});

test("Heap.pop() breaks ties by sequence number, whatever the order of the pushes", () => {
  const heap = new Heap<Timed>();
  for (const sequence of [5, 1, 4, 2, 3]) heap.push({ time: 7, sequence });
  const order = Array.from({ length: 5 }, () => heap.pop()?.sequence);
  expect(order).toEqual([1, 2, 3, 4, 5]);
});

test("Heap.pop() and Heap.peek() give nothing when it is empty", () => {
  const heap = new Heap<Timed>();
  expect(heap.peek()).toBeUndefined();
  expect(heap.pop()).toBeUndefined();
  heap.push({ time: 1, sequence: 1 });
  heap.pop();
  expect(heap.pop()).toBeUndefined();
  expect(heap.peek()).toBeUndefined();
});
