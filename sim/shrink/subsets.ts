/**
 * Shorter versions of a list, the shortest first: nothing, then without a half, a quarter and so
 * on down to without a single item (delta debugging: Zeller and Hildebrandt, 2002).
 */
export function* shorter<T>(items: readonly T[]): Generator<T[]> {
  if (items.length === 0) return;
  yield [];
  for (let size = Math.ceil(items.length / 2); size >= 1; size = Math.floor(size / 2)) {
    if (size === items.length) continue;
    // From the end: what happens last is the least likely to have led to what came before.
    for (let end = items.length; end > 0; end -= size) {
      const start = Math.max(0, end - size);
      yield [...items.slice(0, start), ...items.slice(end)];
    }
  }
}
