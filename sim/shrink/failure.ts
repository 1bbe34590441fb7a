import type { Violation } from "../result.ts";
import type { TimelessResult } from "../run.ts";

/**
 * Invariants whose detail says what broke: that services do not converge may have many
 * causes, while two leaders in one term are two leaders.
 */
const vague = new Set(["converges", "availability", "always", "assertion", "exception"]);

/** What a failure is, whichever machines, tasks and moments it happened to. */
export function failureOf({ invariant, detail }: Violation): string {
  return vague.has(invariant) ? `${invariant}: ${withoutNames(detail)}` : invariant;
}

/** True when a run broke what another one broke, in the same way. */
export function failsAs(result: TimelessResult, failure: string): boolean {
  const [first] = result.violations;
  return first !== undefined && failureOf(first) === failure;
}

function withoutNames(detail: string): string {
  return detail
    .replace(/\b[0-9a-z]{20,}\b/g, "ID")
    .replace(/\b[\w-]+\.\d+\b/g, "TASK")
    .replace(/\d+(\.\d+)?/g, "N");
}
