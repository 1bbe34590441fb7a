/** `count` of the items at most, evenly spread, in their order. */
export function spread<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items;
  return Array.from(
    { length: Math.max(0, count) },
    (_, at) => items[Math.floor((at * items.length) / count)] as T,
  );
}
