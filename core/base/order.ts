/** Orders strings by UTF-16 code unit: the same on every machine, unlike a locale's order. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** A new list ordered by `id`. Whatever iterates a table towards an output goes through this. */
export function sortedById<T extends { readonly id: string }>(items: Iterable<T>): T[] {
  return [...items].sort((left, right) => compareText(left.id, right.id));
}

/** A new list ordered by what `keyOf` gives. */
export function sortedBy<T>(items: Iterable<T>, keyOf: (item: T) => string): T[] {
  return [...items].sort((left, right) => compareText(keyOf(left), keyOf(right)));
}

/** A new list of strings in code-unit order. */
export function sortedText(items: Iterable<string>): string[] {
  return [...items].sort(compareText);
}
