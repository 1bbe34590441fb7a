import type { Operation } from "../../../sim/checkers/linearizability.ts";
import type { RegisterInput, RegisterOutput, RegisterValue } from "./register-model.ts";

// Histories of registers, drawn as lines: `a |--write 1--|` becomes `write("x", 1, [0, 5])`.

export type RegisterOperation = Operation<RegisterInput, RegisterOutput>;
/** When it was asked and answered; only a beginning when nothing is known of its outcome. */
export type Span = readonly [number, number] | readonly [number];

function operation(
  input: RegisterInput,
  output: RegisterOutput,
  [invokedAt, returnedAt]: Span,
): RegisterOperation {
  const process = invokedAt;
  if (returnedAt === undefined) {
    return { process, input, output: null, invokedAt, returnedAt: null };
  }
  return { process, input, output, invokedAt, returnedAt };
}

export function write(key: string, value: RegisterValue, span: Span): RegisterOperation {
  return operation({ kind: "write", key, value }, { kind: "ok" }, span);
}

export function read(key: string, value: RegisterValue, span: Span): RegisterOperation {
  return operation({ kind: "read", key }, { kind: "read", value }, span);
}

export function cas(
  key: string,
  [from, to]: readonly [RegisterValue, RegisterValue],
  kind: "ok" | "failed",
  span: Span,
): RegisterOperation {
  return operation({ kind: "cas", key, from, to }, { kind }, span);
}
