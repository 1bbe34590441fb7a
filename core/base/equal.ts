/** True when two plain values (null, boolean, number, string, list, object, Map) hold the same. */
export function isEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object") return false;
  if (left === null || right === null) return false;
  if (left instanceof Map || right instanceof Map) return areMapsEqual(left, right);
  const [before, after] = [fieldsOf(left), fieldsOf(right)];
  const names = Object.keys(before);
  return (
    Array.isArray(left) === Array.isArray(right) &&
    names.length === Object.keys(after).length &&
    names.every((name) => name in after && isEqual(before[name], after[name]))
  );
}

function fieldsOf(value: object): Readonly<Record<string, unknown>> {
  return value as Readonly<Record<string, unknown>>;
}

/** Keys are texts or numbers. */
function areMapsEqual(left: object, right: object): boolean {
  if (!(left instanceof Map && right instanceof Map) || left.size !== right.size) return false;
  return [...left].every(([key, value]) => right.has(key) && isEqual(value, right.get(key)));
}
