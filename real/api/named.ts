/**
 * The objects that people mean by `name`: the one with this id; else those with this name; else
 * those whose id begins so (moby `daemon/cluster/helpers.go`).
 */
export function named<T extends { readonly id: string }>(
  objects: readonly T[],
  name: string,
  nameOf: (object: T) => string,
): readonly T[] {
  const byId = objects.filter(({ id }) => id === name);
  if (byId.length > 0) return byId;
  const byName = objects.filter((each) => nameOf(each) === name);
  return byName.length > 0 ? byName : objects.filter(({ id }) => id.startsWith(name));
}
