/** True when two plain values (null, boolean, number, string, list, object, Map) hold the same. */
export function isEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object") return false;
  if (left === null || right === null) return false;
  if (left instanceof Map || right instanceof Map) return areMapsEqual(left, right);
  if (Array.isArray(left) || Array.isArray(right)) return areListsEqual(left, right);
  const [before, after] = [fieldsOf(left), fieldsOf(right)];
  const names = Object.keys(before);
  if (names.length !== Object.keys(after).length) return false;
  for (const name of names) {
    if (!(name in after && isEqual(before[name], after[name]))) return false;
  }
  return true;
}

function areListsEqual(left: unknown, right: unknown): boolean {
  if (!(Array.isArray(left) && Array.isArray(right)) || left.length !== right.length) return false;
  for (let at = 0; at < left.length; at += 1) if (!isEqual(left[at], right[at])) return false;
  return true;
}

function fieldsOf(value: object): Readonly<Record<string, unknown>> {
  return value as Readonly<Record<string, unknown>>;
}

/** Keys are texts or numbers. */
function areMapsEqual(left: object, right: object): boolean {
  if (!(left instanceof Map && right instanceof Map) || left.size !== right.size) return false;
  for (const [key, value] of left) {
    if (!(right.has(key) && isEqual(value, right.get(key)))) return false;
  }
  return true;
}
