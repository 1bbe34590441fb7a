import fc from "fast-check";
import { expect, test } from "vitest";
import { IndexedHeap, type Positioned } from "../../../core/base/indexed-heap.ts";

interface Item extends Positioned {
  readonly value: number;
}

test("IndexedHeap holds what was pushed and not removed, the least first", () => {
  const step = fc.record({ push: fc.boolean(), value: fc.nat(20) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const heap = new IndexedHeap<Item>((left, right) => left.value < right.value);
      const held: Item[] = [];
      for (const { push, value } of steps) {
        if (push) {
          const item = { value, position: -1 };
          heap.push(item);
          held.push(item);
        } else if (held.length > 0) {
          const [gone] = held.splice(value % held.length, 1);
          heap.remove(gone as Item);
          expect(gone?.position).toBe(-1);
        }
        const sorted = held.map((item) => item.value).sort((left, right) => left - right);
        expect(heap.size).toBe(held.length);
        expect(heap.peek()?.value).toBe(sorted[0]);
        expect(heap.first(5).map((item) => item.value)).toEqual(sorted.slice(0, 5));
      }
    }),
  );
});
