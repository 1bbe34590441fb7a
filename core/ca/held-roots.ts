import type { Root } from "../model/certificate.ts";
import { parseToken } from "../model/join-token.ts";

/** Digests of the roots that a node trusts: those that it holds, or that of its token. */
export function trustedIn(roots: readonly Root[], held: string | null): readonly string[] {
  if (roots.length > 0) return roots.map(({ digest }) => digest);
  const token = held === null ? null : parseToken(held);
  return token === null ? [] : [token.digest];
}

/** Whether they are the same, in the same order. */
export function isSame(left: readonly Root[], right: readonly Root[]): boolean {
  if (left.length !== right.length) return false;
  return left.every(({ digest }, at) => digest === right[at]?.digest);
}
