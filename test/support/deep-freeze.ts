/**
 * Makes a plain value and all that it holds immutable: who writes to it later throws. Maps and sets
 * keep their contents outside of their properties, so their methods are closed.
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Map) {
    for (const [key, item] of value) {
      deepFreeze(key);
      deepFreeze(item);
    }
  }
  if (value instanceof Map || value instanceof Set) close(value);
  Object.freeze(value);
  for (const item of Object.values(value)) deepFreeze(item);
  return value;
}

function close(collection: object): void {
  const refuse = (): never => {
    throw new TypeError("this collection was sent: it is immutable");
  };
  for (const method of ["set", "add", "delete", "clear"]) {
    Object.defineProperty(collection, method, { value: refuse });
  }
}
