import { expect, test } from "vitest";
import { IdQueue } from "../../../core/base/id-queue.ts";

function queueOf(...ids: string[]): IdQueue<number> {
  const queue = new IdQueue<number>();
  ids.forEach((id, at) => {
    queue.set(id, at);
  });
  return queue;
}

/** The ids that are shown, when so many are taken. */
function shown(queue: IdQueue<number>, most: number, keeps: readonly string[] = []): string[] {
  const ids: string[] = [];
  queue.workOff(
    () => ids.length >= most,
    (id) => {
      ids.push(id);
      return !keeps.includes(id);
    },
  );
  return ids;
}

test("IdQueue.workOff() shows the lowest ids first, whenever they came, until it is full", () => {
  const queue = queueOf("c", "a", "d", "b");
  expect(shown(queue, 2)).toEqual(["a", "b"]);
  queue.set("a", 9);
  expect(shown(queue, 9)).toEqual(["a", "c", "d"]);
  expect(queue.size).toBe(0);
});

test("IdQueue.workOff() keeps what is not taken, and shows it once each time", () => {
  const queue = queueOf("a", "b", "c");
  expect(shown(queue, 9, ["a", "c"])).toEqual(["a", "b", "c"]);
  expect(shown(queue, 9)).toEqual(["a", "c"]);
});

test("IdQueue.set() replaces the value of an id in its place, delete() takes it out", () => {
  const queue = queueOf("a", "b", "c");
  queue.set("b", 7);
  queue.delete("a");
  queue.delete("nobody");
  expect([queue.get("b"), queue.get("a"), queue.get("c")]).toEqual([7, undefined, 2]);
  expect(shown(queue, 9)).toEqual(["b", "c"]);
});
