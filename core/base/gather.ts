/*
 * Lists made in one go from what each item gives. `flatMap` does the same, but takes ten times as
 * long where lists are short, as engines leave it to their slowest means.
 */

/** What `find` finds for the items, in their order; null and undefined are left out. */
export function found<Item, Result>(
  items: Iterable<Item>,
  find: (item: Item) => Result | null | undefined,
): Result[] {
  const results: Result[] = [];
  for (const item of items) {
    const result = find(item);
    if (result !== null && result !== undefined) results.push(result);
  }
  return results;
}

/** All that `listOf` gives for the items, in their order. */
export function gathered<Item, Result>(
  items: Iterable<Item>,
  listOf: (item: Item) => Iterable<Result>,
): Result[] {
  const results: Result[] = [];
  for (const item of items) for (const result of listOf(item)) results.push(result);
  return results;
}

/** What `find` finds first, in the items' order; null: nothing for any of them. */
export function firstFound<Item, Result>(
  items: Iterable<Item>,
  find: (item: Item) => Result | null,
): Result | null {
  for (const item of items) {
    const result = find(item);
    if (result !== null) return result;
  }
  return null;
}
