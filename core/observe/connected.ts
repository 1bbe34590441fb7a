/**
 * The groups of those that reach one another, maybe by way of others; the largest first, and in
 * each group its members in the order in which they are reached.
 */
export function connectedGroups<T>(all: Iterable<T>, isOpen: (one: T, other: T) => boolean): T[][] {
  const left = new Set(all);
  const groups: T[][] = [];
  for (const start of left) {
    left.delete(start);
    const group = [start];
    for (const node of group) {
      for (const other of left) {
        if (!isOpen(node, other)) continue;
        left.delete(other);
        group.push(other);
      }
    }
    groups.push(group);
  }
  return groups.sort((one, other) => other.length - one.length);
}
