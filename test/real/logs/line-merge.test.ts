import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { LineMerge } from "../../../real/logs/line-merge.ts";

// Goal: several sources become one, and whatever they hold open is let go when nobody reads on.

async function* source(lines: readonly string[], ended: () => void): AsyncGenerator<string> {
  try {
    yield* lines;
  } finally {
    ended();
  }
}

function mergeOf(count: number, lines: readonly string[]) {
  const merge = new LineMerge<string>();
  const open = new Set<number>();
  for (let number = 0; number < count; number += 1) {
    open.add(number);
    merge.add(source(lines, () => open.delete(number)));
  }
  return { merge, open };
}

test("all that the sources have comes, and each is read to its end", async () => {
  const { merge, open } = mergeOf(3, ["a", "b"]);
  merge.close();
  const found: string[] = [];
  for await (const item of merge.items()) found.push(item);
  expect(found.sort()).toEqual(["a", "a", "a", "b", "b", "b"]);
  expect(open.size).toBe(0);
});

test("sources are let go when the reader leaves, those that come later too", async () => {
  const { merge, open } = mergeOf(3, ["a", "b"]);
  for await (const _ of merge.items()) break;
  open.add(3);
  merge.add(source(["late"], () => open.delete(3)));
  await delay(10);
  expect([...open]).toEqual([]);
});

test("sources are let go when one of them fails", async () => {
  const { merge, open } = mergeOf(3, ["a", "b"]);
  merge.fail(new Error("broken"));
  const read = async () => {
    for await (const _ of merge.items());
  };
  await expect(read()).rejects.toThrow("broken");
  await delay(10);
  expect([...open]).toEqual([]);
});
