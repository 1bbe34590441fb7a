/** A broken invariant: a bug of ours, never a fault of the world. Only a host catches it. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** Throws `AssertionError` with `invariant` when `condition` is false. Stays on in production. */
export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new AssertionError(invariant);
}

/** Closes a `switch` over a union: adding a case elsewhere becomes a compile error here. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${String(value)}`);
}
